//! Upgrades told as stories: a project is made, its owner does something, the template set learns something.

mod bytes;
mod conflicts;
mod git;
mod kinds;
mod modes;
mod policies;
mod quiet;
mod renames;
mod state;
mod story;
mod table;
mod undo;

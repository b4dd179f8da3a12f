//! Upgrades told as stories: a project is made, its owner does something, the template set learns something.

mod answers;
mod bytes;
mod conflicts;
mod format;
mod git;
mod kinds;
mod links;
mod modes;
mod places;
mod policies;
mod properties;
mod quiet;
mod refusals;
mod renames;
mod reports;
mod state;
mod story;
mod styles;
mod table;
mod undo;

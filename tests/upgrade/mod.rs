//! Upgrades told as stories: a project is made, its owner does something, the template set learns something.

mod bytes;
mod story;
mod table;

//! `.tac/`: what a project remembers of how it was made, and the project as it is on disk.

mod condition;
mod open;
mod ours;
mod state;
mod tac;

pub use condition::{Condition, Unresolved, conditions, unresolved};
pub use open::{Project, root};
pub use ours::{look, others, read};
pub use state::{Before, Left, State, Templates};
pub use tac::{base, offered, tac_folder};

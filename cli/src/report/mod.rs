//! What was done, or would be, for a person and for a program.

mod adopt;
mod new;
mod origin;
mod upgrade;

pub use adopt::Adoption;
pub use new::{Report, Status};
pub use origin::{Origin, Owner, Ownership};
pub use upgrade::{Outcome, Story, word};

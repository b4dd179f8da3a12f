//! What was done, or would be, for a person and for a program.

mod new;
mod upgrade;

pub use new::{Report, Status};
pub use upgrade::{Outcome, Story};

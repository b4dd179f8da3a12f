//! Changes to an existing project are made all or none, and can be undone, whatever fails and whenever.

mod faults;
mod faulty;
mod sample;
mod undo;

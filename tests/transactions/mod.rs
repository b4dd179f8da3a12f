//! Changes to an existing project are made all or none, and can be undone, whatever fails and whenever.

mod faults;
mod faulty;
mod generated;
mod model;
mod power;
mod sample;
mod undo;

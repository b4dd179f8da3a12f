//! Changes to an existing project are made all or none, and can be undone, whatever fails and whenever.

mod edited;
mod faults;

mod generated;
mod home;
mod hostile;
mod kills;
mod links;
mod locks;
mod model;
mod modes;
mod mounts;
mod power;
mod records;
pub mod sample;
pub mod watched;

//! What takes minutes: generated projects are built, tested, run and attacked.
//!
//! One at a time, whatever `--test-threads` says: they share one warm target directory.

// `allow-unwrap-in-tests` sees `#[test]` functions only, not what they call.
#![allow(clippy::unwrap_used)]

mod browser;
mod chance;
mod client;
mod conformance;
mod dashboard;
mod database;
mod devtools;
mod durable;
mod full_disk;
mod generated;
mod heard;
mod how_to_use;
mod killed;
mod killed_workflows;
#[path = "../mount.rs"]
mod mount;
#[path = "../option_sets.rs"]
mod option_sets;
mod packaged;
mod pages;
mod project;
mod routes;
mod service;
mod tour;
mod upgrades;
mod work;

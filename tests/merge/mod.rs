//! The three-way merge of a file.

pub mod cases;
mod git;
mod laws;
mod rust;
mod rust_laws;
mod text;
mod toml;
mod toml_laws;

use tac_bootstrap::merge::{Conflict, Labels, Merged, Sides, merge};
use tac_bootstrap::tree::RelPath;

pub const LABELS: Labels = Labels {
    ours: "ours: your file",
    base: "base: v1",
    theirs: "theirs: v2",
};

pub fn path(path: &str) -> RelPath {
    RelPath::try_from(path).unwrap()
}

pub fn merged(name: &str, base: &[u8], ours: &[u8], theirs: &[u8]) -> Merged {
    merge(&path(name), &Sides { base, ours, theirs })
}

/// The merged text, which must be without a conflict.
pub fn clean(name: &str, base: &str, ours: &str, theirs: &str) -> String {
    match merged(name, base.as_bytes(), ours.as_bytes(), theirs.as_bytes()) {
        Merged::Clean(bytes) => String::from_utf8(bytes).unwrap(),
        Merged::Conflict(conflict) => panic!("{:?}\n{}", conflict.reason(), shown(&conflict)),
    }
}

pub fn conflict(name: &str, base: &[u8], ours: &[u8], theirs: &[u8]) -> Conflict {
    match merged(name, base, ours, theirs) {
        Merged::Clean(bytes) => panic!("merged to {}", bytes.escape_ascii()),
        Merged::Conflict(conflict) => conflict,
    }
}

/// The conflict as text with markers.
pub fn shown(conflict: &Conflict) -> String {
    let text = conflict.inline(&LABELS).unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

/// The text with markers that a merge with conflicts leaves.
pub fn conflicting(name: &str, base: &str, ours: &str, theirs: &str) -> String {
    shown(&conflict(
        name,
        base.as_bytes(),
        ours.as_bytes(),
        theirs.as_bytes(),
    ))
}

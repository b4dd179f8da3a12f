//! `.tac/` as files.

use super::State;
use crate::templates::names;
use crate::tree::{File, RelPath, Tree};

/// Everything under `.tac/` that is committed: the state, the rendered files as the base of later merges, and those
/// that are offered beside the user's own.
pub fn tac_folder(state: &State, rendered: &Tree) -> Tree {
    let mut tree = Tree::new();
    tree.insert(path("tac.toml"), File::text(state.to_toml()));
    tree.insert(path(".gitattributes"), File::text("* -text\n"));
    // An ignore rule of a folder above hides nothing here.
    let ignored = "!*\n/lock\n/journal\n/undo\n";
    tree.insert(path(".gitignore"), File::text(ignored));
    for (of, file) in rendered {
        // A link is kept as a file that holds its target, and no file as a program: nothing in `.tac/` is used by itself.
        let copy = File::Regular {
            bytes: file.bytes().to_vec(),
            executable: false,
        };
        let is_kept = state.kept.contains(of);
        let at = if is_kept { offered(of) } else { base(of) };
        tree.insert(at, copy);
    }
    tree
}

/// Where the copy of a generated file lies.
pub fn base(of: &RelPath) -> RelPath {
    path(&format!("base/{}", safe_name(of)))
}

/// Where the file lies that would have been generated at the place of the user's own.
pub fn offered(of: &RelPath) -> RelPath {
    path(&format!("offered/{}", safe_name(of)))
}

fn path(below: &str) -> RelPath {
    RelPath::try_from(format!(".tac/{below}")).expect("a safe name in a folder of ours is a path")
}

/// No tool takes a file of that name for one of its own (`dot_gitignore`, `Cargo.toml_`).
fn safe_name(path: &RelPath) -> String {
    let name = names::encode(path);
    let last = name.rsplit('/').next().unwrap_or(&name);
    let is_manifest = last.trim_end_matches('_') == "Cargo.toml";
    if is_manifest { name + "_" } else { name }
}

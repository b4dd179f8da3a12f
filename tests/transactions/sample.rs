//! A small project, and changes of every kind.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use tac_bootstrap::interrupt::Interrupt;
use tac_bootstrap::transaction::{self, Bits, Change, Disk, Found, Label, Lock};
use tac_bootstrap::tree::{File, RelPath};
use tempfile::TempDir;

use super::model::Model;

/// Every path with what is there, but for records and the lock.
pub type State = BTreeMap<String, Found>;

/// A folder in memory where there is one.
pub fn folder() -> TempDir {
    let memory = PathBuf::from("/dev/shm");
    let place = if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    };
    TempDir::new_in(place).unwrap()
}

pub fn state(disk: &impl Disk) -> State {
    let mut state = State::new();
    read(disk, "", &mut state);
    state
}

fn read(disk: &impl Disk, folder: &str, state: &mut State) {
    for name in disk.list(folder).unwrap() {
        let path = if folder.is_empty() {
            name
        } else {
            format!("{folder}/{name}")
        };
        if [".tac/undo", ".tac/lock"].contains(&path.as_str()) {
            continue;
        }
        let found = disk.look(&path).unwrap().unwrap();
        if let Found::Folder { .. } = found {
            read(disk, &path, state);
        }
        state.insert(path, found);
    }
}

pub fn assert_same(is: &State, wanted: &State, place: &str) {
    let paths: BTreeSet<&String> = is.keys().chain(wanted.keys()).collect();
    for path in paths {
        assert_eq!(is.get(path), wanted.get(path), "{place}: {path}");
    }
}

/// The names in `.tac/undo`.
pub fn kept(disk: &impl Disk) -> Vec<String> {
    match disk.look(".tac/undo").unwrap() {
        Some(_) => disk.list(".tac/undo").unwrap(),
        None => Vec::new(),
    }
}

pub fn path(path: &str) -> RelPath {
    path.try_into().unwrap()
}

pub fn link(target: &str) -> File {
    File::Link {
        target: target.into(),
    }
}

pub fn program(text: &str) -> File {
    File::Regular {
        bytes: text.into(),
        executable: true,
    }
}

pub fn label() -> Label {
    Label {
        command: "upgrade".into(),
        from: "0.1.0".into(),
        to: "0.2.0".into(),
    }
}

/// Makes the folders above `path` as well.
pub fn write(disk: &impl Disk, path: &str, file: &File, mode: u32) {
    for (end, _) in path.match_indices('/') {
        disk.make_folder(&path[..end], None).unwrap();
    }
    disk.write(path, file, Some(Bits::new(mode))).unwrap();
}

/// The project before.
pub fn begin(disk: &impl Disk) {
    for (path, text, mode) in [
        (".tac/tac.toml", "version = 1", 0o644),
        (".tac/base/README.md", "old", 0o644),
        ("README.md", "old", 0o644),
        ("secret.env", "PASSWORD=old", 0o600),
        ("start.sh", "old", 0o640),
        ("unchanged.rs", "mine", 0o644),
        ("gone/deep/one.rs", "one", 0o640),
        ("gone/two.rs", "two", 0o444),
        ("left/ours.rs", "ours", 0o644),
        ("left/mine.rs", "mine", 0o600),
        ("was_file", "a file", 0o644),
        ("was_folder/in/it.rs", "in it", 0o755),
        ("becomes_link", "a file", 0o604),
        ("folder_to_link/in/it.rs", "in it", 0o644),
    ] {
        write(disk, path, &File::text(text), mode);
    }
    disk.make_folder("gone/deep", Some(Bits::new(0o750)))
        .unwrap();
    write(disk, "link", &link("README.md"), 0o777);
    write(disk, "link_to_folder", &link("left"), 0o777);
}

/// What is to be different after.
pub fn changes() -> Vec<Change> {
    let text = |text: &str| Some(File::text(text));
    [
        (".tac/tac.toml", text("version = 1"), text("version = 2")),
        (".tac/base/README.md", text("old"), text("new")),
        (".tac/base/new.rs", None, text("new")),
        ("README.md", text("old"), text("new")),
        (
            "secret.env",
            text("PASSWORD=old"),
            text("PASSWORD=old\nPORT=1"),
        ),
        ("start.sh", text("old"), Some(program("new"))),
        ("gone/deep/one.rs", text("one"), None),
        ("gone/two.rs", text("two"), None),
        ("left/ours.rs", text("ours"), None),
        ("was_file", text("a file"), None),
        ("was_file/now/a_folder.rs", None, text("new")),
        ("was_folder/in/it.rs", Some(program("in it")), None),
        ("was_folder", None, text("a file now")),
        ("becomes_link", text("a file"), Some(link("README.md"))),
        ("link", Some(link("README.md")), Some(link("start.sh"))),
        ("new/folder/new.rs", None, text("new")),
        ("link_to_folder", Some(link("left")), None),
        ("link_to_folder/ours.rs", None, text("new")),
        ("folder_to_link/in/it.rs", text("in it"), None),
        ("folder_to_link", None, Some(link("left"))),
    ]
    .map(|(name, before, after)| Change {
        path: path(name),
        before,
        after,
        moved_from: None,
    })
    .into()
}

pub fn apply<D: Disk>(lock: &Lock<D>, changes: &[Change]) -> tac_bootstrap::Result<()> {
    transaction::apply(lock, &label(), changes, &Interrupt::default())
}

/// What `before` is like, and what becomes of a copy of it.
pub fn both_states(before: &Model, changes: &[Change]) -> (State, State) {
    let after = before.copy();
    apply(&Lock::alone(after.clone(), "upgrade"), changes).unwrap();
    (state(before), state(&after))
}

//! Projects: every path with what each side has there.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use tac_bootstrap::templates::Policy;
use tac_bootstrap::tree::{File, Tree};

use super::edits::{Edit, Whose, edited, edits, numbers};
use crate::fixture::path;

/// Some of these cannot be there at once: one is the folder of the other.
pub const PATHS: [&str; 9] = [
    "a.txt",
    "b.toml",
    "c.rs",
    "in/Cargo.lock",
    "in/d.txt",
    "in/e.bin",
    "x",
    "x/f.txt",
    "x/deep/g.rs",
];

/// What one side made of a file.
#[derive(Debug, Clone)]
pub enum Made {
    Nothing,
    Edits(Vec<Edit>),
    /// Something that has nothing to do with it.
    Another(Vec<u8>),
    Gone,
    Link(u8),
    Executable,
}

/// One path of a project.
#[derive(Debug, Clone)]
pub struct Place {
    pub path: &'static str,
    /// The numbers of its lines.
    pub base: Option<Vec<u8>>,
    pub ours: Made,
    pub theirs: Made,
    /// What a third version of the set makes of it.
    pub later: Made,
    pub policy: Policy,
}

impl Place {
    pub fn base(&self) -> Option<File> {
        self.version(Whose::Base, &Made::Nothing)
    }

    pub fn ours(&self) -> Option<File> {
        self.version(Whose::Mine, &self.ours)
    }

    pub fn theirs(&self) -> Option<File> {
        self.version(Whose::Theirs, &self.theirs)
    }

    pub fn later(&self) -> Option<File> {
        self.version(Whose::Theirs, &self.later)
    }

    fn version(&self, whose: Whose, made: &Made) -> Option<File> {
        let text = |numbers: &[u8], whose, edits: &[Edit]| {
            let mut bytes = edited(self.path, numbers, whose, edits);
            if self.path == "in/e.bin" {
                bytes.insert(0, 0);
            }
            File::Regular {
                bytes,
                executable: false,
            }
        };
        let base = self.base.as_deref();
        match made {
            Made::Nothing => base.map(|base| text(base, Whose::Base, &[])),
            Made::Edits(edits) => base.map(|base| text(base, whose, edits)),
            Made::Gone => None,
            Made::Another(numbers) => Some(text(
                &[],
                whose,
                &numbers
                    .iter()
                    .map(|n| Edit::Insert(99, *n))
                    .collect::<Vec<_>>(),
            )),
            Made::Link(number) => Some(File::Link {
                target: format!("target{number}"),
            }),
            Made::Executable => base.map(|base| File::Regular {
                bytes: text(base, Whose::Base, &[]).bytes().to_vec(),
                executable: true,
            }),
        }
    }
}

fn made() -> impl Strategy<Value = Made> {
    prop_oneof![
        5 => Just(Made::Nothing),
        8 => edits().prop_map(Made::Edits),
        1 => vec(0..5u8, 0..4).prop_map(Made::Another),
        2 => Just(Made::Gone),
        1 => (0..2u8).prop_map(Made::Link),
        1 => Just(Made::Executable),
    ]
}

/// A file that is written once never gives way to a folder.
fn policy(path: &str) -> impl Strategy<Value = Policy> {
    let once = u32::from(!path.starts_with('x'));
    prop_oneof![8 => Just(Policy::Merge), once => Just(Policy::Once), 1 => Just(Policy::Own)]
}

/// Any versions of the file at `path`.
pub fn place(path: &'static str) -> impl Strategy<Value = Place> {
    let base = option::weighted(0.8, numbers());
    (base, made(), made(), made(), policy(path)).prop_map(
        move |(base, ours, theirs, later, policy)| Place {
            path,
            base,
            ours,
            theirs,
            later,
            policy,
        },
    )
}

/// Some of the paths, each with all of its versions.
pub fn places() -> impl Strategy<Value = Vec<Place>> {
    proptest::sample::subsequence(PATHS.to_vec(), 1..6)
        .prop_flat_map(|paths| paths.into_iter().map(place).collect::<Vec<_>>())
}

/// Of every place the version that `of` tells; a path that lies in another, which is a file, is left out.
pub fn tree(places: &[Place], of: impl Fn(&Place) -> Option<File>) -> Tree {
    let mut tree = Tree::new();
    for place in places {
        let at = path(place.path);
        let is_free = !at.folders().any(|above| tree.contains_key(&above));
        if let Some(file) = of(place).filter(|_| is_free) {
            tree.insert(at, file);
        }
    }
    tree
}

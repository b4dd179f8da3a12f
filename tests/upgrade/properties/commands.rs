//! Properties of what is written, on real folders in memory: the plan is carried out as one transaction, and undone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use proptest::prelude::*;
use tac_bootstrap::interrupt::Interrupt;
use tac_bootstrap::merge::Side;
use tac_bootstrap::plan::{Broken, Plan, Style};
use tac_bootstrap::project::{Before, Project, State, tac_folder};
use tac_bootstrap::render::Choices;
use tac_bootstrap::templates::{Policy, TemplateSet};
use tac_bootstrap::transaction::{Label, Lock, apply, undo};
use tac_bootstrap::tree::{File, RelPath, Tree};
use tac_bootstrap::upgrade::{Upgrade, prepare};

use super::trees::{Place, places, tree};
use crate::fixture::path;
use crate::merge::cases::{cases, config};
use crate::transactions::sample::folder;

const MODES: [u32; 4] = [0o644, 0o600, 0o640, 0o444];

fn style() -> impl Strategy<Value = Style> {
    prop_oneof![
        Just(Style::Inline),
        Just(Style::Sidecar),
        Just(Style::Take(Side::Ours)),
        Just(Style::Take(Side::Theirs)),
    ]
}

proptest! {
    #![proptest_config(config(cases(2_000)))]

    #[test]
    fn what_is_told_is_done_and_undone(places in places(), style in style(), modes in any::<u8>()) {
        let folder = folder();
        let root = folder.path();
        let Some(sets) = Sets::new(&places) else { return Ok(()) };
        write(root, &tree(&places, Place::ours), modes);
        write(root, &tac(&sets.before), 0);
        let before = seen(root);

        // The dry run.
        let told = planned(root, &sets.after, style);
        prop_assert_eq!(&seen(root), &before);

        let upgrade = planned(root, &sets.after, style);
        prop_assert_eq!(&upgrade.plan, &told.plan);
        prop_assert_eq!(&upgrade.changes, &told.changes);
        let mut expected: BTreeMap<RelPath, File> = files(&before);
        for change in &told.changes {
            match &change.after {
                Some(file) => drop(expected.insert(change.path.clone(), file.clone())),
                None => drop(expected.remove(&change.path)),
            }
        }
        carry_out(root, &upgrade);
        let after = seen(root);
        prop_assert_eq!(files(&after), expected);

        // A second upgrade, as soon as nobody has to decide anything.
        let again = planned(root, &sets.after, style);
        if upgrade.state.conflicts.is_empty() {
            prop_assert_eq!(&again.changes, &[]);
        }
        let outside = again.changes.iter().find(|change| !change.path.is_reserved());
        prop_assert_eq!(outside, None);

        if !upgrade.changes.is_empty() {
            let lock = Lock::take(root, "undo").unwrap();
            let undone = undo(&lock).unwrap().unwrap();
            prop_assert_eq!(undone.saved, []);
            prop_assert_eq!(seen(root), before);
        }
    }

    #[test]
    fn an_untouched_project_is_as_if_it_were_new(places in places(), style in style()) {
        let folder = folder();
        let root = folder.path();
        let merged: Vec<Place> = places.into_iter().map(|place| Place { policy: Policy::Merge, ..place }).collect();
        let Some(sets) = Sets::new(&merged) else { return Ok(()) };
        write(root, &tree(&merged, Place::base), 0);
        write(root, &tac(&sets.before), 0);
        carry_out(root, &planned(root, &sets.after, style));

        let mut new = tree(&merged, Place::theirs);
        new.extend(tac(&sets.after));
        prop_assert_eq!(files(&seen(root)), new);

        // To turn an option on and off again is to change the set and to change it back.
        carry_out(root, &planned(root, &sets.before, style));
        let mut old = tree(&merged, Place::base);
        old.extend(tac(&sets.before));
        prop_assert_eq!(files(&seen(root)), old);
    }
}

/// The version that the project was made from, and the next one.
struct Sets {
    before: TemplateSet,
    after: TemplateSet,
}

impl Sets {
    /// None where one of them would be empty.
    fn new(places: &[Place]) -> Option<Self> {
        let set = |of: &dyn Fn(&Place) -> Option<File>, version| {
            let files = tree(places, of);
            let mut manifest = format!("name = \"generated\"\nversion = \"{version}\"\n");
            for place in places.iter().filter(|place| files.contains_key(place.path)) {
                let policy = serde_json::to_string(&place.policy).unwrap();
                manifest += &format!("[files.\"{}\"]\npolicy = {policy}\n", place.path);
            }
            let stored = files
                .into_iter()
                .map(|(at, file)| (path(&format!("files/{at}")), file));
            let mut stored: Tree = stored.collect();
            (!stored.is_empty()).then(|| {
                stored.insert(path("set.toml"), File::text(manifest));
                TemplateSet::new(&stored).unwrap()
            })
        };
        Some(Self {
            before: set(&Place::base, 1)?,
            after: set(&Place::theirs, 2)?,
        })
    }
}

fn choices() -> Choices {
    Choices {
        answers: BTreeMap::new(),
        options: BTreeSet::new(),
    }
}

/// What a project of that set remembers.
fn tac(set: &TemplateSet) -> Tree {
    let rendered = tac_bootstrap::render::render(set, &choices()).unwrap();
    let nothing = BTreeSet::new();
    let before = Before {
        kept: &nothing,
        stale: &nothing,
    };
    let state = State::new(set, &choices(), &rendered, &Plan::default(), before);
    tac_folder(&state, &rendered)
}

fn planned(root: &Path, set: &TemplateSet, style: Style) -> Upgrade {
    let project = Project::open(root).unwrap();
    prepare(project, set, &choices(), style, Broken::default()).unwrap()
}

fn carry_out(root: &Path, upgrade: &Upgrade) {
    let lock = Lock::take(root, "upgrade").unwrap();
    let label = Label {
        command: "upgrade".to_owned(),
        from: "1".to_owned(),
        to: "2".to_owned(),
    };
    apply(&lock, &label, &upgrade.changes, &Interrupt::default()).unwrap();
}

/// The modes go round with the files.
fn write(root: &Path, tree: &Tree, first: u8) {
    for (count, (at, file)) in tree.iter().enumerate() {
        let to = root.join(at.as_str());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        match file {
            File::Link { target } => symlink(target, to).unwrap(),
            File::Regular { bytes, executable } => {
                fs::write(&to, bytes).unwrap();
                let mode = MODES[(usize::from(first) + count) % MODES.len()];
                let mode = if *executable { mode | 0o100 } else { mode };
                fs::set_permissions(to, Permissions::from_mode(mode)).unwrap();
            }
        }
    }
}

/// What is at each path, folders left out, with its bits; but for what only transactions write.
fn seen(root: &Path) -> BTreeMap<RelPath, (File, u32)> {
    let own = [".tac/lock", ".tac/undo", ".tac/journal"];
    let tree = tac_bootstrap::disk::read(root, |at| !own.contains(&at.as_str())).unwrap();
    let bits = |at: &RelPath| {
        let found = root.join(at.as_str()).symlink_metadata().unwrap();
        found.permissions().mode()
    };
    tree.into_iter()
        .map(|(at, file)| (at.clone(), (file, bits(&at))))
        .collect()
}

fn files(seen: &BTreeMap<RelPath, (File, u32)>) -> BTreeMap<RelPath, File> {
    seen.iter()
        .map(|(at, (file, _))| (at.clone(), file.clone()))
        .collect()
}

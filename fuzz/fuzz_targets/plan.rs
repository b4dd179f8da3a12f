//! `plan` never panics, gives the obvious verdicts, and takes nothing away that the user wrote.

#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tac_bootstrap::merge::Side;
use tac_bootstrap::plan::{Effect, Ours, Plan, Rules, Style, There, Verdict, Versions, plan};
use tac_bootstrap::templates::Policy;
use tac_bootstrap::tree::{File, RelPath, Tree};

/// What there is at each of [`PATHS`], and what rules the plan.
#[derive(Debug, Arbitrary)]
struct Input {
    places: [Place; PATHS.len()],
    moves: Vec<(u8, u8)>,
    style: Choice,
}

#[derive(Debug, Arbitrary)]
struct Place {
    base: Option<Contents>,
    ours: Option<Contents>,
    theirs: Option<Contents>,
    policy: Choice,
    kept: bool,
}

#[derive(Debug, Arbitrary)]
struct Contents {
    lines: u8,
    kind: Choice,
}

#[derive(Debug, Arbitrary)]
enum Choice {
    First,
    Second,
    Third,
    Fourth,
}

/// Some are folders of others.
const PATHS: [&str; 9] = [
    "a.rs",
    "a.toml",
    "b.txt",
    "d",
    "d/b.txt",
    "d/e",
    "d/e/c.txt",
    "Cargo.lock",
    "z.txt",
];

fuzz_target!(|input: Input| {
    let tree = |version: fn(&Place) -> &Option<Contents>| {
        let mut tree = Tree::new();
        for (name, place) in PATHS.iter().zip(&input.places) {
            if let Some(contents) = version(place)
                && !tree.keys().any(|above: &RelPath| is_below(name, above))
            {
                tree.insert(path(name), contents.file());
            }
        }
        tree
    };
    let (base, disk, theirs) = (
        tree(|it| &it.base),
        tree(|it| &it.ours),
        tree(|it| &it.theirs),
    );
    let generated: BTreeSet<&RelPath> = base.keys().chain(theirs.keys()).collect();
    let looked = |path: &&RelPath| Some(((*path).clone(), look(&disk, path)?));
    let ours: Ours = generated.iter().filter_map(looked).collect();
    let others = disk.iter().filter(|(path, _)| !generated.contains(path));
    let others: Tree = others
        .map(|(path, file)| (path.clone(), file.clone()))
        .collect();
    let versions = Versions {
        base: &base,
        ours: &ours,
        theirs: &theirs,
        others: &others,
    };
    let plan = plan(&versions, &rules(&input, &base));

    for (path, step) in &plan.0 {
        let (base, ours, theirs) = (base.get(path), disk.get(path), theirs.get(path));
        if step.from.is_none() && (ours == theirs && ours.is_some() || base == theirs) {
            assert_eq!(step.effect, Effect::Nothing, "{path}: {step:?}");
        }
        if let Some(ours) = ours.filter(|ours| Some(*ours) != base)
            && step.from.is_none()
        {
            let may_write = matches!(
                step.verdict,
                Verdict::Merge | Verdict::Conflict(..) | Verdict::Decided(_)
            );
            let stays = match &step.effect {
                Effect::Nothing => true,
                Effect::Write(file) => may_write || file == ours,
                Effect::Remove => false,
            };
            assert!(stays, "{path}: {step:?}");
        }
    }
    is_a_tree(&carried_out(&plan, disk));
});

fn rules(input: &Input, base: &Tree) -> Rules {
    let places = || PATHS.iter().zip(&input.places);
    let policy = |(name, place): (&&str, &Place)| match place.policy {
        Choice::First | Choice::Second => None,
        Choice::Third => Some((path(name), Policy::Once)),
        Choice::Fourth => Some((path(name), Policy::Own)),
    };
    let kept = places().filter(|(name, place)| place.kept && !base.contains_key(**name));
    let name = |number: u8| path(PATHS[usize::from(number) % PATHS.len()]);
    Rules {
        policies: places().filter_map(policy).collect(),
        moves: input
            .moves
            .iter()
            .map(|(to, from)| (name(*to), name(*from)))
            .collect(),
        kept: kept.map(|(name, _)| path(name)).collect(),
        style: match input.style {
            Choice::First => Style::Inline,
            Choice::Second => Style::Sidecar,
            Choice::Third => Style::Take(Side::Ours),
            Choice::Fourth => Style::Take(Side::Theirs),
        },
        ..Rules::default()
    }
}

impl Contents {
    /// Lines by their bits; one of four kinds.
    fn file(&self) -> File {
        let lines = (0..8).filter(|bit| self.lines >> bit & 1 == 1);
        let text: String = lines.map(|bit| format!("k{bit} = {bit}\n")).collect();
        match self.kind {
            Choice::First => File::text(text),
            Choice::Second => File::Regular {
                bytes: text.into(),
                executable: true,
            },
            Choice::Third => File::text(format!("{text}\0")),
            Choice::Fourth => File::Link {
                target: format!("to-{}", self.lines),
            },
        }
    }
}

/// As a project is looked at on disk.
fn look(disk: &Tree, path: &RelPath) -> Option<There> {
    if let Some(file) = disk.get(path) {
        return Some(There::File(file.clone()));
    }
    if let Some(above) = path.folders().find(|above| disk.contains_key(above)) {
        return Some(There::Behind(above));
    }
    let below = disk.keys().filter(|below| is_below(below.as_str(), path));
    let below: BTreeSet<RelPath> = below.cloned().collect();
    (!below.is_empty()).then_some(There::Folder(below))
}

/// Removals first, as a transaction makes them.
fn carried_out(plan: &Plan, mut disk: Tree) -> Tree {
    let mut written = BTreeMap::new();
    for (path, step) in &plan.0 {
        match (&step.effect, &step.from) {
            (Effect::Remove, _) => drop(disk.remove(path)),
            (Effect::Write(file), _) => drop(written.insert(path.clone(), file.clone())),
            (Effect::Nothing, _) => {}
        }
        if let Some(from) = step.from.as_ref().filter(|_| step.leaves) {
            disk.remove(from);
        }
        written.extend(step.sidecar.clone());
    }
    disk.extend(written);
    disk
}

/// No file lies below another one.
fn is_a_tree(tree: &Tree) {
    for path in tree.keys() {
        let above = path.folders().find(|above| tree.contains_key(above));
        assert_eq!(above, None, "above {path}");
    }
}

fn is_below(path: &str, above: &RelPath) -> bool {
    let below = path.strip_prefix(above.as_str());
    below.is_some_and(|below| below.starts_with('/'))
}

fn path(name: &str) -> RelPath {
    RelPath::try_from(name).expect("a plain name")
}

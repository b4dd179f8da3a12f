//! Properties of the plan, carried out in memory.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use tac_bootstrap::merge::{Merged, Side, Sides, merge};
use tac_bootstrap::plan::{Plan, Rules, Style, Verdict};
use tac_bootstrap::templates::Policy;
use tac_bootstrap::tree::{File, RelPath, Tree};

use super::edits::{Whose, line};
use super::memory::{has_conflicts, is_idle, lines, now_at, rules, upgraded};
use super::trees::{PATHS, Place, place, places, tree};
use crate::fixture::path;
use crate::merge::cases::{cases, config};

fn style() -> impl Strategy<Value = Style> {
    prop_oneof![
        Just(Style::Inline),
        Just(Style::Sidecar),
        Just(Style::Take(Side::Ours))
    ]
}

proptest! {
    #![proptest_config(config(cases(2_000)))]

    #[test]
    fn an_untouched_project_becomes_what_the_new_version_makes(places in places(), style in style()) {
        let (base, theirs) = (tree(&places, Place::base), tree(&places, Place::theirs));
        let (plan, after) = upgraded(&base, &base, &theirs, &rules(&places, style));
        prop_assert!(!has_conflicts(&plan), "{plan:?}");
        for (at, file) in &theirs {
            let is_users = is_once(&places, at) && base.contains_key(at);
            prop_assert_eq!(after.get(at), Some(if is_users { &base[at] } else { file }));
        }
        let others = after.keys().filter(|at| !theirs.contains_key(*at));
        prop_assert!(others.clone().all(|at| is_once(&places, at)), "{:?}", others.collect::<Vec<_>>());
    }

    #[test]
    fn a_template_that_does_not_move_changes_nothing(places in places(), style in style()) {
        let (base, ours) = (tree(&places, Place::base), tree(&places, Place::ours));
        let (plan, after) = upgraded(&base, &ours, &base, &rules(&places, style));
        prop_assert!(is_idle(&plan), "{plan:?}");
        prop_assert_eq!(after, ours);
    }

    #[test]
    fn a_second_upgrade_changes_nothing(places in places(), style in style()) {
        let [base, ours, theirs] = trees(&places);
        let rules = rules(&places, style);
        let (_, once) = upgraded(&base, &ours, &theirs, &rules);
        let (plan, twice) = upgraded(&theirs, &once, &theirs, &rules);
        prop_assert!(is_idle(&plan), "{plan:?}");
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn untouched_files_do_not_care_how_many_versions_lie_between(places in places()) {
        let [base, ours, theirs] = trees(&places);
        let later = tree(&places, Place::later);
        let rules = rules(&places, Style::Take(Side::Ours));
        let (straight, at_once) = upgraded(&base, &ours, &later, &rules);
        let (first, between) = upgraded(&base, &ours, &theirs, &rules);
        let (second, stepwise) = upgraded(&theirs, &between, &later, &rules);
        for at in untouched(&places, &[&base, &ours, &theirs, &later], &[straight, first, second]) {
            prop_assert_eq!(at_once.get(at), stepwise.get(at), "{}", at);
        }
    }

    #[test]
    fn no_line_of_the_users_is_lost(places in places(), moves in moves(), style in style()) {
        let [base, ours, theirs] = trees(&places);
        let rules = Rules { moves, ..rules(&places, style) };
        let (plan, after) = upgraded(&base, &ours, &theirs, &rules);
        for (at, file) in &ours {
            let to = now_at(&plan, at);
            let now = after.get(to);
            if now == Some(file) {
                continue;
            }
            if base.get(at) == Some(file) {
                // Nobody has edited it: what the template says holds.
                prop_assert_eq!(now, theirs.get(to));
                continue;
            }
            let now = now.ok_or_else(|| TestCaseError::fail(format!("{at} is gone")))?;
            no_line_lost(base.get(at), file, theirs.get(to), now, style)?;
        }
    }

    #[test]
    fn a_renamed_file_loses_no_line(place in place("in/a.txt"), style in style()) {
        let [base, mut ours, theirs] = trees(std::slice::from_ref(&place));
        let Some(file) = ours.remove("in/a.txt") else { return Ok(()) };
        let name = path("in/mine.txt");
        ours.insert(name.clone(), file.clone());
        let (plan, after) = upgraded(&base, &ours, &theirs, &rules(&[], style));
        let is_found = plan.0.contains_key(&name);
        let base = base.get("in/a.txt").filter(|_| is_found);
        no_line_lost(base, &file, theirs.get("in/a.txt"), &after[&name], style)?;
    }

    #[test]
    fn edits_apart_from_the_templates_survive_and_commute(
        kind in prop_oneof![Just("a.txt"), Just("b.toml"), Just("c.rs")],
        mine in apart(), theirs in apart(),
        is_first in any::<bool>(),
    ) {
        let (base, upper, lower) = (stretch(0, &[]), stretch(0, &mine), stretch(10, &theirs));
        let join = |upper: &[Line], lower: &[Line]| text(kind, &[upper, &[(Whose::Base, 8), (Whose::Base, 9)], lower].concat());
        let base_text = join(&base, &stretch(10, &[]));
        let (ours, theirs) = (join(&upper, &stretch(10, &[])), join(&base, &lower));
        let both = join(&upper, &lower);
        let (ours, theirs) = if is_first { (ours, theirs) } else { (theirs, ours) };
        let merged = |ours: &str, theirs: &str| {
            let sides = Sides { base: base_text.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
            match merge(&path(kind), &sides) {
                Merged::Clean(bytes) => String::from_utf8(bytes).unwrap(),
                Merged::Conflict(conflict) => format!("{:?}", conflict.reason()),
            }
        };
        prop_assert_eq!(&merged(&ours, &theirs), &both);
        prop_assert_eq!(&merged(&theirs, &ours), &both);
        let windows = |text: &str| text.replace('\n', "\r\n");
        prop_assert_eq!(merged(&windows(&ours), &theirs), windows(&both));
    }

    #[test]
    fn what_an_option_brings_it_takes_away_again(places in places()) {
        let [base, ours, theirs] = trees(&places);
        let rules = rules(&places, Style::Take(Side::Ours));
        let (add, with) = upgraded(&base, &ours, &theirs, &rules);
        let (remove, back) = upgraded(&theirs, &with, &base, &rules);
        for at in untouched(&places, &[&base, &ours, &theirs], &[add, remove]) {
            prop_assert_eq!(back.get(at), base.get(at), "{}", at);
        }
    }
}

/// What a line is about, and its number.
type Line = (Whose, u8);

fn trees(places: &[Place]) -> [Tree; 3] {
    [
        tree(places, Place::base),
        tree(places, Place::ours),
        tree(places, Place::theirs),
    ]
}

/// The paths at which the user has changed nothing, and put nothing in the way.
fn untouched<'a>(places: &'a [Place], trees: &[&'a Tree], plans: &[Plan]) -> Vec<&'a RelPath> {
    let is_in_the_way = |plan: &Plan, at: &RelPath| {
        plan.0
            .get(at)
            .is_some_and(|step| step.verdict == Verdict::Decided(Side::Ours))
    };
    let is_untouched = |at: &&RelPath| {
        trees[0].get(*at) == trees[1].get(*at)
            && !is_once(places, at)
            && !plans.iter().any(|plan| is_in_the_way(plan, at))
    };
    trees
        .iter()
        .flat_map(|tree| tree.keys())
        .filter(is_untouched)
        .collect()
}

fn is_once(places: &[Place], at: &RelPath) -> bool {
    let place = places.iter().find(|place| place.path == at.as_str());
    place.is_some_and(|place| place.policy == Policy::Once)
}

/// Every line that the user had is there, or was one of base that the template has taken away.
fn no_line_lost(
    base: Option<&File>,
    ours: &File,
    theirs: Option<&File>,
    now: &File,
    style: Style,
) -> Result<(), TestCaseError> {
    for line in lines(ours) {
        let count = |file: &File| {
            lines(file)
                .into_iter()
                .filter(|other| *other == line)
                .count()
        };
        let (was, becomes) = (base.map_or(0, count), theirs.map_or(0, count));
        let is_kept = match was {
            0 => count(now) >= count(ours),
            // The template moves it, and ours was chosen where it comes to be.
            _ if style == Style::Take(Side::Ours) => true,
            _ => count(now) > 0 || becomes < was,
        };
        let (line, now) = (line.escape_ascii(), now.bytes().escape_ascii());
        prop_assert!(is_kept, "{line} is lost in {now}");
    }
    Ok(())
}

/// Paths that the set has files at, and where they were before.
fn moves() -> impl Strategy<Value = BTreeMap<RelPath, RelPath>> {
    let at = || select(&PATHS[..]).prop_map(path);
    proptest::collection::btree_map(at(), at(), 0..4)
}

/// Changes of eight lines: each stays, goes, is replaced or followed by another.
fn apart() -> impl Strategy<Value = Vec<(usize, u8)>> {
    proptest::collection::vec((0..8usize, 0..3u8), 0..4)
}

/// Eight lines from `first` on, with these changes.
fn stretch(first: u8, changes: &[(usize, u8)]) -> Vec<Line> {
    let mut lines: Vec<Line> = (first..first + 8)
        .map(|number| (Whose::Base, number))
        .collect();
    for (count, (at, what)) in changes.iter().enumerate() {
        if lines.is_empty() {
            break;
        }
        let at = at % lines.len();
        let new = (
            if first == 0 {
                Whose::Mine
            } else {
                Whose::Theirs
            },
            u8::try_from(count).unwrap(),
        );
        match what {
            0 => drop(lines.remove(at)),
            1 => lines[at] = new,
            _ => lines.insert(at, new),
        }
    }
    lines
}

fn text(kind: &str, lines: &[Line]) -> String {
    lines
        .iter()
        .map(|(whose, number)| line(kind, *whose, *number) + "\n")
        .collect()
}

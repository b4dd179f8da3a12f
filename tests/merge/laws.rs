//! What holds for every merge, over generated cases.

use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use tac_bootstrap::merge::{Conflict, Merged, Side, markers};

use super::cases::{Triple, cases, config, dresses, edited, edits, letters, marks, text, triples};
use super::{LABELS, merged};

/// Three versions of one file, as bytes.
pub type Files = [Vec<u8>; 3];

fn merge(name: &str, [base, ours, theirs]: [&Vec<u8>; 3]) -> Merged {
    merged(name, base, ours, theirs)
}

/// A version with the endings, the byte order mark and the last newline of its own.
fn dressed(triples: impl Strategy<Value = Triple>) -> impl Strategy<Value = Files> {
    (triples, [dresses(), dresses(), dresses()]).prop_map(|(triple, [base, ours, theirs])| {
        [
            base.of(&triple.base),
            ours.of(&triple.ours),
            theirs.of(&triple.theirs),
        ]
    })
}

pub fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    text.trim_start_matches('\u{feff}')
        .lines()
        .map(str::to_owned)
        .collect()
}

fn counted(lines: &[String]) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for line in lines {
        *counts.entry(line.as_str()).or_default() += 1;
    }
    counts
}

/// Every line that the user had is in `result`, or the template has removed it from base. What only the user had is
/// there as often.
pub fn loses_nothing([base, ours, theirs]: &Files, result: &[u8]) -> TestCaseResult {
    let [base, ours, theirs, result] = [base, ours, theirs, result].map(lines);
    let [base, mine, theirs, kept] = [&base, &ours, &theirs, &result].map(|lines| counted(lines));
    let count = |lines: &HashMap<&str, usize>, line| lines.get(line).copied().unwrap_or(0);
    for (line, times) in &mine {
        let only_mine = count(&base, line) == 0 && count(&theirs, line) == 0;
        let removed = count(&base, line) > count(&theirs, line);
        let needed = if only_mine {
            *times
        } else {
            usize::from(!removed)
        };
        prop_assert!(count(&kept, line) >= needed, "lost {line:?} in {result:#?}");
    }
    Ok(())
}

/// What holds for every merge; `loses_nothing` tells what a user's line may become.
pub fn laws(
    name: &str,
    files: &Files,
    loses_nothing: fn(&Files, &[u8]) -> TestCaseResult,
) -> TestCaseResult {
    let [base, ours, theirs] = files;
    for (versions, expected) in [
        ([base, base, theirs], theirs),
        ([base, ours, base], ours),
        ([base, ours, ours], ours),
    ] {
        match merge(name, versions) {
            Merged::Clean(bytes) => prop_assert_eq!(&bytes, expected),
            Merged::Conflict(conflict) => panic!("{conflict:?}"),
        }
    }
    let merged = merge(name, [base, ours, theirs]);
    let is_clean = matches!(merged, Merged::Clean(_));
    let is_clean_mirrored = matches!(merge(name, [base, theirs, ours]), Merged::Clean(_));
    prop_assert_eq!(is_clean, is_clean_mirrored);
    match merged {
        Merged::Clean(bytes) => loses_nothing(files, &bytes),
        Merged::Conflict(conflict) => match conflict.inline(&LABELS) {
            Some(text) => {
                loses_nothing(files, &text)?;
                markers_fence_the_versions(files, &conflict, &text)
            }
            None => Ok(()),
        },
    }
}

/// The markers of `text` are where its conflicts are: without the other versions it is the one that favours a side.
fn markers_fence_the_versions(files: &Files, conflict: &Conflict, text: &[u8]) -> TestCaseResult {
    let marked = markers(text);
    prop_assert_eq!(marked.len(), 4 * conflict.count());
    for (side, part) in [(Side::Ours, 1), (Side::Theirs, 3)] {
        let Some(favoured) = conflict.favouring(side) else {
            continue;
        };
        let fences_before = |number: &usize| marked.partition_point(|marker| marker <= number);
        let chosen: Vec<String> = std::iter::zip(1.., lines(text))
            .filter(|(number, _)| !marked.contains(number))
            .filter(|(number, _)| [0, part].contains(&(fences_before(number) % 4)))
            .map(|(_, line)| line)
            .collect();
        prop_assert_eq!(chosen, lines(&favoured));
        if files.iter().all(|bytes| markers(bytes).is_empty()) {
            prop_assert!(markers(&favoured).is_empty());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(cases(2_000)))]

    #[test]
    fn merges_of_text_keep_the_laws(files in dressed(triples(letters(), 24))) {
        laws("notes.txt", &files, loses_nothing)?;
    }

    #[test]
    fn merges_of_text_with_markers_keep_the_laws(files in dressed(triples(marks(), 24))) {
        laws("notes.md", &files, loses_nothing)?;
    }

    #[test]
    fn edits_of_different_parts_survive_and_commute(
        parts in [vec(letters(), 0..12), vec(letters(), 0..12)],
        edits in [edits(letters(), 12), edits(letters(), 12)],
    ) {
        let [first, last] = parts;
        let ours = edited(&first, &edits[0]);
        let theirs = edited(&last, &edits[1]);
        let between = vec!["-- here the first part ends".to_owned()];
        let file = |first: &[String], last: &[String]| text(&[first, &between, last].concat());
        let (base, ours, theirs, both) = (file(&first, &last), file(&ours, &last), file(&first, &theirs), file(&ours, &theirs));
        for versions in [[&base, &ours, &theirs], [&base, &theirs, &ours]] {
            match merge("notes.txt", versions) {
                Merged::Clean(bytes) => prop_assert_eq!(&bytes, &both),
                Merged::Conflict(conflict) => panic!("{conflict:?}"),
            }
        }
    }
}

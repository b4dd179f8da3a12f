//! What holds for every merge of TOML, over generated files.

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;
use proptest::string::string_regex;
use proptest::test_runner::TestCaseResult;
use tac_bootstrap::merge::Merged;
use toml::{Table, Value};

use super::cases::{Triple, cases, config, dresses, triples};
use super::laws::{Files, laws, lines};
use super::merged;

/// The lines of a section; those of an array are one.
fn pairs() -> impl Strategy<Value = String> + Clone {
    let line = |pattern: &str| string_regex(pattern).unwrap().boxed();
    prop_oneof![
        4 => line("k[0-5] = [1-9][0-9]?"),
        2 => line("k[0-5] = [1-9][0-9]? # c[0-9]{2}"),
        2 => line("i[0-2] = \\{ a = [0-9], b = [0-9] \\}"),
        1 => line("i[0-2] = \\{ a = [0-9] \\}"),
        1 => line("x\\.y[0-2] = \"[0-9]\""),
        1 => line("l[0-2] = \\[\n    [0-9],\n    [0-9],\n\\]"),
        2 => line("# c[0-9]{2}"),
        1 => Just(String::new()),
    ]
}

/// A section that some of the versions have.
#[derive(Debug, Clone)]
struct Section {
    header: &'static str,
    is_there: [bool; 3],
    pairs: Triple,
}

fn sections() -> impl Strategy<Value = Vec<Section>> {
    let there = || prop::bool::weighted(0.9);
    let section = move |header| {
        ([there(), there(), there()], triples(pairs(), 6)).prop_map(move |(is_there, pairs)| {
            Section {
                header,
                is_there,
                pairs,
            }
        })
    };
    [
        section(""),
        section("[a]"),
        section("[a.b]"),
        section("[[c]]"),
        section("[d.e]"),
    ]
    .prop_map(Vec::from)
}

/// The versions of a file whose sections have changed; in ours one has moved.
fn files() -> impl Strategy<Value = Files> {
    let moved = (1..5_usize, 1..5_usize);
    (sections(), moved, [dresses(), dresses(), dresses()]).prop_map(
        |(sections, (from, to), dresses)| {
            let mut ours = sections.clone();
            let section = ours.remove(from);
            ours.insert(to, section);
            let version = |number: usize, sections: &[Section]| {
                let lines: Vec<String> = sections
                    .iter()
                    .flat_map(|section| section.lines(number))
                    .collect();
                dresses[number].of(&lines)
            };
            [
                version(0, &sections),
                version(1, &ours),
                version(2, &sections),
            ]
        },
    )
}

impl Section {
    /// Its lines in a version, each key once.
    fn lines(&self, version: usize) -> Vec<String> {
        // What stands before any header is never missing.
        if !self.is_there[version] && !self.header.is_empty() {
            return Vec::new();
        }
        let pairs = [&self.pairs.base, &self.pairs.ours, &self.pairs.theirs][version];
        let mut names = HashSet::new();
        let pairs = pairs
            .iter()
            .filter(|line| name(line).is_none_or(|name| names.insert(name)));
        std::iter::once(&self.header.to_owned())
            .chain(pairs)
            .cloned()
            .collect()
    }
}

/// What the line says a value of.
fn name(line: &str) -> Option<&str> {
    Some(line.split_once(" = ")?.0)
}

/// As for text, blank lines apart; but within the line of a key theirs may have changed what is as in base.
fn loses_nothing([base, ours, theirs]: &Files, result: &[u8]) -> TestCaseResult {
    let [base, ours, theirs, kept] =
        [base, ours, theirs, &result.to_vec()].map(|bytes| lines(bytes));
    let count = |lines: &[String], line| lines.iter().filter(|other| *other == line).count();
    for line in ours.iter().filter(|line| !line.is_empty()) {
        let is_kept = kept.contains(line) || count(&base, line) > count(&theirs, line);
        let is_within = name(line).is_some_and(|key| {
            let of_key = |lines: &[String]| {
                lines
                    .iter()
                    .filter(|line| name(line) == Some(key))
                    .cloned()
                    .collect::<Vec<_>>()
            };
            let was = of_key(&base).join(" ");
            of_key(&kept).iter().any(|line_kept| {
                words(line).all(|word| {
                    words(line_kept)
                        .chain(words(&was))
                        .any(|other| other == word)
                })
            })
        });
        prop_assert!(is_kept || is_within, "lost {line:?} in {kept:#?}");
    }
    Ok(())
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split([' ', ',', '{', '}'])
        .filter(|word| !word.is_empty())
}

/// Every value that is no table, by its path.
fn leaves(table: Table, path: &str, found: &mut BTreeMap<String, Value>) {
    for (name, value) in table {
        let path = format!("{path}.{name}");
        match value {
            Value::Table(table) => leaves(table, &path, found),
            value => {
                found.insert(path, value);
            }
        }
    }
}

fn said(bytes: &[u8]) -> BTreeMap<String, Value> {
    let text = str::from_utf8(bytes).unwrap();
    let mut found = BTreeMap::new();
    leaves(
        text.trim_start_matches('\u{feff}').parse().unwrap(),
        "",
        &mut found,
    );
    found
}

fn takes_each_value_from_the_side_that_changed_it(
    [base, ours, theirs]: &Files,
    result: &[u8],
) -> TestCaseResult {
    let [base, ours, theirs, result] = [base, ours, theirs, result].map(said);
    for path in [&base, &ours, &theirs, &result]
        .into_iter()
        .flat_map(BTreeMap::keys)
    {
        let [base, ours, theirs] = [&base, &ours, &theirs].map(|said| said.get(path));
        let expected = if ours == base { theirs } else { ours };
        prop_assert_eq!(result.get(path), expected, "{}", path);
        prop_assert!(ours == base || theirs == base || ours == theirs, "{}", path);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(cases(2_000)))]

    #[test]
    fn merges_of_toml_keep_the_laws(files in files()) {
        laws("settings.toml", &files, loses_nothing)?;
        let [base, ours, theirs] = &files;
        if let Merged::Clean(bytes) = merged("settings.toml", base, ours, theirs) {
            takes_each_value_from_the_side_that_changed_it(&files, &bytes)?;
        }
    }
}

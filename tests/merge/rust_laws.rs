//! What holds for every merge of Rust, over generated files.

use proptest::prelude::*;
use proptest::string::string_regex;
use tac_bootstrap::merge::{Merged, parses};

use super::cases::{Triple, cases, config, dresses, triples};
use super::laws::{Files, laws, loses_nothing};
use super::{merged, path};

const FILE: &str = "src/lib.rs";

/// The lists of a file, each with the line that follows it.
fn lists() -> impl Strategy<Value = Vec<(Triple, &'static str)>> {
    let list = |pattern: &str, after| {
        (
            triples(string_regex(pattern).unwrap().boxed(), 6),
            Just(after),
        )
    };
    [
        list("(pub )?mod [a-f];", ""),
        list("use [a-c]::[a-f];", "\nstruct State {"),
        list(
            "    (/// Doc\\.\n    )?[a-f]: [A-C](<u8, u16>)?,",
            "}\n\nfn run(word: Word) {\n    match word {",
        ),
        list(
            "        [A-F]\\([a-c]\\) => ([a-c]\\(\\),|\\{\n            [a-c]\\(\\);\n        \\})",
            "        _ => {}\n    }\n\n",
        ),
        list(
            "    ([a-f]\\([0-3]\\);|// [a-f])",
            "}\n\nfn app() -> Router {\n    Router::new()",
        ),
        list(
            "        \\.route\\(\"/[a-f]\", get\\([a-c]\\)\\)",
            "        .with_state(state)\n}",
        ),
    ]
    .prop_map(Vec::from)
}

fn files() -> impl Strategy<Value = Files> {
    (lists(), [dresses(), dresses(), dresses()]).prop_map(|(lists, dresses)| {
        std::array::from_fn(|version| {
            let lines: Vec<String> = lists
                .iter()
                .flat_map(|(Triple { base, ours, theirs }, after)| {
                    let list = [base, ours, theirs][version].clone();
                    list.into_iter().chain([(*after).to_owned()])
                })
                .collect();
            dresses[version].of(&lines)
        })
    })
}

proptest! {
    #![proptest_config(config(cases(2_000)))]

    #[test]
    fn merges_of_rust_keep_the_laws(files in files()) {
        laws(FILE, &files, loses_nothing)?;
        let [base, ours, theirs] = &files;
        if let Merged::Clean(bytes) = merged(FILE, base, ours, theirs) {
            prop_assert_eq!(parses(&path(FILE), &bytes), Some(Ok(())));
        }
    }
}

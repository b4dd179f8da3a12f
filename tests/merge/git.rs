//! The merge of lines beside that of `git merge-file`.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tac_bootstrap::merge::Merged;

use super::cases::{Triple, cases, config, letters, text, triples};
use super::merged;

/// What `git merge-file --diff3` makes of it if there is no conflict.
fn by_git(folder: &Path, triple: &Triple) -> Option<Vec<u8>> {
    let versions = [
        ("ours", &triple.ours),
        ("base", &triple.base),
        ("theirs", &triple.theirs),
    ];
    for (name, lines) in versions {
        fs::write(folder.join(name), text(lines)).unwrap();
    }
    let output = Command::new("git")
        .args(["merge-file", "--diff3", "-p", "ours", "base", "theirs"])
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    // The number of conflicts, 127 if there are more, 128 and above for errors.
    let code = output.status.code().unwrap();
    assert!(code < 128, "{}", String::from_utf8_lossy(&output.stderr));
    (code == 0).then_some(output.stdout)
}

/// Whether the same lines can be told apart wherever they are: then there is one way only to tell what was changed.
fn is_plain(triple: &Triple) -> bool {
    let base = &triple.base;
    let keeps_order = |side: &[String]| {
        let of_side = base.iter().filter(|line| side.contains(line));
        let of_base = side.iter().filter(|line| base.contains(line));
        of_side.eq(of_base)
    };
    let is_distinct = |lines: &[String]| lines.iter().collect::<HashSet<_>>().len() == lines.len();
    [&triple.ours, &triple.theirs]
        .into_iter()
        .all(|side| is_distinct(side) && keeps_order(side))
        && is_distinct(base)
}

#[test]
fn git_merges_plain_texts_to_the_same_and_others_hardly_ever_to_another() {
    const THREADS: u32 = 4;
    let cases = cases(10_000);
    let (disagree, differ) = (AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let folder = tempfile::tempdir().unwrap();
                let compare = |triple: Triple| {
                    let by_git = by_git(folder.path(), &triple);
                    let [base, ours, theirs] =
                        [&triple.base, &triple.ours, &triple.theirs].map(|lines| text(lines));
                    let by_us = match merged("a", &base, &ours, &theirs) {
                        Merged::Clean(bytes) => Some(bytes),
                        Merged::Conflict(_) => None,
                    };
                    if by_git == by_us {
                        return Ok(());
                    }
                    // Where a line occurs twice or has moved, several edits lead to the same text, and each of them
                    // meets the other side's in another place.
                    prop_assert!(!is_plain(&triple), "{by_git:?} {by_us:?}");
                    let is_clean = by_git.is_some() && by_us.is_some();
                    let count = if is_clean { &differ } else { &disagree };
                    count.fetch_add(1, Ordering::Relaxed);
                    Ok(())
                };
                let config = config(cases / THREADS);
                TestRunner::new(config)
                    .run(&triples(letters(), 24), compare)
                    .unwrap();
            });
        }
    });
    let (disagree, differ) = (disagree.into_inner(), differ.into_inner());
    assert!(
        disagree < cases / 100,
        "git and we disagree about {disagree} conflicts"
    );
    assert!(
        differ <= cases / 2_000,
        "git and we merge {differ} cleanly to other texts"
    );
}

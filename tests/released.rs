//! What was released stays as it was: projects were made of it.

use std::fs;

use tac_bootstrap::hash::sha256;
use tac_bootstrap::templates::TemplateSet;
use tac_bootstrap::templates::released::RELEASED;

use crate::fixture::root;

/// A line a version; none of them is ever edited.
const PINNED: [(&str, &str); 1] = [(
    "0.1.0",
    "0adb13a4094d950c542598f4bd101400c4825cab2cf59909c44cb0e34b232721",
)];

#[test]
fn a_released_set_is_never_edited() {
    let released = RELEASED.map(|set| (set.version, sha256(set.archive)));
    assert_eq!(released, PINNED.map(|(version, sum)| (version, sum.into())));
}

#[test]
fn every_archive_is_known_and_holds_the_version_that_it_is_called_by() {
    let folder = root().join("tests/released");
    let names = fs::read_dir(folder).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    let mut known = RELEASED
        .map(|set| format!("v{}.tar.gz", set.version))
        .to_vec();
    known.sort();
    assert_eq!(names, known);
    for released in RELEASED {
        let set = released.set().unwrap();
        assert_eq!(set.manifest.name, "orchestrator");
        assert_eq!(set.manifest.version, released.version);
        assert!(set.files.len() > 50);
    }
}

#[test]
fn a_version_is_not_released_twice_with_other_templates() {
    let ours = TemplateSet::embedded().unwrap();
    for released in RELEASED {
        let set = released.set().unwrap();
        let is_same = set.digest() == ours.digest();
        assert_eq!(
            is_same,
            set.manifest.version == ours.manifest.version,
            "version {}: raise it in cli/mirror.toml",
            set.manifest.version
        );
    }
}

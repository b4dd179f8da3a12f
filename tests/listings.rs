//! What a project consists of, approved by a person.

use std::collections::BTreeSet;

use tac_bootstrap::render::render;
use tac_bootstrap::templates::TemplateSet;
use tac_bootstrap::tree::RelPath;

use crate::fixture::{choices, config, text};
use crate::option_sets::option_sets;
use crate::program::assert_snapshot;

#[test]
fn the_files_of_every_option_set_are_as_approved() {
    let set = TemplateSet::embedded().unwrap();
    let paths = |options: &BTreeSet<String>| -> BTreeSet<RelPath> {
        render(&set, &choices(&config(), options))
            .unwrap()
            .into_keys()
            .collect()
    };
    let all = paths(&set.manifest.options.keys().cloned().collect());
    let mut listing: String = all.iter().map(|path| format!("{path}\n")).collect();
    for options in option_sets(&set) {
        listing += &format!("\n{options:?} has all but\n");
        let left_out = &all - &paths(&options);
        listing.extend(left_out.iter().map(|path| format!("  {path}\n")));
    }
    assert_snapshot("trees", &listing);
}

#[test]
fn the_files_that_options_meet_in_read_well_without_any() {
    let config = config();
    let set = TemplateSet::embedded().unwrap();
    let tree = render(&set, &choices(&config, &BTreeSet::new())).unwrap();
    for seam in config.seams.iter().filter(|seam| tree.contains_key(*seam)) {
        let name = seam.as_str().replace('/', "-");
        assert_snapshot(&format!("seam-{name}"), text(&tree, seam.as_str()));
    }
}

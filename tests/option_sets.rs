//! Which sets of options are tested.

use std::collections::BTreeSet;

use tac_bootstrap::templates::TemplateSet;

/// Every option set that matters: all, none, each alone, each one missing.
pub fn option_sets(set: &TemplateSet) -> BTreeSet<BTreeSet<String>> {
    let all: BTreeSet<String> = set.manifest.options.keys().cloned().collect();
    let mut sets = BTreeSet::from([all.clone(), BTreeSet::new()]);
    for option in &all {
        sets.insert(BTreeSet::from([option.clone()]));
        sets.insert(
            all.iter()
                .filter(|other| *other != option)
                .cloned()
                .collect(),
        );
    }
    sets
}

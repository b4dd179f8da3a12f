//! What a TOML file says, whatever its order and format: every value that is no table, by its path.

use std::collections::{BTreeMap, BTreeSet};

use toml::Value;

use super::entries::Path;
use crate::merge::lines::{Line, text};
use crate::merge::settled;

#[derive(Debug, PartialEq)]
pub struct Leaves(BTreeMap<Path, Value>);

impl Leaves {
    /// `None` if the lines are no TOML.
    pub fn of<'l, 'a: 'l>(lines: impl IntoIterator<Item = &'l Line<'a>>) -> Option<Self> {
        let mut leaves = BTreeMap::new();
        collect(text(lines)?.parse().ok()?, &Path::new(), &mut leaves);
        Some(Self(leaves))
    }

    /// What a merge has to say; `None` if both sides changed the same value.
    pub fn merged(base: &Self, ours: &Self, theirs: &Self) -> Option<Self> {
        let versions = [base, ours, theirs];
        let paths: BTreeSet<&Path> = versions.iter().flat_map(|leaves| leaves.0.keys()).collect();
        let mut merged = BTreeMap::new();
        for path in paths {
            let [base, ours, theirs] = versions.map(|leaves| leaves.0.get(path));
            if let Some(value) = settled(&base, &ours, &theirs)? {
                merged.insert(path.clone(), (*value).clone());
            }
        }
        Some(Self(merged))
    }
}

fn collect(table: toml::Table, path: &Path, leaves: &mut BTreeMap<Path, Value>) {
    for (name, value) in table {
        let mut path = path.clone();
        path.push(name);
        match value {
            Value::Table(table) => collect(table, &path, leaves),
            value => {
                leaves.insert(path, value);
            }
        }
    }
}

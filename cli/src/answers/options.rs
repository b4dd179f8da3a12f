//! Which options are on.

use std::collections::BTreeSet;

use super::ask::Ask;
use super::given::{Given, Place};
use crate::error::unknown;
use crate::templates::Manifest;
use crate::{Error, Result};

/// The set's default options, or those that the answers file lists; more with `with`, less with `without`.
/// Nothing is asked where any of the three was given.
pub fn resolve(given: &Given, manifest: &Manifest, ask: &mut dyn Ask) -> Result<BTreeSet<String>> {
    let listed = given.options.iter().flatten();
    for (name, place) in listed.chain(&given.with).chain(&given.without) {
        known(manifest, name, place)?;
    }
    for (name, place) in &given.with {
        if given.without.iter().any(|(other, _)| other == name) {
            return Err(Error::new(
                format!("{place}: option `{name}` is both wanted and unwanted"),
                "name it in `with` or in `without`, not in both",
            ));
        }
    }

    let by_default = manifest.options.iter().filter(|(_, option)| option.default);
    let mut options: BTreeSet<String> = match &given.options {
        Some(listed) => listed.iter().map(|(name, _)| name.clone()).collect(),
        None => by_default.map(|(name, _)| name.clone()).collect(),
    };
    options.extend(given.with.iter().map(|(name, _)| name.clone()));
    options.retain(|name| !given.without.iter().any(|(other, _)| other == name));

    let is_given = given.options.is_some() || !given.with.is_empty() || !given.without.is_empty();
    if is_given || manifest.options.is_empty() {
        return Ok(options);
    }
    let offer = manifest.options.iter().map(|(name, option)| {
        (
            format!("{name}: {}", option.description),
            options.contains(name),
        )
    });
    let chosen = ask.several("Options", offer.collect())?;
    let names = manifest.options.keys().zip(chosen);
    Ok(names
        .filter(|(_, chosen)| *chosen)
        .map(|(name, _)| name.clone())
        .collect())
}

fn known(manifest: &Manifest, name: &str, place: &Place) -> Result<()> {
    if manifest.options.contains_key(name) {
        return Ok(());
    }
    let names = manifest.options.keys().map(String::as_str);
    Err(unknown("option of the template set", name, names).within(place))
}

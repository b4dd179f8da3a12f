//! A `Cargo.lock` for less than the manifest that it was made for.
//!
//! Without an option the manifest asks for fewer packages. Cargo refuses a lock file that lists what nothing needs
//! (`--locked`), so the packages that the manifest no longer reaches are taken out, as cargo itself would.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TomlError};

use crate::{Error, Result};

const CARGO_WRITES: &str =
    "`lock_of` in set.toml pairs a Cargo.lock that cargo wrote with its package's Cargo.toml";

/// `lock` less the dependencies `cut`, as pairs of names, and less the packages that the package of `manifest` does
/// not reach then.
pub fn prune(lock: &str, manifest: &str, cut: &BTreeSet<(&str, &str)>) -> Result<String> {
    let manifest = document("the manifest", manifest)?;
    let mut lock = document("the lock file", lock)?;
    let root = manifest
        .get("package")
        .and_then(|package| package.get("name")?.as_str())
        .ok_or_else(|| Error::new("the manifest names no package", CARGO_WRITES))?;
    let wanted = dependencies(&manifest);
    let packages = listed_packages(&mut lock)?;
    keep_dependencies(packages, |package, dependency| {
        if package == root {
            wanted.contains(dependency)
        } else {
            !cut.contains(&(package, dependency))
        }
    });
    let reached = reached(packages, root);
    packages.retain(|package| reached.contains(&id(package)));
    shorten(packages);
    Ok(lock.to_string())
}

/// The packages that `lock` lists, as `name version`.
pub fn packages(lock: &str) -> Result<Vec<String>> {
    let mut lock = document("the lock file", lock)?;
    let packages = listed_packages(&mut lock)?;
    Ok(packages
        .iter()
        .map(id)
        .map(|(name, version)| format!("{name} {version}"))
        .collect())
}

fn document(what: &str, text: &str) -> Result<DocumentMut> {
    text.parse().map_err(|error: TomlError| {
        Error::new(format!("read {what}: {}", error.message()), CARGO_WRITES)
    })
}

fn listed_packages(lock: &mut DocumentMut) -> Result<&mut ArrayOfTables> {
    let packages = lock
        .get_mut("package")
        .and_then(Item::as_array_of_tables_mut);
    packages.ok_or_else(|| Error::new("the lock file lists no packages", CARGO_WRITES))
}

/// The names of the packages that a manifest depends on, of every kind and for every target.
fn dependencies(manifest: &DocumentMut) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let targets = manifest.get("target").and_then(Item::as_table_like);
    let targets = targets
        .into_iter()
        .flat_map(|targets| targets.iter().filter_map(|(_, item)| item.as_table_like()));
    for table in targets.chain([manifest.as_table() as &dyn toml_edit::TableLike]) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (key, spec) in table
                .get(kind)
                .and_then(Item::as_table_like)
                .into_iter()
                .flat_map(|table| table.iter())
            {
                let package = spec.get("package").and_then(Item::as_str);
                names.insert(package.unwrap_or(key).to_owned());
            }
        }
    }
    names
}

/// Takes the dependencies out that `keep`, asked for a package and its dependency by name, does not want.
fn keep_dependencies(packages: &mut ArrayOfTables, keep: impl Fn(&str, &str) -> bool) {
    for package in packages.iter_mut() {
        let (name, _) = id(package);
        let Some(listed) = package.get_mut("dependencies").and_then(Item::as_array_mut) else {
            continue;
        };
        listed.retain(|entry| {
            entry
                .as_str()
                .is_some_and(|entry| keep(&name, name_of(entry)))
        });
        if listed.is_empty() {
            package.remove("dependencies");
        }
    }
}

/// The packages that can be reached from `root`, as (name, version).
fn reached(packages: &ArrayOfTables, root: &str) -> BTreeSet<(String, String)> {
    let mut by_name: BTreeMap<&str, Vec<&Table>> = BTreeMap::new();
    for package in packages {
        by_name
            .entry(text(package, "name"))
            .or_default()
            .push(package);
    }
    let mut reached = BTreeSet::new();
    let mut waiting = vec![root];
    while let Some(entry) = waiting.pop() {
        // `name`, `name version` or `name version (source)`.
        let version = entry.split(' ').nth(1);
        for package in by_name.get(name_of(entry)).into_iter().flatten() {
            let is_meant = version.is_none_or(|version| version == text(package, "version"));
            if is_meant && reached.insert(id(package)) {
                let listed = package.get("dependencies").and_then(Item::as_array);
                waiting.extend(
                    listed
                        .into_iter()
                        .flatten()
                        .filter_map(|entry| entry.as_str()),
                );
            }
        }
    }
    reached
}

/// Cargo tells a dependency's version only where the lock file holds several versions of it.
fn shorten(packages: &mut ArrayOfTables) {
    let mut versions: BTreeMap<String, usize> = BTreeMap::new();
    for package in packages.iter() {
        *versions.entry(id(package).0).or_default() += 1;
    }
    for package in packages.iter_mut() {
        let Some(listed) = package.get_mut("dependencies").and_then(Item::as_array_mut) else {
            continue;
        };
        for entry in listed.iter_mut() {
            let Some(name) = entry.as_str().map(name_of).map(str::to_owned) else {
                continue;
            };
            if entry.as_str() != Some(&name) && versions.get(&name) == Some(&1) {
                let decor = entry.decor().clone();
                *entry = name.into();
                *entry.decor_mut() = decor;
            }
        }
    }
}

fn id(package: &Table) -> (String, String) {
    (
        text(package, "name").to_owned(),
        text(package, "version").to_owned(),
    )
}

fn text<'a>(package: &'a Table, key: &str) -> &'a str {
    package.get(key).and_then(Item::as_str).unwrap_or_default()
}

fn name_of(entry: &str) -> &str {
    entry.split_once(' ').map_or(entry, |(name, _)| name)
}

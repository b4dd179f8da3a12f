//! Small trees and template sets, and the repository's own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tac_bootstrap::disk;
use tac_bootstrap::mirror::Config;
use tac_bootstrap::render::Choices;
use tac_bootstrap::templates::TemplateSet;
use tac_bootstrap::tree::{File, RelPath, Tree};
use tac_bootstrap::{Error, Result};

pub fn path(text: &str) -> RelPath {
    RelPath::try_from(text).unwrap()
}

pub fn tree<T: AsRef<str>>(files: &[(&str, T)]) -> Tree {
    files
        .iter()
        .map(|(name, text)| (path(name), File::text(text.as_ref())))
        .collect()
}

/// The set of `set.toml` and of files by the names they are stored under.
pub fn set(manifest: &str, files: &[(&str, &str)]) -> Result<TemplateSet> {
    let mut stored: Tree = files
        .iter()
        .map(|(name, text)| (path(&format!("files/{name}")), File::text(*text)))
        .collect();
    let manifest = format!("name = \"small\"\nversion = \"1\"\n{manifest}");
    stored.insert(path("set.toml"), File::text(manifest));
    TemplateSet::new(&stored)
}

/// Writes the files below a folder that may not be there yet.
pub fn write(folder: &Path, tree: &Tree) {
    for (path, file) in tree {
        let to = folder.join(path.as_str());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, file.bytes()).unwrap();
    }
}

pub fn text<'a>(tree: &'a Tree, path: &str) -> &'a str {
    std::str::from_utf8(tree[path].bytes()).unwrap()
}

/// The error with its hint, as a test compares it.
pub fn message(error: &Error) -> String {
    format!("{}; {}", error.what(), error.next_step())
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn config() -> Config {
    Config::parse(&fs::read_to_string(root().join("cli/mirror.toml")).unwrap()).unwrap()
}

/// What `mirror` reads of `reference-backend/`.
pub fn reference(config: &Config) -> Tree {
    disk::read(&root().join("reference-backend"), |path| {
        !config.ignores(path)
    })
    .unwrap()
}

/// The reference's own answers, with these options.
pub fn choices(config: &Config, options: &BTreeSet<String>) -> Choices {
    Choices {
        answers: config.reference.clone(),
        options: options.clone(),
    }
}

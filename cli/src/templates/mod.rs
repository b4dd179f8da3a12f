//! A template set: `set.toml` and the files that a project is rendered from. The format is told in `docs/templates.md`.

mod check;
mod manifest;
pub mod names;
pub mod released;

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, DirEntry, include_dir};

pub use manifest::{AnswerKind, AnswerSpec, FileSpec, Manifest, Mode, OptionSpec, Policy};

use crate::error::Context;
use crate::tree::{File, RelPath, Tree};
use crate::{Error, Result, disk, hash};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

const A_SET: &str = "a template set is a folder with a file `set.toml` and a folder `files` that holds something, no links";

/// A checked template set: every path is safe to write, every name that `set.toml` mentions exists.
#[derive(Debug, Clone)]
pub struct TemplateSet {
    pub manifest: Manifest,
    /// By the path that the rendered file has in the project.
    pub files: BTreeMap<RelPath, Source>,
    digest: String,
}

/// What a file of the project is made from.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path below `files/`, for messages.
    pub stored: RelPath,
    pub file: File,
    /// Rendered, rather than copied byte for byte.
    pub is_template: bool,
}

impl TemplateSet {
    /// The set that this program carries.
    pub fn embedded() -> Result<Self> {
        let mut stored = Tree::new();
        embedded_files(&EMBEDDED, &mut stored)?;
        Self::new(&stored)
    }

    /// The set in a folder: `set.toml` and `files/`, neither of them a link.
    pub fn from_dir(dir: &Path) -> Result<Self> {
        let place = format!("read the template set {}", dir.display());
        let refuse = |why: &str| Err(Error::new(format!("{place}: {why}"), A_SET));
        if !dir.is_dir() {
            return refuse("there is no such folder");
        }
        for name in ["set.toml", "files"] {
            if dir.join(name).is_symlink() {
                return refuse(&format!("{name} is a link"));
            }
        }
        let part_of_set =
            |path: &RelPath| matches!(path.parts().next(), Some("set.toml" | "files"));
        let stored = disk::read(dir, part_of_set)?;
        if !stored.contains_key("set.toml") {
            return refuse("it has no set.toml");
        }
        Self::new(&stored)
    }

    /// The set whose files, `set.toml` among them, are `stored`.
    pub fn new(stored: &Tree) -> Result<Self> {
        let text = stored
            .get("set.toml")
            .ok_or_else(|| Error::new("the template set has no set.toml", A_SET))?;
        let text =
            std::str::from_utf8(text.bytes()).context("read set.toml", "save it as UTF-8")?;
        let manifest = Manifest::parse(text)?;
        let mut files = BTreeMap::new();
        for (path, file) in stored {
            let Some(below) = path.as_str().strip_prefix("files/") else {
                continue;
            };
            let stored = RelPath::try_from(below).context("read the template set", "rename it")?;
            let (path, is_template) = names::decode(&stored)?;
            let file = with_mode(file.clone(), manifest.file(&path).mode);
            let source = Source {
                stored,
                file,
                is_template,
            };
            if let Some(twin) = files.insert(path.clone(), source) {
                return Err(Error::new(
                    format!(
                        "both `{}` and another file are stored for `{path}`",
                        twin.stored
                    ),
                    "keep one of them",
                ));
            }
        }
        if files.is_empty() {
            return Err(Error::new("the template set has no files", A_SET));
        }
        check::check(&manifest, &files)?;
        let digest = digest(text, &files);
        Ok(Self {
            manifest,
            files,
            digest,
        })
    }

    /// The set with no more than the file at `path`, and the manifest that a lock file is cut by.
    #[must_use]
    pub fn narrowed(&self, path: &RelPath) -> Self {
        let manifest = self.manifest.file(path).lock_of;
        let is_needed =
            |(other, _): &(&RelPath, &Source)| *other == path || Some(*other) == manifest.as_ref();
        let files = self.files.iter().filter(is_needed);
        Self {
            manifest: self.manifest.clone(),
            files: files
                .map(|(path, source)| (path.clone(), source.clone()))
                .collect(),
            digest: self.digest.clone(),
        }
    }

    /// SHA-256, in hex, over `set.toml` and every file with its mode: equal digests render equal projects.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

fn embedded_files(dir: &Dir<'_>, stored: &mut Tree) -> Result<()> {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => embedded_files(dir, stored)?,
            DirEntry::File(file) => {
                let path = file.path().to_string_lossy().replace('\\', "/");
                let path = RelPath::try_from(path).context(
                    "read the embedded template set",
                    "this program was built wrong: build it anew",
                )?;
                stored.insert(
                    path,
                    File::Regular {
                        bytes: file.contents().to_vec(),
                        executable: false,
                    },
                );
            }
        }
    }
    Ok(())
}

fn with_mode(file: File, mode: Option<Mode>) -> File {
    match (file, mode) {
        (File::Regular { bytes, .. }, Some(mode)) => File::Regular {
            bytes,
            executable: mode == Mode::Executable,
        },
        (file, _) => file,
    }
}

fn digest(manifest: &str, files: &BTreeMap<RelPath, Source>) -> String {
    let mut set = Vec::new();
    let mut add = |path: &str, mode: &str, bytes: &[u8]| {
        set.extend(format!("{path}\0{mode}\0{}\0", bytes.len()).bytes());
        set.extend(bytes);
    };
    add("set.toml", "644", manifest.as_bytes());
    for source in files.values() {
        let mode = source.file.mode().as_str();
        add(source.stored.as_str(), mode, source.file.bytes());
    }
    hash::sha256(&set)
}

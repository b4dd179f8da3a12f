//! The folder that a new project is written into: what is there, and what lies around it.

use std::collections::BTreeSet;
use std::fs::{self, FileType};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::error::Context;
use crate::tree::{RelPath, Tree};
use crate::{Error, Result};

/// The folder of the service.
pub const SERVICE: &str = "orchestrator_web";

/// The folders that are wholly ours: a new project finds nothing in them, or is not written.
const OUR_FOLDERS: [&str; 2] = [SERVICE, ".tac"];

/// Where a project goes.
#[derive(Debug)]
pub struct Destination {
    /// Absolute. A link that the user named has been followed.
    pub root: PathBuf,
    /// As the user typed it.
    pub shown: String,
    /// The innermost folder on the way to `root` that exists; it is `root` where that exists.
    pub existing: PathBuf,
}

impl Destination {
    pub fn find(typed: &Path) -> Result<Self> {
        let shown = typed.display().to_string();
        let refuse = |folder: &Path| {
            Err(Error::new(
                format!("{} is there already and is no folder", folder.display()),
                "choose another place, or move it away",
            ))
        };
        let typed =
            std::path::absolute(typed).context(format!("find {shown}"), "choose another place")?;
        for folder in typed.ancestors() {
            let missing = typed
                .strip_prefix(folder)
                .expect("an ancestor begins the path");
            match fs::canonicalize(folder) {
                Ok(_)
                    if missing
                        .components()
                        .any(|part| part == Component::ParentDir) =>
                {
                    break;
                }
                Ok(existing) if existing.is_dir() => {
                    let root = if missing == Path::new("") {
                        existing.clone()
                    } else {
                        existing.join(missing)
                    };
                    return Ok(Self {
                        root,
                        shown,
                        existing,
                    });
                }
                Ok(_) => return refuse(folder),
                // A link to nowhere.
                Err(_) if folder.symlink_metadata().is_ok() => return refuse(folder),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(cause) => {
                    return Err(Error::new(
                        format!("find {}: {cause}", folder.display()),
                        "choose another place",
                    ));
                }
            }
        }
        Err(Error::new(
            format!("find {shown}: it goes back out of a folder that does not exist"),
            "write the path without `..`",
        ))
    }

    /// Everything that stands where only generated files may be: whatever lies in a folder of ours, what is no
    /// folder where one has to be, and what is no file where one has to be. A folder that holds nothing of ours
    /// is named as a whole.
    pub fn in_the_way(&self, theirs: &Tree) -> Result<Vec<String>> {
        let mut folders = folders_of(theirs);
        folders.extend(OUR_FOLDERS);
        let mut found = BTreeSet::new();
        for folder in &folders {
            if self.kind(folder)?.is_some_and(|kind| !kind.is_dir()) {
                found.insert((*folder).to_owned());
            }
        }
        for path in theirs.keys() {
            match self.kind(path.as_str())? {
                Some(kind) if kind.is_dir() => found.insert(format!("{path}/")),
                Some(kind) if !kind.is_file() && !kind.is_symlink() => {
                    found.insert(path.to_string())
                }
                _ => false,
            };
        }
        for ours in OUR_FOLDERS {
            self.contents(ours, &folders, &mut found)?;
        }
        Ok(found.into_iter().collect())
    }

    /// Adds what lies in `folder`, going down into the `folders` of the project only.
    fn contents(
        &self,
        folder: &str,
        folders: &BTreeSet<&str>,
        found: &mut BTreeSet<String>,
    ) -> Result<()> {
        if !self.kind(folder)?.is_some_and(|kind| kind.is_dir()) {
            return Ok(());
        }
        let act = format!("read {}/{folder}", self.shown);
        for entry in fs::read_dir(self.root.join(folder))
            .context(&act, "make it readable, or choose another place")?
        {
            let entry = entry.context(&act, "make it readable, or choose another place")?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            let is_folder = entry
                .file_type()
                .context(&act, "make it readable, or choose another place")?
                .is_dir();
            if is_folder && folders.contains(path.as_str()) {
                self.contents(&path, folders, found)?;
            } else {
                found.insert(if is_folder { path + "/" } else { path });
            }
        }
        Ok(())
    }

    /// What lies at `path`, links not followed.
    fn kind(&self, path: &str) -> Result<Option<FileType>> {
        match self.root.join(path).symlink_metadata() {
            Ok(found) => Ok(Some(found.file_type())),
            // What is above it is no folder, which is found by itself.
            Err(error) if error.kind() == ErrorKind::NotADirectory => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context(
                format!("look at {}/{path}", self.shown),
                "make it readable, or choose another place",
            ),
        }
    }

    /// The folder or one above it is under version control.
    pub fn is_in_repository(&self) -> bool {
        self.root
            .ancestors()
            .any(|folder| folder.join(".git").exists())
    }

    /// The manifest of the Cargo workspace around the folder, which cargo would look for members in.
    pub fn workspace_around(&self) -> Option<PathBuf> {
        let manifests = self
            .root
            .ancestors()
            .map(|folder| folder.join("Cargo.toml"));
        // A manifest that cannot be read is cargo's to complain about.
        let is_workspace = |path: &PathBuf| {
            let text = fs::read_to_string(path).unwrap_or_default();
            text.parse::<toml::Table>()
                .is_ok_and(|manifest| manifest.contains_key("workspace"))
        };
        manifests.into_iter().find(is_workspace)
    }
}

/// Every folder that holds a file of the tree, at any depth.
fn folders_of(tree: &Tree) -> BTreeSet<&str> {
    let above = |path| {
        let cuts = str::match_indices(path, '/');
        cuts.map(|(cut, _)| &path[..cut])
    };
    tree.keys().map(RelPath::as_str).flat_map(above).collect()
}

//! A project that was generated, as it is read back.

use std::path::{Path, PathBuf};

use super::ours::look;
use super::state::RESTORE;
use super::{State, tac};
use crate::answers::names::Name;
use crate::error::Context;
use crate::hash::sha256;
use crate::plan::There;
use crate::render::Choices;
use crate::tree::{File, Mode, RelPath, Tree};
use crate::{Error, Result};

#[derive(Debug)]
pub struct Project {
    /// Absolute.
    pub root: PathBuf,
    pub state: State,
    /// What was generated last. A copy that is missing from `.tac/base/` is missing here.
    pub base: Tree,
    /// The files of `.tac/` that are committed, as they are.
    pub tac: Tree,
}

impl Project {
    /// The project that the current folder lies in.
    pub fn find() -> Result<Self> {
        Self::open(&root()?)
    }

    /// Reads `.tac/` of the project at `root`. It is refused as a whole where anything in it is a link, or is not
    /// what was written.
    pub fn open(root: &Path) -> Result<Self> {
        let state = read_state(root)?;
        let mut paths: Vec<RelPath> = state.files.keys().map(tac::base).collect();
        paths.extend(state.kept.iter().map(tac::offered));
        paths.extend(tac::tac_folder(&state, &Tree::new()).into_keys());
        let mut copies = Tree::new();
        for (path, there) in look(root, &paths)? {
            match there {
                There::File(file @ File::Regular { .. }) => drop(copies.insert(path, file)),
                _ => {
                    return Err(unusable(
                        root,
                        &path,
                        "is not a file, or lies behind a link",
                    ));
                }
            }
        }
        let mut base = Tree::new();
        for (path, written) in &state.files {
            let at = tac::base(path);
            let Some(copy) = copies.get(&at) else {
                continue;
            };
            if sha256(copy.bytes()) != written.sha256 {
                return Err(unusable(root, &at, "is not what was generated"));
            }
            base.insert(path.clone(), original(copy, written.mode)?);
        }
        Ok(Self {
            root: root.to_owned(),
            state,
            base,
            tac: copies,
        })
    }

    /// What it was made with. Where the set asked for no name, it had that of the folder; any other does as well.
    pub fn choices(&self) -> Choices {
        let mut choices = self.state.choices();
        let folder = self.root.file_name().unwrap_or_default().to_string_lossy();
        let name = Name::try_from(&*folder).map_or("project".to_owned(), |name| name.to_string());
        choices
            .answers
            .entry("name".to_owned())
            .or_insert(name.into());
        choices
    }
}

/// The innermost folder around the current one that holds a project.
pub fn root() -> Result<PathBuf> {
    let here = std::env::current_dir().context(
        "find the folder that you are in",
        "go to a folder that exists: `cd`",
    )?;
    let mut around = here.ancestors();
    let root = around.find(|folder| folder.join(".tac").symlink_metadata().is_ok());
    root.map(Path::to_owned).ok_or_else(|| {
        Error::new(
            format!("there is no project in {} or around it", here.display()),
            "go to one, make one with `tac-bootstrap new`, or bring `.tac/` back with `tac-bootstrap adopt`",
        )
    })
}

fn read_state(root: &Path) -> Result<State> {
    let path = RelPath::try_from(".tac/tac.toml").expect("it is a path");
    let shown = root.join(path.as_str()).display().to_string();
    match look(root, [&path])?.remove(&path) {
        Some(There::File(file @ File::Regular { .. })) => {
            let text =
                std::str::from_utf8(file.bytes()).context(format!("read {shown}"), RESTORE)?;
            State::parse(&shown, text)
        }
        None => Err(Error::new(
            format!("read {shown}: there is no such file"),
            "bring it back from version control, `git checkout HEAD -- .tac`, or make it anew with `tac-bootstrap adopt`",
        )),
        Some(_) => Err(unusable(
            root,
            &path,
            "is not a file, or lies behind a link",
        )),
    }
}

fn original(copy: &File, mode: Mode) -> Result<File> {
    Ok(match mode {
        Mode::Link => File::Link {
            target: String::from_utf8(copy.bytes().to_vec())
                .context("read the target of a link in .tac/base", RESTORE)?,
        },
        Mode::Plain | Mode::Executable => File::Regular {
            bytes: copy.bytes().to_vec(),
            executable: mode == Mode::Executable,
        },
    })
}

fn unusable(root: &Path, path: &RelPath, why: &str) -> Error {
    let shown = root.join(path.as_str());
    Error::new(format!("read {}: it {why}", shown.display()), RESTORE)
}

//! Files taken byte for byte: by a folder of git's own in which neither settings nor attributes of the
//! repository hold, so that no filter runs and no line end is changed.

use std::fs::{DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context as _;

use super::git::Git;
use super::index;
use super::repository::Place;
use crate::Result;
use crate::ids::Id;

/// The last word, whatever files say that are in the work tree.
const ATTRIBUTES: &str = "* -text !eol !crlf !ident !filter !working-tree-encoding\n";

/// Removed when it is dropped.
pub struct Exact {
    folder: PathBuf,
    /// Works on a copy of the index, and writes objects into the repository.
    pub git: Git,
}

impl Exact {
    /// In git's folder of the work tree, with which it goes if the service is killed.
    pub fn of(place: &Place) -> Result<Self> {
        let folder = place
            .admin
            .join(format!("orchestrator-exact-{}", Id::generate()));
        let git = place
            .git
            .with_setting("core.bare", "false")
            .with_setting("core.autocrlf", "false")
            .with_setting("core.attributesFile", "/dev/null")
            .with_path("GIT_DIR", &folder)
            .with_path("GIT_WORK_TREE", &place.top)
            .with_path("GIT_OBJECT_DIRECTORY", &place.common.join("objects"));
        let this = Self { folder, git };
        this.fill(place)?;
        Ok(this)
    }

    fn fill(&self, place: &Place) -> Result<()> {
        let format = place.git.line(&["rev-parse", "--show-object-format"])?;
        let format = format!("--object-format={format}");
        self.git
            .bytes(&["init", "--quiet", "--template=", &format])?;
        let info = self.folder.join("info");
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&info);
        made.context("make the folder info")?;
        std::fs::write(info.join("attributes"), ATTRIBUTES).context("write attributes")?;
        let index = self.folder.join("index");
        index::copy(&place.admin, &index)?;
        disbelieve(&index).context("set the time of the index")?;
        let exclude = place.common.join("info/exclude");
        if exclude.exists() {
            std::fs::copy(exclude, info.join("exclude")).context("copy info/exclude")?;
        }
        let head = place.head_if_any()?;
        let head = head.map(|head| self.git.bytes(&["update-ref", "--no-deref", "HEAD", &head]));
        head.transpose().map(drop)
    }
}

/// Makes the index older than any file. Git takes a file that looks as it did for what the index has of it,
/// and that went through the repository's filters; now it reads each of them.
fn disbelieve(index: &Path) -> std::io::Result<()> {
    // At the epoch itself it would be of unknown age.
    let old = UNIX_EPOCH + Duration::from_secs(1);
    match File::options().append(true).open(index) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        index => index?.set_modified(old),
    }
}

impl Drop for Exact {
    fn drop(&mut self) {
        // It holds nothing that anybody reads again.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

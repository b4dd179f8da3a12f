//! A work tree goes, and its work stays: everything that is not merged is kept under a ref first.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::exact::Exact;
use super::git::Git;
use super::index::{Index, take_all};
use super::make::patience;
use super::repository::{Place, lock};
use super::{Worktree, blocking, commands, queries};
use crate::app::App;
use crate::fault::reason;
use crate::ids::Id;
use crate::time::Clock;
use crate::{Error, Result};

/// The tree of a commit without files, of which git knows without being told. No attribute of a file
/// changes its bytes on their way where attributes are read from here.
const NO_ATTRIBUTES: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// Whether work that is not merged may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    No,
    Yes,
}

/// What became of the work in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Discarded {
    /// Keeps the files as they were, the index and all commits; null if there was nothing to keep.
    #[schema(required)]
    pub rescue: Option<String>,
    /// The command that brings the files back, byte for byte, into the folder `rescued`.
    #[schema(required)]
    pub restore: Option<String>,
    /// How many commits were not merged.
    pub commits: usize,
    /// How many files were not committed.
    pub files: usize,
    /// How many files and folders that git ignores are gone: they are never kept.
    pub ignored: usize,
}

/// What there is to lose.
struct Left {
    /// `None` if the folder was removed by hand.
    place: Option<Place>,
    /// Git in the folder that all work trees share.
    git: Git,
    /// The commit that is checked out, and the branch's, if that is another; one at least.
    tips: Vec<String>,
    commits: usize,
    files: usize,
    ignored: usize,
}

/// What [`discard`] would come upon: 409 if a run is at work in it, or if anything is not as it was made.
pub async fn preview(app: &App, id: Id) -> Result<Discarded> {
    let patience = patience(&app.settings());
    let worktree = app.db.read(move |db| queries::removable(db, id)).await?;
    blocking(move || {
        let held = lock(Path::new(&worktree.repository), patience)?;
        let git = Git::at(Path::new(&worktree.repository), patience).with_lock(&held);
        Ok(Left::of(&worktree, git)?.told(None))
    })
    .await
}

/// 409 if a run is at work in it, if there is unmerged work and no force, or if anything is not as it
/// was made: then nothing is touched.
pub async fn discard(app: &App, id: Id, force: Force) -> Result<Discarded> {
    let patience = patience(&app.settings());
    let worktree = app.db.read(move |db| queries::removable(db, id)).await?;
    let held = blocking(move || lock(Path::new(&worktree.repository), patience)).await?;
    discard_under(app, id, force, held).await
}

/// The same, with the lock of the repository.
pub async fn discard_under(app: &App, id: Id, force: Force, held: Arc<File>) -> Result<Discarded> {
    let patience = patience(&app.settings());
    let worktree = app.db.read(move |db| queries::removable(db, id)).await?;
    let git = Git::at(Path::new(&worktree.repository), patience).with_lock(&held);
    if let Some(rescue) = &worktree.rescue {
        // A removal that has come to nothing: its work is kept already.
        let restore = Some(restore(rescue));
        finish(app, id, held).await?;
        return Ok(Discarded {
            rescue: worktree.rescue,
            restore,
            commits: 0,
            files: 0,
            ignored: 0,
        });
    }
    let done = blocking(move || {
        let left = Left::of(&worktree, git)?;
        left.permit(&worktree, force)?;
        let rescue = left.rescue(&worktree)?;
        Ok(left.told(rescue))
    })
    .await?;
    let rescue = done.rescue.clone();
    app.db
        .write(move |db| commands::discarding(db, id, rescue.as_deref()))
        .await?;
    finish(app, id, held).await?;
    Ok(done)
}

/// Removes what is left of a work tree that is being discarded. `lock` is that of its repository.
pub async fn finish(app: &App, id: Id, lock: Arc<File>) -> Result<()> {
    let patience = patience(&app.settings());
    let worktree = app.db.read(move |db| queries::get(db, id)).await?;
    let git = Git::at(Path::new(&worktree.repository), patience).with_lock(&lock);
    blocking(move || remove(&worktree, &git)).await?;
    app.db.write(move |db| commands::discarded(db, id)).await
}

impl Left {
    fn of(worktree: &Worktree, git: Git) -> Result<Self> {
        let branch = worktree.full_branch();
        let tip = git.line_if_any(&["rev-parse", "--verify", "--quiet", &branch])?;
        let is_gone = Path::new(&worktree.path).symlink_metadata().is_err();
        worktree.check_remains()?;
        let place = if is_gone {
            None
        } else {
            Some(worktree.open(&git)?)
        };
        let head = place
            .as_ref()
            .map(Place::head_if_any)
            .transpose()?
            .flatten();
        let mut tips: Vec<_> = head.into_iter().chain(tip).collect();
        tips.dedup();
        if tips.is_empty() {
            tips.push(worktree.base.clone());
        }
        let commits = unmerged(worktree, &git, &tips)?.len();
        let (mut files, mut ignored) = (0, 0);
        if let Some(place) = &place {
            let exact = Exact::of(place)?;
            let all = [
                "status",
                "--porcelain",
                "-z",
                "--untracked-files=all",
                "--ignored",
            ];
            let told = exact.git.bytes(&all)?;
            let entries = told
                .split(|byte| *byte == 0)
                .filter(|entry| !entry.is_empty());
            let (not_kept, kept): (Vec<_>, Vec<_>) = entries.partition(|it| it.starts_with(b"!!"));
            (files, ignored) = (kept.len(), not_kept.len());
        }
        Ok(Self {
            place,
            git,
            tips,
            commits,
            files,
            ignored,
        })
    }

    fn told(&self, rescue: Option<String>) -> Discarded {
        Discarded {
            restore: rescue.as_deref().map(restore),
            rescue,
            commits: self.commits,
            files: self.files,
            ignored: self.ignored,
        }
    }

    fn permit(&self, worktree: &Worktree, force: Force) -> Result<()> {
        if force == Force::Yes || self.commits + self.files == 0 {
            return Ok(());
        }
        let (commits, files) = (self.commits, self.files);
        let into = worktree.target_branch.as_deref().unwrap_or(&worktree.base);
        Err(Error::Conflict(format!(
            "{commits} commits are not in {into} and {files} files are not committed; merge them first, \
             or discard with `force`: they are kept under refs/tac/rescue/ then"
        )))
    }

    /// Keeps everything but ignored files under a ref; `None` if all of it is merged.
    fn rescue(&self, worktree: &Worktree) -> Result<Option<String>> {
        let mut parents = self.tips.clone();
        let commit = |git: &Git, tree: &str, parents: &[String], what: &str| {
            let message = format!("{what} of the work tree of run {}", worktree.id);
            let parents = parents.iter().flat_map(|it| ["-p", it]);
            let words: Vec<_> = ["commit-tree", "-m", &message]
                .into_iter()
                .chain(parents)
                .collect();
            git.line(&[&words[..], &[tree]].concat())
        };
        let tree_of = |commit: &str| self.git.line(&["rev-parse", &format!("{commit}^{{tree}}")]);
        let head = &self.tips[0];
        let admin = worktree.admin();
        if admin.join("index").exists() {
            // One that holds conflicts is no tree; the files hold what is to be decided.
            let index = Index::in_folder(&admin, &self.git)?.tree();
            if let Ok(tree) = index
                && tree != tree_of(head)?
            {
                parents.push(commit(&self.git, &tree, &self.tips[..1], "index")?);
            }
        }
        let mut kept = None;
        if let Some(place) = &self.place {
            let tree = take_all(&Exact::of(place)?.git)?;
            if tree != tree_of(head)? {
                kept = Some(tree);
            }
        }
        if kept.is_none() && parents.len() == 1 && self.commits == 0 {
            return Ok(None);
        }
        let tree = kept.map_or_else(|| tree_of(head), Ok)?;
        let commit = commit(&self.git, &tree, &parents, "files")?;
        let now = Clock::system()
            .now()
            .to_string()
            .replace(['-', ':', '.'], "");
        let name = format!("refs/tac/rescue/{}/{now}", worktree.id);
        let create = ["update-ref", "-m", "rescued", &name, &commit, ""];
        self.git.bytes(&create)?;
        Ok(Some(name))
    }
}

/// The command that brings the files back that a ref keeps, byte for byte, into the folder `rescued`.
pub fn restore(rescue: &str) -> String {
    format!(
        "git -c core.autocrlf=false -c attr.tree={NO_ATTRIBUTES} worktree add --detach rescued {rescue}"
    )
}

/// The commits that `tips` lead to, and neither the base nor the target does.
fn unmerged(worktree: &Worktree, git: &Git, tips: &[String]) -> Result<Vec<String>> {
    let target = worktree
        .target_branch
        .as_ref()
        .map(|name| format!("refs/heads/{name}"));
    let known = |name: &String| git.holds(&["show-ref", "--verify", "--quiet", name]);
    let mut merged = vec![worktree.base.clone()];
    for name in target.iter().chain(&worktree.rescue) {
        if known(name)? {
            merged.push(name.clone());
        }
    }
    let words = tips.iter().map(String::as_str).chain(["--not"]);
    let words = ["rev-list"]
        .into_iter()
        .chain(words)
        .chain(merged.iter().map(String::as_str));
    let listed = git.bytes(&words.chain(["--"]).collect::<Vec<_>>())?;
    let listed = String::from_utf8_lossy(&listed);
    Ok(listed.lines().map(str::to_owned).collect())
}

/// Removes the folder, git's own of it, and the branch if nothing on it would be lost. May be repeated.
pub fn remove(worktree: &Worktree, git: &Git) -> Result<()> {
    worktree.check_remains()?;
    clear(Path::new(&worktree.path))?;
    clear(&worktree.admin())?;
    let branch = worktree.full_branch();
    let tip = git.line_if_any(&["rev-parse", "--verify", "--quiet", &branch])?;
    if let Some(tip) = tip
        && unmerged(worktree, git, std::slice::from_ref(&tip))?.is_empty()
    {
        git.bytes(&["update-ref", "-d", &branch, &tip])?;
    }
    Ok(())
}

/// Follows no link.
fn clear(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            let (folder, why) = (folder.display(), reason(&error));
            Err(Error::Conflict(format!("cannot remove {folder}: {why}")))
        }
        _ => Ok(()),
    }
}

//! A work tree as git sees it, and what is asked of a repository before it is worked with.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::fs::OFlags;

use super::git::Git;
use crate::adapters::plain;
use crate::{Error, Result};

/// Of a folder in each repository's own, never removed: whoever waits at a removed file holds the lock
/// of nothing.
const LOCK: &str = "orchestrator.lock";
/// Between two looks whether the lock is free.
const PAUSE: Duration = Duration::from_millis(20);

/// A work tree: its real paths, and git in it.
#[derive(Debug, Clone)]
pub struct Place {
    pub git: Git,
    pub top: PathBuf,
    /// What git keeps of this work tree alone.
    pub admin: PathBuf,
    /// What all work trees of the repository share.
    pub common: PathBuf,
}

impl Place {
    /// The work tree that holds `git`'s folder. 409 with the reason if there is none.
    pub fn find(git: &Git) -> Result<Self> {
        let folder = git.folder().display();
        let found = Self::find_any(git)?;
        found.ok_or_else(|| Error::Conflict(format!("{folder} is in no git repository")))
    }

    /// The same; `None` outside of all repositories.
    pub fn find_any(git: &Git) -> Result<Option<Self>> {
        let folder = git.folder().display();
        let ask = ["rev-parse", "--is-inside-work-tree"];
        let inside = git.call(&ask)?;
        if inside.code != 0 {
            let failure = inside.failure(&ask);
            let is_outside = failure.to_string().contains("not a git repository");
            return if is_outside { Ok(None) } else { Err(failure) };
        }
        if inside.out != b"true\n" {
            let why = "is in a git repository, but in no work tree of it";
            return Err(Error::Conflict(format!("{folder} {why}")));
        }
        let path = |what| git.line(&["rev-parse", "--path-format=absolute", what]);
        let top = real(Path::new(&path("--show-toplevel")?))?;
        Ok(Some(Self {
            git: git.in_folder(&top),
            admin: real(Path::new(&path("--git-dir")?))?,
            common: real(Path::new(&path("--git-common-dir")?))?,
            top,
        }))
    }

    /// The commit that is checked out; 409 if there is none yet.
    pub fn head(&self) -> Result<String> {
        self.head_if_any()?.ok_or_else(|| {
            let top = self.top.display();
            Error::Conflict(format!("the repository {top} has no commit yet"))
        })
    }

    pub fn head_if_any(&self) -> Result<Option<String>> {
        self.git
            .line_if_any(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
    }

    /// The branch that is checked out, without `refs/heads/`.
    pub fn branch(&self) -> Result<Option<String>> {
        let name = self.git.line_if_any(&["symbolic-ref", "--quiet", "HEAD"])?;
        Ok(name.and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned)))
    }

    /// The same place, whose calls hold the lock of its repository.
    pub fn locked(self) -> Result<Self> {
        let lock = lock(&self.common, self.git.patience())?;
        let git = self.git.with_lock(&lock);
        Ok(Self { git, ..self })
    }

    /// 409 if the repository's own settings name programs that read, write or merge its files: a run
    /// that is going on could have written them. Those of the user's own settings are the user's.
    pub fn refuse_programs(&self) -> Result<()> {
        let list = ["config", "--list", "-z", "--show-scope", "--name-only"];
        let listed = self.git.bytes(&list)?;
        let mut words = listed.split(|byte| *byte == 0);
        while let (Some(scope), Some(key)) = (words.next(), words.next()) {
            if [&b"local"[..], b"worktree"].contains(&scope) && is_program(key) {
                let key = plain(&String::from_utf8_lossy(key));
                return Err(Error::Conflict(format!(
                    "the repository's own settings name a program, in `{key}`; move it to your own \
                     (`git config --global`) if you trust it"
                )));
            }
        }
        Ok(())
    }
}

fn is_program(key: &[u8]) -> bool {
    let ends = |ends: &[&[u8]]| ends.iter().any(|end| key.ends_with(end));
    key.starts_with(b"filter.") && ends(&[b".clean", b".smudge", b".process"])
        || key.starts_with(b"merge.") && ends(&[b".driver"])
}

/// Holds the lock of a repository, over all services: whoever changes one of its work trees, or a
/// branch. 503 if somebody else does for longer than `patience`.
pub fn lock(common: &Path, patience: Duration) -> Result<Arc<File>> {
    let path = common.join(LOCK);
    let nofollow = i32::try_from(OFlags::NOFOLLOW.bits()).expect("a flag of open(2)");
    let mut file = OpenOptions::new();
    file.read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .custom_flags(nofollow);
    let file = match file.open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let common = common.display();
            return Err(Error::Conflict(format!("the repository {common} is gone")));
        }
        file => file.with_context(|| format!("open {}", path.display()))?,
    };
    let deadline = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Arc::new(file)),
            Err(TryLockError::Error(error)) => {
                return Err(Error::Internal(
                    anyhow::Error::new(error).context("lock a repository"),
                ));
            }
            Err(TryLockError::WouldBlock) if deadline < Instant::now() => {
                let why = "the repository is in use by another run; try again";
                return Err(Error::Unavailable(why.into()));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
        }
    }
}

/// By no link.
pub fn real(path: &Path) -> Result<PathBuf> {
    let real = path.canonicalize();
    real.map_err(|error| {
        let why = crate::fault::reason(&error);
        Error::Conflict(format!("cannot find {}: {why}", path.display()))
    })
}

//! A branch goes from one commit to another, and the work tree that has it checked out with it.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;

use super::merge::Plan;
use super::repository::Place;
use crate::adapters::plain;
use crate::{Error, Result};

/// What has come of it.
pub enum Applied {
    Done,
    /// Everything is as it was.
    TakenBack(Error),
}

/// Moves the branch by compare-and-set, then the files; if these cannot all be written, both go back. An
/// error says that not even this could be done.
pub fn apply(plan: &Plan) -> Result<Applied> {
    let Plan {
        target,
        branch,
        from,
        to,
    } = plan;
    // For what only looks changed, as after a copy of the folder. What is changed is found below.
    target.git.call(&["update-index", "-q", "--refresh"])?;
    let moved = target.git.bytes(&[
        "update-ref",
        "-m",
        "merge: the work of a run",
        branch,
        to,
        from,
    ]);
    if let Err(error) = moved {
        return Ok(Applied::TakenBack(error));
    }
    let Err(error) = target.git.bytes(&["read-tree", "-m", "-u", from, to]) else {
        return Ok(Applied::Done);
    };
    take_back(target, from, to)?;
    target
        .git
        .bytes(&["update-ref", "-m", "merge: taken back", branch, from, to])?;
    Ok(Applied::TakenBack(error))
}

/// Goes on with a merge that was interrupted; whether it is done now, or had not begun.
pub fn resume(plan: &Plan) -> Result<bool> {
    let Plan {
        target,
        branch,
        from,
        to,
    } = plan;
    let now = target.git.line(&["rev-parse", "--verify", branch])?;
    if now != *to {
        // Somebody has gone on from there, or it was never moved.
        return target.git.holds(&["merge-base", "--is-ancestor", to, &now]);
    }
    let tree = target.git.line(&["rev-parse", &format!("{to}^{{tree}}")])?;
    if target.git.line(&["write-tree"])? != tree {
        target.git.call(&["update-index", "-q", "--refresh"])?;
        target.git.bytes(&["read-tree", "-m", "-u", from, to])?;
    }
    Ok(true)
}

/// 409 if a file would be written over of which git does not know: it spares those that are not
/// ignored, but not the others.
pub fn refuse_what_is_in_the_way(target: &Place, from: &str, to: &str) -> Result<()> {
    for path in changed(target, from, to, "--diff-filter=A")? {
        let full = target.top.join(&path);
        match full.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            _ => {
                let path = plain(&path.to_string_lossy());
                let top = target.top.display();
                return Err(Error::Conflict(format!(
                    "{path} is in the way in {top}, and git does not know it: move it away first"
                )));
            }
        }
    }
    Ok(())
}

/// Gives files that were half written back their contents of `from`, which the index still has.
fn take_back(target: &Place, from: &str, to: &str) -> Result<()> {
    for path in changed(target, from, to, "--diff-filter=A")? {
        match std::fs::remove_file(target.top.join(&path)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(anyhow::Error::new(error)
                    .context("take a merge back")
                    .into());
            }
            _ => {}
        }
    }
    let words = ["checkout-index", "--force", "--quiet", "--"].map(OsString::from);
    let others = changed(target, from, to, "--diff-filter=a")?;
    for some in others.chunks(500) {
        target.git.bytes(&[&words[..], some].concat())?;
    }
    Ok(())
}

fn changed(target: &Place, from: &str, to: &str, filter: &str) -> Result<Vec<OsString>> {
    let words = [
        "diff-tree",
        "-r",
        "-z",
        "--no-renames",
        "--name-only",
        filter,
        from,
        to,
    ];
    let listed = target.git.bytes(&words)?;
    let paths = listed
        .split(|byte| *byte == 0)
        .filter(|path| !path.is_empty());
    Ok(paths
        .map(|path| OsStr::from_bytes(path).to_owned())
        .collect())
}

//! The branch of a run is merged where the run was asked for: as one commit, or not at all.

use std::path::Path;

use serde::Serialize;
use utoipa::ToSchema;

use super::apply::Applied;
use super::git::Git;
use super::index::{Index, take_all};
use super::make::patience;
use super::repository::{Place, lock};
use super::{Worktree, apply, blocking, commands, queries};
use crate::app::App;
use crate::db::Read;
use crate::ids::Id;
use crate::runs;
use crate::runtime::prompts;
use crate::text;
use crate::{Error, Result, agents};

/// Of a commit's first line, in characters.
const LONGEST_TITLE: usize = 72;
/// Of the paths that a refusal names.
const MOST_PATHS: usize = 5;
/// What git leaves in its folder of a work tree while it is in the middle of something.
const UNFINISHED: [&str; 7] = [
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "BISECT_LOG",
    "rebase-merge",
    "rebase-apply",
    "sequencer",
];

/// Whether anything is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Preview,
    Real,
}

text::choices! {
    pub enum Outcome {
        Merged = "merged",
        /// A preview: it would be.
        Clean = "clean",
        /// A preview: it would not be.
        Conflicts = "conflicts",
    }
}

/// How a merge has gone, or would go.
#[derive(Debug, Serialize, ToSchema)]
pub struct Merge {
    pub outcome: Outcome,
    pub branch: String,
    /// The branch that it is merged into.
    pub into: String,
    /// The commit that `into` is at now, after a merge.
    #[schema(required)]
    pub commit: Option<String>,
    /// The paths that both sides have changed in different ways.
    pub conflicts: Vec<String>,
}

/// What is to be done, when all is known.
pub(super) struct Plan {
    pub target: Place,
    /// The full name of the branch that goes `from` one commit `to` another.
    pub branch: String,
    pub from: String,
    pub to: String,
}

/// Merges the work tree of `run`, or tells what would happen. 409 with the reason if it cannot be, and
/// then everything is as it was.
pub async fn merge(app: &App, run: Id, mode: Mode) -> Result<Merge> {
    let patience = patience(&app.settings());
    let find = move |db: &Read| Ok((mergeable(db, run)?, message(db, run)?));
    let (worktree, message) = app.db.read(find).await?;
    let (id, repository) = (worktree.id, worktree.repository.clone());
    let held = blocking(move || lock(Path::new(&repository), patience)).await?;
    let git = Git::at(Path::new(&worktree.target_path), patience).with_lock(&held);
    let (plan, mut told) = blocking(move || plan(&worktree, &git, &message, mode)).await?;
    let Some(plan) = plan.filter(|_| mode == Mode::Real) else {
        return Ok(told);
    };
    let (from, to) = (plan.from.clone(), plan.to.clone());
    app.db
        .write(move |db| commands::merging(db, id, &from, &to))
        .await?;
    told.commit = Some(plan.to.clone());
    if let Applied::TakenBack(error) = blocking(move || apply::apply(&plan)).await? {
        let reason = error.to_string();
        app.db
            .write(move |db| commands::not_merged(db, id, &reason))
            .await?;
        return Err(error);
    }
    app.db.write(move |db| commands::merged(db, id)).await?;
    // Until here nobody else may look at what was begun.
    drop(held);
    Ok(told)
}

fn mergeable(db: &Read, run: Id) -> Result<Worktree> {
    queries::mergeable(db, queries::of_run(db, run)?.id)
}

/// Who did what, as the commits tell it.
fn message(db: &Read, run: Id) -> Result<String> {
    let run = runs::queries::get(db, run)?;
    let agent = agents::queries::get(db, run.agent.orchestrator_agent_id)?.name;
    let asked = match prompts::queries::get(db, run.prompt_id) {
        Ok(prompt) => prompt.prompt_text,
        // Pruned.
        Err(Error::NotFound(_)) => String::new(),
        Err(error) => return Err(error),
    };
    let asked = asked
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("a run");
    let title: String = format!("{agent}: {asked}")
        .chars()
        .take(LONGEST_TITLE)
        .collect();
    Ok(format!("{title}\n\nRun: {}", run.agent.id))
}

fn plan(
    worktree: &Worktree,
    git: &Git,
    message: &str,
    mode: Mode,
) -> Result<(Option<Plan>, Merge)> {
    let into = worktree.target_branch.clone().ok_or_else(|| {
        Error::Conflict(format!(
            "no branch was checked out in {} when the run began: merge {} by hand",
            worktree.target_path, worktree.branch
        ))
    })?;
    let target = target(worktree, git, &into)?;
    let from = target.head()?;
    let work = Work::of(worktree, git, message)?;
    let tip = &work.tip;
    if target
        .git
        .holds(&["merge-base", "--is-ancestor", tip, &from])?
    {
        let why = format!("{} has nothing that {into} lacks", worktree.branch);
        return Err(Error::Conflict(why));
    }
    let (tree, conflicts) = merged(&target.git, &from, tip)?;
    let mut told = Merge {
        outcome: Outcome::Conflicts,
        branch: worktree.branch.clone(),
        into: into.clone(),
        commit: None,
        conflicts,
    };
    if !told.conflicts.is_empty() {
        if mode == Mode::Preview {
            return Ok((None, told));
        }
        let (branch, path) = (&worktree.branch, &worktree.path);
        return Err(Error::Conflict(format!(
            "{into} and {branch} have both changed {}: commit what is in {path}, merge {into} there, then try again",
            listed(&told.conflicts)
        )));
    }
    told.outcome = if mode == Mode::Real {
        Outcome::Merged
    } else {
        Outcome::Clean
    };
    let words = ["commit-tree", "-p", &from, "-p", tip, "-m", message, &tree];
    let to = target.git.line(&words)?;
    apply::refuse_what_is_in_the_way(&target, &from, &to)?;
    if mode == Mode::Real {
        work.commit(worktree)?;
    }
    let branch = format!("refs/heads/{into}");
    Ok((
        Some(Plan {
            target,
            branch,
            from,
            to,
        }),
        told,
    ))
}

/// Where it is to be merged, if that is as the run has found it, with nothing unfinished.
fn target(worktree: &Worktree, git: &Git, into: &str) -> Result<Place> {
    let path = &worktree.target_path;
    let target = Place::find(git)?;
    if target.top != Path::new(path) || target.common != Path::new(&worktree.repository) {
        return Err(Error::Conflict(format!("{path} is another work tree now")));
    }
    target.refuse_programs()?;
    let branch = target.branch()?;
    if branch.as_deref() != Some(into) {
        let branch = branch.as_deref().unwrap_or("no branch");
        return Err(Error::Conflict(format!(
            "{path} has {branch} checked out, not {into}: `git switch {into}` there first"
        )));
    }
    if let Some(what) = UNFINISHED.iter().find(|it| target.admin.join(it).exists()) {
        return Err(Error::Conflict(format!(
            "{path} is in the middle of something ({what}): finish or abort it first"
        )));
    }
    let dirty = target
        .git
        .bytes(&["status", "--porcelain", "-z", "--untracked-files=no"])?;
    let dirty = dirty
        .split(|byte| *byte == 0)
        .filter_map(|entry| entry.get(3..));
    let dirty: Vec<_> = dirty
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .collect();
    if !dirty.is_empty() {
        return Err(Error::Conflict(format!(
            "{path} has changes that are not committed, in {}: commit or stash them first",
            listed(&dirty)
        )));
    }
    Ok(target)
}

/// What the run has left: its branch's tip, and with what was not committed yet, one more commit.
struct Work {
    place: Place,
    head: String,
    tip: String,
}

impl Work {
    fn of(worktree: &Worktree, git: &Git, message: &str) -> Result<Self> {
        let place = worktree.open(git)?;
        place.refuse_programs()?;
        if place.branch()?.as_ref() != Some(&worktree.branch) {
            let (path, branch) = (&worktree.path, &worktree.branch);
            return Err(Error::Conflict(format!(
                "{path} has left its branch: `git switch {branch}` there first"
            )));
        }
        let head = place.head()?;
        let tree = take_all(&Index::of(&place)?.git)?;
        let tip = if tree == place.git.line(&["rev-parse", "HEAD^{tree}"])? {
            head.clone()
        } else {
            place
                .git
                .line(&["commit-tree", "-p", &head, "-m", message, &tree])?
        };
        Ok(Self { place, head, tip })
    }

    /// Moves the branch to the commit.
    fn commit(&self, worktree: &Worktree) -> Result<()> {
        if self.tip == self.head {
            return Ok(());
        }
        let (git, branch) = (&self.place.git, worktree.full_branch());
        let why = "commit: what the run has left";
        git.bytes(&["update-ref", "-m", why, &branch, &self.tip, &self.head])?;
        git.bytes(&["reset", "--quiet"]).map(drop)
    }
}

/// The tree of both, and the paths in conflict.
fn merged(git: &Git, one: &str, other: &str) -> Result<(String, Vec<String>)> {
    let words = [
        "merge-tree",
        "--write-tree",
        "-z",
        "--name-only",
        "--no-messages",
        one,
        other,
    ];
    let printed = git.call(&words)?;
    if ![0, 1].contains(&printed.code) {
        return Err(printed.failure(&words));
    }
    let mut parts = printed.out.split(|byte| *byte == 0);
    let mut text = || Some(String::from_utf8_lossy(parts.next()?).into_owned());
    let tree = text().unwrap_or_default();
    let mut conflicts: Vec<_> = std::iter::from_fn(text)
        .filter(|path| !path.is_empty())
        .collect();
    conflicts.dedup();
    if printed.code == 1 && conflicts.is_empty() {
        return Err(printed.failure(&words));
    }
    Ok((tree, conflicts))
}

fn listed(paths: &[String]) -> String {
    let more = paths.len().saturating_sub(MOST_PATHS);
    let named = paths
        .iter()
        .take(MOST_PATHS)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let named = crate::adapters::plain(&named);
    if more == 0 {
        named
    } else {
        format!("{named} and {more} more")
    }
}

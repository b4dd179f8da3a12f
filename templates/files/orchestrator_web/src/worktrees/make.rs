//! A run gets the folder that it works in: the one that it was given, or a work tree.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use super::git::Git;
use super::identity::LOCKED;
use super::repository::{Place, real};
use super::{Worktree, WorktreeStatus, blocking, commands, discard, queries};
use crate::app::App;
use crate::config::Settings;
use crate::db::{Db, Read, Write};
use crate::error::FieldError;
use crate::ids::Id;
use crate::runs::Run;
use crate::time::Clock;
use crate::{Error, Result, agents};

/// Of a branch's name, in characters.
const LONGEST_SLUG: usize = 40;

pub fn patience(settings: &Settings) -> Duration {
    Duration::from_secs(settings.worktrees.git_timeout_seconds.get().into())
}

/// 422 if no work tree can be made for a run in `working_dir`.
pub async fn check(settings: &Settings, working_dir: &str) -> Result<()> {
    let git = Git::at(Path::new(working_dir), patience(settings));
    let check = move || {
        let place = Place::find(&git)?;
        place.refuse_programs()?;
        place.head().map(drop)
    };
    blocking(move || check().map_err(unacceptable)).await
}

fn unacceptable(error: Error) -> Error {
    match error {
        Error::Conflict(why) => Error::Invalid(vec![FieldError::at("/working_dir", why)]),
        other => other,
    }
}

/// The folder that `run` is to work in: its work tree is made, unless it has one, or its session or its
/// workflow does.
pub async fn folder_for(app: &App, run: &Run) -> Result<String> {
    if !run.wants_worktree {
        return Ok(run.working_dir.clone());
    }
    let id = run.agent.id;
    let git = Git::at(Path::new(&run.working_dir), patience(&app.settings()));
    let known = app.db.read(move |db| queries::of(db, id)).await?;
    if let Some(own) = &known
        && own.status != WorktreeStatus::Pending
    {
        let own = own.clone();
        return blocking(move || folder_in(&own, &git)).await;
    }
    // Of two steps of a workflow that begin together one makes it, and the other finds it.
    let place = blocking(move || Place::find(&git)?.locked()).await?;
    if let Some(left) = known {
        unmake(app, left, &place).await?;
    }
    let asking = run.clone();
    let earlier = move |db: &Read| queries::to_join(db, &asking);
    let Some(earlier) = app.db.read(earlier).await? else {
        return make(app, run, place).await;
    };
    let worktree = earlier.id;
    let folder = blocking(move || folder_in(&earlier, &place.git)).await?;
    let join = move |db: &mut Write| commands::join(db, worktree, id);
    app.db.write(join).await?;
    Ok(folder)
}

/// Of a work tree that stands.
fn folder_in(worktree: &Worktree, git: &Git) -> Result<String> {
    worktree.require_standing()?;
    worktree.open(git)?;
    text(&Path::new(&worktree.path).join(&worktree.folder))
}

/// `place` holds the lock.
async fn make(app: &App, run: &Run, place: Place) -> Result<String> {
    let (id, agent) = (run.agent.id, run.agent.orchestrator_agent_id);
    let name = app.db.read(move |db| agents::queries::get(db, agent));
    let name = name.await?.name;
    let root = root(&app.settings(), &app.db);
    let (working_dir, from) = (run.working_dir.clone(), place.clone());
    let plan = move || plan(id, &name, Path::new(&working_dir), &from, &root);
    let plan = blocking(plan).await?;
    let (planned, written, from) = (plan.clone(), plan.clone(), place.clone());
    app.db.write(move |db| commands::plan(db, &written)).await?;
    match blocking(move || create(&planned, &from)).await {
        Ok(folder) => {
            app.db.write(move |db| commands::made(db, id)).await?;
            Ok(folder)
        }
        Err(error) => {
            unmake(app, plan, &place).await?;
            Err(error)
        }
    }
}

/// Removes what is left of one that was not made in full: nobody has worked in it.
async fn unmake(app: &App, left: Worktree, place: &Place) -> Result<()> {
    let (id, git) = (left.id, place.git.in_folder(&place.common));
    blocking(move || discard::remove(&left, &git)).await?;
    app.db.write(move |db| commands::unmade(db, id)).await
}

/// Everything that is decided before anything is made.
fn plan(id: Id, agent: &str, working_dir: &Path, place: &Place, root: &Path) -> Result<Worktree> {
    place.refuse_programs()?;
    let base = place.head()?;
    let root = prepare(root, &place.git)?;
    let folder = working_dir.strip_prefix(&place.top);
    let folder = folder.context("find the folder in its own work tree")?;
    Ok(Worktree {
        id,
        status: WorktreeStatus::Pending,
        path: text(&root.join(id.as_str()))?,
        folder: text(folder)?,
        branch: branch(id, agent, place)?,
        base,
        target_path: text(&place.top)?,
        target_branch: place.branch()?,
        rescue: None,
        reason: None,
        created_at: Clock::system().now(),
        repository: text(&place.common)?,
        merge: None,
    })
}

/// Where work trees are: as configured, or beside the database.
fn root(settings: &Settings, db: &Db) -> PathBuf {
    let beside = || {
        db.path()
            .parent()
            .unwrap_or(Path::new(""))
            .join("worktrees")
    };
    settings.worktrees.root.clone().unwrap_or_else(beside)
}

/// Makes the root, and returns its real path. 409 if it lies in a work tree whose git would take it for
/// a part of that.
fn prepare(root: &Path, git: &Git) -> Result<PathBuf> {
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(root);
    made.with_context(|| format!("make the folder {}", root.display()))?;
    let root = real(root)?;
    let Some(around) = Place::find_any(&git.in_folder(&root))? else {
        return Ok(root);
    };
    let inside = text(&root.join("a"))?;
    if around
        .git
        .holds(&["check-ignore", "--quiet", "--", &inside])?
    {
        return Ok(root);
    }
    let (root, around) = (root.display(), around.top.display());
    Err(Error::Conflict(format!(
        "the folder of work trees {root} lies in the work tree {around} and is not ignored there: name \
         another one in worktrees.root, or add it to .gitignore"
    )))
}

/// `tac/<agent>/<end of the id>`; with the whole id where that is taken.
fn branch(id: Id, agent: &str, place: &Place) -> Result<String> {
    let slug: String = agent
        .to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
        .chars()
        .take(LONGEST_SLUG)
        .collect();
    let slug = Some(slug.trim_end_matches('-'))
        .filter(|it| !it.is_empty())
        .unwrap_or("agent");
    let id = id.as_str();
    let short = format!("tac/{slug}/{}", &id[id.len() - 8..]);
    let full = format!("refs/heads/{short}");
    let is_taken = place
        .git
        .holds(&["show-ref", "--verify", "--quiet", &full])?;
    Ok(if is_taken {
        format!("tac/{slug}/{id}")
    } else {
        short
    })
}

/// Makes the work tree; the folder to work in. It is marked before a file is written into it.
fn create(plan: &Worktree, place: &Place) -> Result<String> {
    place.git.bytes(&[
        "worktree",
        "add",
        "--quiet",
        "--no-track",
        "--no-checkout",
        "--lock",
        "--reason",
        LOCKED,
        "-b",
        &plan.branch,
        "--",
        &plan.path,
        &plan.base,
    ])?;
    plan.mark()?;
    let made = plan.open(&place.git)?;
    made.git.bytes(&["reset", "--hard", "--quiet"])?;
    text(&folder(Path::new(&plan.path), Path::new(&plan.folder))?)
}

/// The folder in the work tree, made where the commit does not have it: an ignored one, say.
fn folder(top: &Path, folder: &Path) -> Result<PathBuf> {
    let mut path = top.to_owned();
    for part in folder.components() {
        let Component::Normal(name) = part else {
            return Err(anyhow::anyhow!("{} leads elsewhere", folder.display()).into());
        };
        path.push(name);
        match path.symlink_metadata() {
            Ok(about) if about.is_dir() => {}
            Ok(_) => {
                let folder = folder.display();
                let why = format!("{folder} is no folder in the commit that is checked out");
                return Err(Error::Conflict(why));
            }
            Err(_) => {
                let made = std::fs::create_dir(&path);
                made.with_context(|| format!("make the folder {}", path.display()))?;
            }
        }
    }
    Ok(path)
}

fn text(path: &Path) -> Result<String> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| Error::Conflict(format!("{} is not UTF-8", path.display())))
}

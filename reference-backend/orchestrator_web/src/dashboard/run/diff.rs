//! What a run has changed in its work tree, line by line.

use std::path::Path;

use askama::Template;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::config::Settings;
use crate::dashboard::page::{Frame, Page, Part, Place, TAG, Visit, no_part, query, render};
use crate::dashboard::show::{count, filters};
use crate::db::Read;
use crate::events::EventId;
use crate::extract::{FromQuery, PathId, Query, QueryReader};
use crate::ids::Id;
use crate::runtime::agents::queries as instances;
use crate::worktrees::diff::{self, Change, Changed, Diff};
use crate::worktrees::{Worktree, queries};
use crate::{Error, Result, events};

/// Of files and of lines, all files together: what is more stands behind a link.
const MOST_FILES: usize = 200;
const MOST_LINES: usize = 1_000;
/// Of one file among others.
const MOST_OF_ONE: usize = 300;
/// Of a line, in bytes.
const LONGEST: usize = 1_000;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Of which file.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// This one alone, and all that there is of it.
    path: Option<String>,
}

impl FromQuery for Filter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            path: query.filled("path"),
        }
    }
}

#[derive(Template)]
#[template(path = "dashboard/diff.html", blocks = ["files"])]
struct Shown {
    frame: Frame,
    run: Id,
    /// Of the file that is shown alone.
    query: String,
    about: String,
    outcome: Outcome,
}

enum Outcome {
    /// The run has none, or none yet.
    NoWorktree,
    /// Why it cannot be looked at.
    Refused(String),
    Read(Changes),
}

struct Changes {
    summary: String,
    added: String,
    removed: String,
    branch: String,
    files: Vec<File>,
    more_files: usize,
}

struct File {
    path: String,
    about: String,
    counts: Option<(String, String)>,
    lines: Vec<Line>,
    /// How many lines are not shown.
    more: usize,
    /// The query that shows all of them.
    query: String,
    /// What else there is to know.
    note: &'static str,
}

struct Line {
    element: &'static str,
    text: String,
    /// Bytes that are not shown.
    cut: usize,
}

/// What a run has changed in its work tree, as it is now
#[utoipa::path(get, path = "/runs/{id}/diff", tag = TAG, params(("id" = Id, Path), Part, Filter),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn show(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    Query(asked): Query<(Part, Filter)>,
) -> Page {
    let (Part { part }, filter) = asked;
    let (newest, worktree) = app.db.read(move |db| found(db, id)).await?;
    let tree = worktree.as_ref().map(|it| format!(" {}", it.id));
    let page = Shown {
        frame: visit
            .frame(Place::Runs, "Changes")
            .live("runtime,worktree", newest),
        run: id,
        query: query([("path", filter.path.clone())]),
        about: format!("{id}{}", tree.unwrap_or_default()),
        outcome: Outcome::of(&app.settings(), worktree, filter.path.as_deref()).await?,
    };
    match part.as_deref() {
        None => render(&page),
        Some("files") => render(&page.as_files()),
        Some(_) => Err(no_part()),
    }
}

fn found(db: &Read, id: Id) -> Result<(EventId, Option<Worktree>)> {
    let newest = events::newest(db)?;
    instances::require(db, id)?;
    Ok((newest, queries::of(db, id)?))
}

impl Outcome {
    async fn of(
        settings: &Settings,
        worktree: Option<Worktree>,
        path: Option<&str>,
    ) -> Result<Self> {
        let Some(worktree) = worktree else {
            return Ok(Self::NoWorktree);
        };
        match diff::diff(settings, worktree).await {
            Ok(diff) => Ok(Self::Read(Changes::of(diff, path))),
            Err(Error::Conflict(why)) => Ok(Self::Refused(why)),
            Err(error) => Err(error),
        }
    }
}

impl Changes {
    fn of(diff: Diff, path: Option<&str>) -> Self {
        let sum = |lines: fn(&Changed) -> Option<u64>| -> String {
            let lines: u64 = diff.files.iter().filter_map(lines).sum();
            number(lines)
        };
        let (added, removed) = (sum(|it| it.added), sum(|it| it.removed));
        let all = diff.files.len() + diff.more_files;
        let (most, most_of_one, mut room) = match path {
            None => (MOST_FILES, MOST_OF_ONE, MOST_LINES),
            Some(_) => (usize::MAX, usize::MAX, usize::MAX),
        };
        let is_asked_for = |file: &Changed| path.is_none_or(|path| file.path == path);
        let asked = diff.files.into_iter().filter(is_asked_for);
        let files = asked.take(most).map(|it| {
            let file = File::of(it, most_of_one.min(room));
            room -= file.lines.len();
            file
        });
        let files: Vec<_> = files.collect();
        Self {
            summary: match all {
                1 => "1 change".into(),
                _ => format!("{} changes", number(all as u64)),
            },
            added,
            removed,
            branch: diff.branch,
            more_files: if path.is_none() { all - files.len() } else { 0 },
            files,
        }
    }
}

impl File {
    /// With so many of its lines.
    fn of(changed: Changed, most: usize) -> Self {
        let mut lines = lines(&changed.text);
        let more = lines.len().saturating_sub(most);
        lines.truncate(most);
        let change = changed.change.as_str().replace('_', " ");
        let old = changed.old_path.as_deref();
        let from = old.map_or(String::new(), |old| format!(" from {old}"));
        Self {
            about: format!("{change}{from}, {}", changed.part.as_str()),
            counts: changed.added.zip(changed.removed).map(both),
            lines,
            more,
            query: query([("path", Some(changed.path.clone()))]),
            note: note(&changed),
            path: changed.path,
        }
    }

    fn is_open(&self) -> bool {
        !self.lines.is_empty() && !is_made(&self.path)
    }
}

/// Whether nobody has written the file by hand.
fn is_made(path: &str) -> bool {
    let end = Path::new(path).extension();
    end.is_some_and(|end| end == "lock") || path.ends_with("package-lock.json")
}

fn note(changed: &Changed) -> &'static str {
    if changed.change == Change::Unmerged {
        "In conflict."
    } else if changed.is_binary && changed.size.is_some() {
        "Not text, or larger than 1 MiB."
    } else if changed.is_cut {
        "The rest is in the patch."
    } else {
        ""
    }
}

/// The lines of a unified diff, without what is said of the file elsewhere.
fn lines(text: &str) -> Vec<Line> {
    let mut is_head = true;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with("diff --git ") {
            is_head = true;
        } else if line.starts_with("@@ ") {
            is_head = false;
        }
        let element = match line.as_bytes().first() {
            _ if is_head && !line.contains(" mode ") => continue,
            Some(b'+') => "ins",
            Some(b'-') => "del",
            Some(b' ') => "span",
            _ => "b",
        };
        let shown = &line[..line.floor_char_boundary(LONGEST)];
        lines.push(Line {
            element,
            text: shown.to_owned(),
            cut: line.len() - shown.len(),
        });
    }
    lines
}

fn both((added, removed): (u64, u64)) -> (String, String) {
    (number(added), number(removed))
}

fn number(number: u64) -> String {
    count(i64::try_from(number).unwrap_or(i64::MAX))
}

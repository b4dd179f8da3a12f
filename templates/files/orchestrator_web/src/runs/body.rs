//! The body of a request: its shape, and the rules for its values.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use utoipa::ToSchema;

use super::commands::NewRun;
use crate::extract::{Check, FromBody};
use crate::money::MicroUsd;
use crate::text;
use crate::time::Timestamp;

/// A year.
const LONGEST_SECONDS: i64 = 366 * 24 * 60 * 60;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "prompt": "say Hello.\nsleep 500ms\ncost 0.0042\nsay Done." }))]
pub struct NewRunBody {
    #[schema(min_length = 1, max_length = 4_000_000)]
    prompt: String,
    /// A run goes on with what earlier runs of the session on the same executor were told. Left out,
    /// it begins a session of its own.
    #[schema(max_length = 255, pattern = "^[A-Za-z0-9][A-Za-z0-9._:/-]*$")]
    session_id: Option<String>,
    /// A folder in one of `agents.roots`, where relative paths start at the first of them; that one, if
    /// it is left out.
    working_dir: Option<String>,
    /// The agent's, if it is left out.
    #[schema(max_length = 255, pattern = "^[A-Za-z0-9][A-Za-z0-9._:/@\\[\\]-]*$")]
    model: Option<String>,
    /// The executor's, if it is left out.
    #[schema(minimum = 1, maximum = 31_622_400)]
    timeout_seconds: Option<i64>,
    /// What the run may cost; it is stopped when it has spent more.
    #[schema(value_type = Option<MicroUsd>)]
    budget_usd: Option<f64>,
    /// Those with a higher one start first, those of one priority by age.
    #[schema(minimum = -100, maximum = 100, default = 0)]
    priority: Option<i64>,
    /// The run waits in the queue until then.
    #[schema(value_type = Option<Timestamp>)]
    start_after: Option<String>,
    /// Whether the run gets a work tree of git for itself, on a branch of its own: that of its session, or
    /// a new one from the commit that is checked out in `working_dir`. The agent's `metadata.worktree`, or
    /// else its executor's setting, if it is left out.
    worktree: Option<bool>,
}

impl FromBody for NewRun {
    type Body = NewRunBody;

    fn from_body(body: NewRunBody, check: &mut Check) -> Option<Self> {
        let prompt = check.at("/prompt", text::between(body.prompt, 1, 4_000_000));
        let session_id = body.session_id.map(text::argument).transpose();
        let session_id = check.at("/session_id", session_id);
        let folder = folder(body.working_dir.as_deref(), &check.settings.roots);
        let working_dir = check.at("/working_dir", folder);
        let model = body.model.map(text::model).transpose();
        let model = check.at("/model", model);
        let timeout = body.timeout_seconds.map(seconds).transpose();
        let timeout_seconds = check.at("/timeout_seconds", timeout);
        let budget = body.budget_usd.map(MicroUsd::from_dollars).transpose();
        let budget = check.at("/budget_usd", budget);
        let priority = check.at("/priority", priority(body.priority.unwrap_or(0)));
        let start_after = body.start_after.map(|at| at.parse()).transpose();
        let start_after = check.at("/start_after", start_after);
        Some(Self {
            prompt: prompt?,
            session_id: session_id?,
            working_dir: working_dir?,
            model: model?,
            timeout_seconds: timeout_seconds?,
            budget: budget?,
            priority: priority?,
            start_after: start_after?,
            worktree: body.worktree,
            parent: None,
            workflow: None,
            metadata: None,
        })
    }
}

fn seconds(seconds: i64) -> Result<i64, String> {
    if (1..=LONGEST_SECONDS).contains(&seconds) {
        return Ok(seconds);
    }
    Err(format!("must lie between 1 and {LONGEST_SECONDS}"))
}

fn priority(priority: i64) -> Result<i64, &'static str> {
    if (-100..=100).contains(&priority) {
        return Ok(priority);
    }
    Err("must lie between -100 and 100")
}

/// The real path of a folder, if that lies in one of the roots: links and `..` lead nowhere else. The
/// first of the roots, if none is given.
pub fn folder(given: Option<&str>, roots: &[PathBuf]) -> Result<String, &'static str> {
    const OUTSIDE: &str = "must be a folder in one of the roots that `agents.roots` allows";
    let first = roots.first().ok_or(OUTSIDE)?;
    let path = first.join(given.unwrap_or_default());
    let path = path.canonicalize().map_err(|_| OUTSIDE)?;
    let is_inside = |root: &PathBuf| root.canonicalize().is_ok_and(|root| path.starts_with(root));
    let is_allowed = path.is_dir() && roots.iter().any(is_inside);
    let path = Some(path).filter(|_| is_allowed);
    let path = path.as_deref().and_then(Path::to_str);
    path.map(str::to_owned).ok_or(OUTSIDE)
}

//! The start of an attempt that nobody has started.

use super::link::Link;
use super::{ending, launch};
use crate::Result;
use crate::adapters::{ExitReason, Outcome};
use crate::app::App;
use crate::budgets::Budget;
use crate::budgets::queries::exceeded;
use crate::db::Read;
use crate::executors::Executor;
use crate::runs::{Run, queries};
use crate::runtime::prompts;
use crate::shim::protocol::Files;
use crate::time::Clock;
use crate::worktrees;

/// The way to its process; or how the run ends without one.
pub async fn begin(
    app: &App,
    run: &Run,
    executor: &Executor,
    files: &Files,
) -> Result<std::result::Result<Link, Outcome>> {
    if let Some(budget) = over_budget(app, run).await? {
        let outcome = ending::unstarted(ExitReason::Budget, budget.to_string());
        return Ok(Err(outcome));
    }
    let link = start(app, run, executor, files).await;
    Ok(link.map_err(|why| ending::unstarted(ExitReason::SpawnFailed, format!("{why:#}"))))
}

/// The budget that is exceeded already when the run's turn comes: it was accepted before others had
/// spent so much.
async fn over_budget(app: &App, run: &Run) -> Result<Option<Budget>> {
    let (agent, settings) = (run.agent.orchestrator_agent_id, app.settings());
    let (limit, now) = (run.limit, Clock::system().now());
    let exceeded = move |db: &Read| exceeded(db, agent, limit, now, &settings.budgets);
    app.db.read(exceeded).await
}

async fn start(app: &App, run: &Run, executor: &Executor, files: &Files) -> anyhow::Result<Link> {
    let last = files.folder.with_file_name((run.attempt - 1).to_string());
    // Nobody asks for it any more, and what cannot be removed goes with the run.
    let _ = std::fs::remove_dir_all(last);
    let (id, prompt) = (run.agent.id, run.prompt_id);
    let both = move |db: &Read| {
        let prompt = prompts::queries::get(db, prompt)?;
        Ok((prompt, queries::spent_by_attempts(db, id)?))
    };
    let (prompt, spent) = app.db.read(both).await?;
    let most_mb = app.settings().output_max_mb;
    let run = &Run {
        working_dir: worktrees::folder_for(app, run).await?,
        ..run.clone()
    };
    launch::launch(run, &prompt, &spent, executor, files, most_mb)
}

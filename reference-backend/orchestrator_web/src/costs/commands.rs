use std::collections::BTreeSet;

use crate::Result;
use crate::adapters::{Spent, Totals};
use crate::db::Write;
use crate::ids::Id;
use crate::runtime::agents::RuntimeAgent;

/// Enters what the run has spent in all on each model. What that is more, or less, than the ledger has
/// of the run counts for today. The event of the run's change tells of it.
pub fn enter(db: &mut Write, run: &RuntimeAgent, totals: &Totals) -> Result<()> {
    let sql = "SELECT DISTINCT model FROM cost_ledger WHERE run_id = ?1";
    let known: Vec<String> = db.all(sql, &[&run.id], |row| row.take())?;
    let models: BTreeSet<_> = known.iter().chain(totals.0.keys()).collect();
    for model in models {
        let spent = totals.0.get(model).copied().unwrap_or_default();
        enter_model(db, run, model, spent)?;
    }
    db.execute(
        "DELETE FROM cost_ledger WHERE run_id = ?1 AND tokens_input = 0 AND tokens_output = 0 \
         AND tokens_cache_read = 0 AND tokens_cache_write = 0 AND cost_micro_usd = 0",
        &[&run.id],
    )?;
    Ok(())
}

fn enter_model(db: &mut Write, run: &RuntimeAgent, model: &str, spent: Spent) -> Result<()> {
    let today = db.now().day();
    db.execute(
        "INSERT INTO cost_ledger (day, run_id, session_id, workflow_id, workflow_name, agent_id, \
         agent_name, model, tokens_input, tokens_output, tokens_cache_read, tokens_cache_write, \
         cost_micro_usd, is_estimate) \
         SELECT ?1, ?2, ?3, (SELECT workflow_id FROM runs WHERE agent_id = ?2), \
         (SELECT w.adw_name FROM runs r JOIN ai_developer_workflows w ON w.id = r.workflow_id \
          WHERE r.agent_id = ?2), \
         ?4, (SELECT name FROM orchestrator_agents WHERE id = ?4), ?5, \
         ?6 - coalesce(sum(tokens_input), 0), ?7 - coalesce(sum(tokens_output), 0), \
         ?8 - coalesce(sum(tokens_cache_read), 0), ?9 - coalesce(sum(tokens_cache_write), 0), \
         ?10 - coalesce(sum(cost_micro_usd), 0), ?11 \
         FROM cost_ledger WHERE run_id = ?2 AND model = ?5 \
         ON CONFLICT (run_id, model, day) DO UPDATE SET \
         tokens_input = cost_ledger.tokens_input + excluded.tokens_input, \
         tokens_output = cost_ledger.tokens_output + excluded.tokens_output, \
         tokens_cache_read = cost_ledger.tokens_cache_read + excluded.tokens_cache_read, \
         tokens_cache_write = cost_ledger.tokens_cache_write + excluded.tokens_cache_write, \
         cost_micro_usd = cost_ledger.cost_micro_usd + excluded.cost_micro_usd",
        &[
            &today,
            &run.id,
            &run.session_id,
            &run.orchestrator_agent_id,
            &model,
            &spent.tokens.prompt(),
            &spent.tokens.output,
            &spent.tokens.cache_read,
            &spent.tokens.cache_write,
            &spent.cost_usd,
            &spent.is_estimate,
        ],
    )?;
    db.execute(
        "UPDATE cost_ledger SET is_estimate = ?3 \
         WHERE run_id = ?1 AND model = ?2 AND is_estimate <> ?3",
        &[&run.id, &model, &spent.is_estimate],
    )?;
    Ok(())
}

/// Follows an agent that was given another name, so that its costs stay one sum.
pub fn rename(db: &mut Write, agent: Id, name: &str) -> Result<()> {
    db.execute(
        "UPDATE cost_ledger SET agent_name = ?2 WHERE agent_id = ?1",
        &[&agent, &name],
    )?;
    Ok(())
}

use crate::Result;
use crate::db::Write;
use crate::ids::Id;
use crate::money::MicroUsd;
use crate::runtime::agents::RuntimeAgent;

/// Enters what the run `new` has spent more than `old`, the same run before: runs report totals.
/// The event of the run's change tells of it.
pub fn enter(db: &mut Write, old: &RuntimeAgent, new: &RuntimeAgent) -> Result<()> {
    let tokens_input = new.tokens_input - old.tokens_input;
    let tokens_output = new.tokens_output - old.tokens_output;
    let cost = new.cost_usd - old.cost_usd;
    if (tokens_input, tokens_output, cost) == (0, 0, MicroUsd::default()) {
        return Ok(());
    }
    let today = db.now().day();
    db.execute(
        "INSERT INTO cost_ledger (day, run_id, session_id, agent_id, agent_name, model, \
         tokens_input, tokens_output, cost_micro_usd) VALUES (?1, ?2, ?3, ?4, \
         (SELECT name FROM orchestrator_agents WHERE id = ?4), ?5, ?6, ?7, ?8) \
         ON CONFLICT (run_id, day) DO UPDATE SET \
         tokens_input = cost_ledger.tokens_input + excluded.tokens_input, \
         tokens_output = cost_ledger.tokens_output + excluded.tokens_output, \
         cost_micro_usd = cost_ledger.cost_micro_usd + excluded.cost_micro_usd",
        &[
            &today,
            &new.id,
            &new.session_id,
            &new.orchestrator_agent_id,
            &new.model,
            &tokens_input,
            &tokens_output,
            &cost,
        ],
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

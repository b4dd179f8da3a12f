use super::{Budget, BudgetScope, Budgets, Shortage};
use crate::db::Read;
use crate::error::members;
use crate::ids::Id;
use crate::money::MicroUsd;
use crate::runtime::agents::RuntimeAgent;
use crate::time::Timestamp;
use crate::{Error, Result, agents};

const NOTHING: MicroUsd = MicroUsd::from_micros(0);

/// What the runs that have not ended may still spend of what is set aside for them. It follows from the
/// runs, so that whatever ends or removes one releases it.
const RESERVED: &str = "SELECT coalesce(sum(r.reserved_micro_usd - a.cost_micro_usd), 0) \
     FROM agents a JOIN runs r ON r.agent_id = a.id \
     WHERE a.completed_at IS NULL AND a.cost_micro_usd < r.reserved_micro_usd";

/// Every budget there is: the project's, the agents', and those of the runs that have not ended.
pub fn all(db: &Read, now: Timestamp, budgets: &Budgets) -> Result<Vec<Budget>> {
    let mut all = Vec::from_iter(of_project(db, now, budgets)?);
    let sql = "SELECT id, name FROM orchestrator_agents ORDER BY name_key";
    let agents: Vec<(Id, String)> = db.all(sql, &[], |row| Ok((row.take()?, row.take()?)))?;
    for (id, name) in &agents {
        all.extend(of_agent_day(db, *id, name, now, budgets)?);
    }
    let keys: Vec<_> = agents.iter().map(|(_, name)| name.to_lowercase()).collect();
    for name in budgets.agents.keys().filter(|it| !keys.contains(it)) {
        all.extend(budgets.of_agent(name).map(|limit| {
            of_day(
                name.clone(),
                now,
                Budget::new(BudgetScope::AgentDay, limit, NOTHING, NOTHING),
            )
        }));
    }
    let sql = "SELECT a.id FROM agents a JOIN runs r ON r.agent_id = a.id \
         WHERE a.completed_at IS NULL AND r.limit_micro_usd > 0 \
         ORDER BY a.created_at, a.seq";
    for run in db.all(sql, &[], |row| row.take())? {
        all.extend(own(db, run)?);
    }
    Ok(all)
}

/// Those that what the run spends counts against. Of one that may spend nothing, its own alone: the first
/// cent exceeds it.
pub(super) fn of_run(
    db: &Read,
    run: &RuntimeAgent,
    now: Timestamp,
    budgets: &Budgets,
) -> Result<Vec<Budget>> {
    let mut all = Vec::from_iter(own(db, run.id)?);
    if all.iter().all(|own| own.limit_usd != NOTHING) {
        all.extend(of_agent(db, run.orchestrator_agent_id, now, budgets)?);
    }
    Ok(all)
}

fn of_agent(db: &Read, id: Id, now: Timestamp, budgets: &Budgets) -> Result<Vec<Budget>> {
    let name = agents::queries::get(db, id)?.name;
    let of_day = of_agent_day(db, id, &name, now, budgets)?;
    let of_month = of_project(db, now, budgets)?;
    Ok(of_day.into_iter().chain(of_month).collect())
}

/// 409 if what a run of the agent may cost does not fit into what is left of a budget. One that may spend
/// nothing fits always.
pub fn require_room(
    db: &Read,
    agent: Id,
    limit: Option<MicroUsd>,
    now: Timestamp,
    budgets: &Budgets,
) -> Result<()> {
    if limit == Some(NOTHING) {
        return Ok(());
    }
    let asked_usd = limit.unwrap_or(budgets.reservation);
    let all = of_agent(db, agent, now, budgets)?;
    let Some(short) = all
        .into_iter()
        .find(|it| it.is_exceeded || it.left_usd < asked_usd)
    else {
        return Ok(());
    };
    let [reserved, asked] = [short.reserved_usd, asked_usd].map(MicroUsd::to_decimal);
    let detail = format!("{short}, {reserved} are reserved, and the run may cost {asked}");
    let shortage = Shortage {
        budget: short.scope,
        limit_usd: short.limit_usd,
        spent_usd: short.spent_usd,
        reserved_usd: short.reserved_usd,
        asked_usd,
        resets_at: short.resets_at,
    };
    Err(Error::ConflictWith(detail, members(&shortage)))
}

/// A budget of the agent or the project that is exceeded, if that is of any matter for a run with this
/// limit.
pub fn exceeded(
    db: &Read,
    agent: Id,
    limit: Option<MicroUsd>,
    now: Timestamp,
    budgets: &Budgets,
) -> Result<Option<Budget>> {
    if limit == Some(NOTHING) {
        return Ok(None);
    }
    let all = of_agent(db, agent, now, budgets)?;
    Ok(all.into_iter().find(|it| it.is_exceeded))
}

/// The run's own.
fn own(db: &Read, run: Id) -> Result<Option<Budget>> {
    let sql = "SELECT a.cost_micro_usd, r.limit_micro_usd, o.name FROM agents a \
         JOIN runs r ON r.agent_id = a.id \
         JOIN orchestrator_agents o ON o.id = a.orchestrator_agent_id \
         WHERE a.id = ?1 AND r.limit_micro_usd IS NOT NULL";
    db.first(sql, &[&run], |row| {
        let (spent, limit): (MicroUsd, MicroUsd) = (row.take()?, row.take()?);
        let left = (limit - spent).max(NOTHING);
        Ok(Budget {
            subject: Some(run),
            name: row.take()?,
            left_usd: left,
            ..Budget::new(BudgetScope::Run, limit, spent, left)
        })
    })
}

fn of_agent_day(
    db: &Read,
    id: Id,
    name: &str,
    now: Timestamp,
    budgets: &Budgets,
) -> Result<Option<Budget>> {
    let Some(limit) = budgets.of_agent(name) else {
        return Ok(None);
    };
    let spent = "SELECT coalesce(sum(cost_micro_usd), 0) FROM cost_sums \
         WHERE kind = 'agent' AND key = ?1 AND day = ?2";
    let spent = MicroUsd::from_micros(db.number(spent, &[&id, &now.day()])?);
    let reserved = format!("{RESERVED} AND a.orchestrator_agent_id = ?1");
    let reserved = MicroUsd::from_micros(db.number(&reserved, &[&id])?);
    let budget = Budget::new(BudgetScope::AgentDay, limit, spent, reserved);
    Ok(Some(Budget {
        subject: Some(id),
        ..of_day(name.to_owned(), now, budget)
    }))
}

fn of_day(name: String, now: Timestamp, mut budget: Budget) -> Budget {
    budget.name = Some(name);
    budget.period = Some(now.day().to_string());
    budget.resets_at = Some(now.day().next().start());
    budget
}

fn of_project(db: &Read, now: Timestamp, budgets: &Budgets) -> Result<Option<Budget>> {
    let limit = budgets.project_month;
    if limit == NOTHING {
        return Ok(None);
    }
    let (first, next) = (now.day().first_of_month(), now.day().first_of_next_month());
    let spent = "SELECT coalesce(sum(cost_micro_usd), 0) FROM cost_sums \
         WHERE kind = 'day' AND ?1 <= key AND key < ?2";
    let spent = MicroUsd::from_micros(db.number(spent, &[&first, &next])?);
    let reserved = MicroUsd::from_micros(db.number(RESERVED, &[])?);
    Ok(Some(Budget {
        period: Some(first.month().to_owned()),
        resets_at: Some(next.start()),
        ..Budget::new(BudgetScope::ProjectMonth, limit, spent, reserved)
    }))
}

use super::{By, Cost};
use crate::Result;
use crate::db::{Bind, Read};
use crate::ids::Id;
use crate::money::MicroUsd;
use crate::time::Day;

/// Which costs are summed, and by what.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CostFilter {
    #[param(inline, default = "agent", required = false)]
    pub by: By,
    /// What one instance has cost.
    pub run_id: Option<Id>,
    /// The first day, in UTC.
    #[param(inline)]
    pub from: Option<Day>,
    /// The last day, in UTC.
    #[param(inline)]
    pub to: Option<Day>,
}

/// Between the days that are asked for.
const IN_TIME: &str = "day BETWEEN coalesce(?1, '0000-01-01') AND coalesce(?2, '9999-12-31')";

/// The sums, the highest cost first, of days the newest.
pub fn sums(db: &Read, filter: &CostFilter) -> Result<Vec<Cost>> {
    const COST: &str = "sum(s.cost_micro_usd)";
    const RUNS: &str = "sum(s.runs) - coalesce((SELECT runs FROM again WHERE key = s.key), 0)";
    const AGENT: &str = "(SELECT agent_name FROM cost_ledger WHERE agent_id = s.key LIMIT 1)";
    const WORKFLOW: &str =
        "(SELECT workflow_name FROM cost_ledger WHERE workflow_id = s.key LIMIT 1)";
    let (column, key, name, order) = match filter.by {
        By::Agent => ("agent_id", "s.key", AGENT, COST),
        By::Model => ("model", "nullif(s.key, 'unknown')", "NULL", COST),
        By::Day => ("day", "s.key", "NULL", "s.key"),
        By::Workflow => ("workflow_id", "nullif(s.key, '')", WORKFLOW, COST),
        By::Session => ("session_id", "s.key", "NULL", COST),
    };
    let of_run = format!(
        "(SELECT coalesce({column}, '') AS key, is_estimate AS estimates, * FROM cost_ledger \
         WHERE run_id = ?3) s WHERE 1"
    );
    let (runs, source, which): (_, _, &dyn Bind) = match &filter.run_id {
        None => (RUNS, "cost_sums s WHERE kind = ?3 AND runs > 0", &filter.by),
        Some(run) => ("1", of_run.as_str(), run),
    };
    // A run that has spent on several days stands in the sums of each of them, and is one.
    // `+`: its other rows are found by the run, not by what is asked for.
    let sql = format!(
        "WITH again AS MATERIALIZED (SELECT coalesce({column}, '') AS key, \
          count(DISTINCT run_id || day) AS runs FROM cost_ledger l \
          WHERE is_continued = 1 AND {IN_TIME} AND EXISTS (SELECT 1 FROM cost_ledger e \
           WHERE e.run_id = l.run_id AND e.day < l.day AND e.day >= coalesce(?1, '0000-01-01') \
           AND +e.{column} IS l.{column}) \
          GROUP BY 1) \
         SELECT {key}, {name}, {runs}, sum(s.tokens_input), sum(s.tokens_output), \
         sum(s.tokens_cache_read), sum(s.tokens_cache_write), {COST}, sum(s.estimates) > 0 \
         FROM {source} AND {IN_TIME} GROUP BY s.key ORDER BY {order} DESC, 1"
    );
    db.all(&sql, &[&filter.from, &filter.to, which], |row| {
        Ok(Cost {
            key: row.take()?,
            name: row.take()?,
            runs: row.take()?,
            tokens_input: row.take()?,
            tokens_output: row.take()?,
            tokens_cache_read: row.take()?,
            tokens_cache_write: row.take()?,
            cost_usd: row.take()?,
            is_estimate: row.take()?,
        })
    })
}

/// What one agent has cost since ever.
pub fn of_agent(db: &Read, agent: Id) -> Result<MicroUsd> {
    let sql =
        "SELECT coalesce(sum(cost_micro_usd), 0) FROM cost_sums WHERE kind = 'agent' AND key = ?1";
    Ok(MicroUsd::from_micros(db.number(sql, &[&agent])?))
}

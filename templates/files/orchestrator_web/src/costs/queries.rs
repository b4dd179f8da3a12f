use super::{By, Cost};
use crate::Result;
use crate::db::{Bind, Read};
use crate::ids::Id;
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

/// The sums, the highest cost first, of days the newest.
pub fn sums(db: &Read, filter: &CostFilter) -> Result<Vec<Cost>> {
    const COST: &str = "sum(cost_micro_usd)";
    let (key, name, order) = match filter.by {
        By::Agent => ("agent_id", "max(agent_name)", COST),
        By::Model => ("nullif(model, 'unknown')", "NULL", COST),
        By::Day => ("day", "NULL", "1"),
        By::Workflow => ("workflow_id", "max(workflow_name)", COST),
        By::Session => ("session_id", "NULL", COST),
    };
    let mut params: Vec<&dyn Bind> = vec![&filter.from, &filter.to];
    let mut of_run = "";
    if let Some(run) = &filter.run_id {
        params.push(run);
        of_run = "run_id = ?3 AND ";
    }
    let sql = format!(
        "SELECT {key}, {name}, count(DISTINCT run_id), sum(tokens_input), sum(tokens_output), \
         sum(tokens_cache_read), sum(tokens_cache_write), {COST}, max(is_estimate) \
         FROM cost_ledger \
         WHERE {of_run}day BETWEEN coalesce(?1, '0000-01-01') AND coalesce(?2, '9999-12-31') \
         GROUP BY 1 ORDER BY {order} DESC, 1"
    );
    db.all(&sql, &params, |row| {
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

use super::{By, Cost};
use crate::Result;
use crate::db::Read;
use crate::time::Day;

/// Which costs are summed, and by what.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CostFilter {
    #[param(inline, default = "agent", required = false)]
    pub by: By,
    /// The first day, in UTC.
    #[param(inline)]
    pub from: Option<Day>,
    /// The last day, in UTC.
    #[param(inline)]
    pub to: Option<Day>,
}

/// The sums, the highest cost first, of days the newest.
pub fn sums(db: &Read, filter: &CostFilter) -> Result<Vec<Cost>> {
    let (key, name, order) = match filter.by {
        By::Agent => ("agent_id", "agent_name", "5 DESC, 1"),
        By::Model => ("model", "NULL", "5 DESC, 1"),
        By::Day => ("day", "NULL", "1 DESC"),
    };
    let sql = format!(
        "SELECT {key}, {name}, sum(tokens_input), sum(tokens_output), sum(cost_micro_usd) \
         FROM cost_ledger \
         WHERE day BETWEEN coalesce(?1, '0000-01-01') AND coalesce(?2, '9999-12-31') \
         GROUP BY 1, 2 ORDER BY {order}"
    );
    db.all(&sql, &[&filter.from, &filter.to], |row| {
        Ok(Cost {
            key: row.take()?,
            name: row.take()?,
            tokens_input: row.take()?,
            tokens_output: row.take()?,
            cost_usd: row.take()?,
        })
    })
}

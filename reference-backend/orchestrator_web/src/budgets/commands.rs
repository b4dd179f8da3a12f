use super::{Budget, BudgetScope, Budgets, queries};
use crate::Result;
use crate::db::Write;
use crate::events::Event;
use crate::runtime::agents::RuntimeAgent;

/// Tells of the budgets that the run counts against and that are nearly or more than spent, of each
/// once a period. The first of them that is exceeded.
pub fn watch(db: &mut Write, run: &RuntimeAgent, budgets: &Budgets) -> Result<Option<Budget>> {
    let all = queries::of_run(db, run, db.now(), budgets)?;
    for budget in &all {
        tell(db, budget)?;
    }
    Ok(all.into_iter().find(|it| it.is_exceeded))
}

fn tell(db: &mut Write, budget: &Budget) -> Result<()> {
    let Some(percent) = part(budget) else {
        return Ok(());
    };
    let subject = budget.subject.map(|it| it.to_string()).unwrap_or_default();
    let period = budget.period.clone().unwrap_or_default();
    let marked = db.execute(
        "INSERT INTO budget_marks (scope, subject, period, limit_micro_usd, percent) \
         VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (scope, subject, period, limit_micro_usd) \
         DO UPDATE SET percent = excluded.percent WHERE budget_marks.percent < excluded.percent",
        &[
            &budget.scope,
            &subject,
            &period,
            &budget.limit_usd,
            &percent,
        ],
    )?;
    if marked == 0 {
        return Ok(());
    }
    // Those of earlier periods and of runs that have ended will tell no more.
    db.execute(
        "DELETE FROM budget_marks WHERE scope = ?1 AND period < ?2 OR scope = ?3 \
         AND subject NOT IN (SELECT id FROM agents WHERE completed_at IS NULL)",
        &[&budget.scope, &period, &BudgetScope::Run],
    )?;
    let (scope, subject) = (budget.scope, budget.subject);
    let (period, name) = (budget.period.clone(), budget.name.clone());
    let (limit_usd, spent_usd) = (budget.limit_usd, budget.spent_usd);
    db.record(&if budget.is_exceeded {
        Event::BudgetExceeded {
            scope,
            subject,
            name,
            period,
            limit_usd,
            spent_usd,
        }
    } else {
        Event::BudgetNearlySpent {
            scope,
            subject,
            name,
            period,
            limit_usd,
            spent_usd,
        }
    })
}

/// In percent, if it is so much that somebody wants to know.
fn part(budget: &Budget) -> Option<i64> {
    const NEARLY: i64 = 80;
    if budget.is_exceeded {
        return Some(100);
    }
    let [spent, limit] = [budget.spent_usd, budget.limit_usd].map(|it| i128::from(it.micros()));
    (0 < spent && limit * i128::from(NEARLY) <= spent * 100).then_some(NEARLY)
}

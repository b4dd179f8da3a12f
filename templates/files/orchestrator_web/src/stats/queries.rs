use std::collections::BTreeMap;
use std::time::Duration;

use super::{DayStats, HourStats, LastRun, Made, Runs, Spending, Stats, StatusCount};
use crate::Result;
use crate::db::Read;
use crate::runs;
use crate::runtime::Status;
use crate::time::{Day, Timestamp};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Of the overview: at least those of this month.
const DAYS: u32 = 31;

/// Which runs are counted.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatsFilter {
    /// Counts the runs that were made from then on; from the beginning of the day, if it is left out.
    pub since: Option<Timestamp>,
}

pub fn stats(db: &Read, filter: &StatsFilter, now: Timestamp) -> Result<Stats> {
    let today = now.day();
    let since = filter.since.unwrap_or(today.start());
    Ok(Stats {
        since,
        running: running(db)?,
        queued: runs::queries::queued(db)?,
        runs: made_since(db, since)?,
        today: spent(db, today, today)?,
        month: spent(db, today.first_of_month(), today)?,
        agents: last_runs(db)?,
        days: days(db, now)?,
        hours: hours(db, now)?,
    })
}

/// What was begun, wherever it runs, and has not ended.
pub fn running(db: &Read) -> Result<i64> {
    let sql = "SELECT count(*) FROM agents a LEFT JOIN runs r ON r.agent_id = a.id \
         WHERE a.completed_at IS NULL AND a.status <> 'pending' AND coalesce(r.is_queued, 0) = 0";
    db.number(sql, &[])
}

fn made_since(db: &Read, since: Timestamp) -> Result<Runs> {
    // Grouped by what no index has: one by status would be read whole, whatever the while.
    let sql = "SELECT status, count(*) FROM agents WHERE created_at >= ?1 GROUP BY status || ''";
    let by_status = db.all(sql, &[&since], |row| {
        Ok(StatusCount {
            status: row.take()?,
            runs: row.take()?,
        })
    })?;
    let count = |statuses: &[Status]| -> i64 {
        let counted = by_status.iter().filter(|it| statuses.contains(&it.status));
        counted.map(|it| it.runs).sum()
    };
    let completed = count(&[Status::Completed]);
    let ended = completed + count(&[Status::Failed, Status::Lost]);
    let sql = "SELECT duration_ms FROM agents WHERE created_at >= ?1 AND duration_ms IS NOT NULL";
    let mut durations = db.all(sql, &[&since], |row| row.take::<i64>())?;
    durations.sort_unstable();
    Ok(Runs {
        total: count(Status::ALL),
        success_rate: ratio(completed, ended),
        duration_p50_ms: percentile(&durations, 50),
        duration_p95_ms: percentile(&durations, 95),
        by_status,
    })
}

#[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 runs")]
fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}

/// The smallest of the values that `percent` of them do not exceed.
fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

fn spent(db: &Read, from: Day, to: Day) -> Result<Spending> {
    let sql = "SELECT coalesce(sum(cost_micro_usd), 0), coalesce(sum(tokens_input), 0), \
         coalesce(sum(tokens_output), 0) FROM cost_sums \
         WHERE kind = 'day' AND key BETWEEN ?1 AND ?2";
    let sums = db.first(sql, &[&from, &to], |row| {
        Ok(Spending {
            cost_usd: row.take()?,
            tokens_input: row.take()?,
            tokens_output: row.take()?,
        })
    })?;
    Ok(sums.unwrap_or_default())
}

/// Of agents, by their last runs: one step into an index for each agent.
fn last_runs(db: &Read) -> Result<Vec<LastRun>> {
    let sql = "SELECT o.id, o.name, a.id, a.status, a.created_at, a.completed_at \
         FROM orchestrator_agents o JOIN agents a ON a.seq = (SELECT seq FROM agents \
         WHERE orchestrator_agent_id = o.id ORDER BY created_at DESC, seq DESC LIMIT 1) \
         ORDER BY a.created_at DESC, a.seq DESC LIMIT 100";
    db.all(sql, &[], |row| {
        Ok(LastRun {
            agent_id: row.take()?,
            agent_name: row.take()?,
            run_id: row.take()?,
            status: row.take()?,
            created_at: row.take()?,
            completed_at: row.take()?,
        })
    })
}

/// Runs by the first `length` characters of the time they were made.
fn made_by(db: &Read, from: Timestamp, length: i64) -> Result<BTreeMap<String, Made>> {
    let sql = "SELECT substr(hour, 1, ?2), sum(runs), sum(completed), sum(failed) FROM run_hours \
         WHERE hour >= substr(?1, 1, ?2) GROUP BY 1";
    let counted = db.all(sql, &[&from, &length], |row| {
        let time = row.take()?;
        let made = Made {
            runs: row.take()?,
            completed: row.take()?,
            failed: row.take()?,
        };
        Ok((time, made))
    })?;
    Ok(counted.into_iter().collect())
}

fn days(db: &Read, now: Timestamp) -> Result<Vec<DayStats>> {
    let days: Vec<_> = (0..DAYS)
        .rev()
        .map(|ago| now.before(DAY * ago).day())
        .collect();
    let made = made_by(db, days[0].start(), 10)?;
    let sql = "SELECT day, tokens_input, tokens_output, cost_micro_usd \
         FROM cost_sums WHERE kind = 'day' AND key >= ?1";
    let spent = db.all(sql, &[&days[0]], |row| {
        let day = row.take::<String>()?;
        let spent = Spending {
            tokens_input: row.take()?,
            tokens_output: row.take()?,
            cost_usd: row.take()?,
        };
        Ok((day, spent))
    })?;
    let spent: BTreeMap<_, _> = spent.into_iter().collect();
    let medians = medians(db, days[0])?;
    let stats = days.into_iter().map(|day| DayStats {
        day,
        made: made.get(day.as_str()).copied().unwrap_or_default(),
        duration_p50_ms: medians.get(day.as_str()).copied(),
        spent: spent.get(day.as_str()).copied().unwrap_or_default(),
    });
    Ok(stats.collect())
}

/// How long half of the runs of each day took at most.
fn medians(db: &Read, from: Day) -> Result<BTreeMap<String, i64>> {
    let sql =
        "SELECT day, duration_ms, runs FROM run_times WHERE day >= ?1 ORDER BY day, duration_ms";
    let times = db.all(sql, &[&from], |row| {
        Ok((
            row.take::<String>()?,
            row.take::<i64>()?,
            row.take::<i64>()?,
        ))
    })?;
    let median = |times: &[(String, i64, i64)]| {
        let all: i64 = times.iter().map(|(.., runs)| runs).sum();
        let mut counted = 0;
        let is_half = |(.., runs): &&(String, i64, i64)| {
            counted += runs;
            all <= 2 * counted
        };
        let (day, duration, _) = times.iter().find(is_half)?;
        Some((day.clone(), *duration))
    };
    let days = times.chunk_by(|(day, ..), (next, ..)| day == next);
    Ok(days.filter_map(median).collect())
}

fn hours(db: &Read, now: Timestamp) -> Result<Vec<HourStats>> {
    let hours: Vec<_> = (0..24)
        .rev()
        .map(|ago| now.before(HOUR * ago).hour())
        .collect();
    let made = made_by(db, hours[0], 13)?;
    let stats = hours.into_iter().map(|hour| {
        let made = made.get(&hour.as_str()[..13]).copied().unwrap_or_default();
        HourStats { hour, made }
    });
    Ok(stats.collect())
}

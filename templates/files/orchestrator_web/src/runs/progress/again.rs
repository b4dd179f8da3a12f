//! Another attempt at a run: whether, and when.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::adapters::{ExitReason, Outcome, Retry, reset};
use crate::executors::Executor;
use crate::runs::Run;
use crate::time::Timestamp;

/// The longest pause, unless the first is longer.
const LONGEST_SECONDS: u32 = 5 * 60;
/// Usage limits are of hours, or of a week. What an agent prints shall not park its account for ever.
const LONGEST_LIMIT: Duration = Duration::from_hours(8 * 24);

/// What another attempt waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    pub not_before: Timestamp,
    /// How many attempts will have followed a failure.
    pub retries: i64,
    /// The account whose runs all wait for the same time.
    pub parks: Option<String>,
    max_retries: i64,
    why: String,
}

impl Again {
    /// `None` if the outcome is the run's. `chance` is any number: those who were turned away together
    /// shall not come back together.
    pub fn after(
        outcome: &Outcome,
        run: &Run,
        executor: &Executor,
        now: Timestamp,
        chance: u32,
    ) -> Option<Self> {
        let retry = match (outcome.retry, &outcome.error) {
            // Most say in words when their limit ends.
            (Retry::Later, Some(error)) if outcome.exit_reason == Some(ExitReason::RateLimit) => {
                let end = reset(error, now, &TimeZone::system());
                end.map_or(Retry::Later, Retry::At)
            }
            (retry, _) => retry,
        };
        let soon = now.after(pause(executor.retry_pause_seconds, run.retries, chance));
        let max_retries = executor.max_retries.into();
        let again = Self {
            not_before: soon,
            retries: run.retries + 1,
            parks: None,
            max_retries,
            why: why(outcome),
        };
        match retry {
            Retry::Never => None,
            Retry::At(reset) if soon < reset => Some(Self {
                not_before: reset.min(now.after(LONGEST_LIMIT)),
                retries: run.retries,
                parks: Some(executor.account.clone()),
                ..again
            }),
            // A reset that is over already is none to wait for.
            Retry::At(_) | Retry::Later => (run.retries < max_retries).then_some(again),
        }
    }

    /// A line of the log: `attempt 2 of 4 starts in 20 s: overloaded`.
    pub fn announcement(&self, run: &Run, now: Timestamp) -> String {
        let (next, at, why) = (run.attempt + 1, self.not_before, &self.why);
        if let Some(account) = &self.parks {
            return format!("attempt {next} waits for the account `{account}` until {at}: {why}");
        }
        let most = next + self.max_retries - self.retries;
        let seconds = (at.millis_since(now) + 500) / 1000;
        format!("attempt {next} of {most} starts in {seconds} s: {why}")
    }
}

/// `overloaded: API Error: 529`
fn why(outcome: &Outcome) -> String {
    let reason = outcome.exit_reason.map(|it| it.as_str());
    let words = [reason, outcome.error.as_deref()];
    let words: Vec<_> = words.into_iter().flatten().collect();
    words.join(": ")
}

/// Twice as long after each retry, and up to a quarter more.
pub fn pause(first_seconds: u32, retries: i64, chance: u32) -> Duration {
    let doubled = u32::try_from(retries)
        .ok()
        .and_then(|it| 2_u32.checked_pow(it));
    let seconds = first_seconds.saturating_mul(doubled.unwrap_or(u32::MAX));
    let pause = Duration::from_secs(seconds.min(LONGEST_SECONDS.max(first_seconds)).into());
    pause + pause.mul_f64(f64::from(chance) / f64::from(u32::MAX) / 4.0)
}

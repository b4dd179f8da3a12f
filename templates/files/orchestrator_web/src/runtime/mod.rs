//! What agents do: running instances, what they are asked, what they report.

pub mod agents;
pub mod logs;
pub mod prompts;
mod status;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub use status::Status;

/// More tokens or milliseconds than any run takes, and so few that sums of them stay exact.
const MOST: i64 = 1_000_000_000_000;

pub fn routes() -> OpenApiRouter<App> {
    agents::http::routes()
        .merge(prompts::http::routes())
        .merge(logs::http::routes())
}

/// A number of tokens, steps or milliseconds as it is reported.
pub(crate) fn count(count: i64) -> Result<i64, String> {
    if (0..=MOST).contains(&count) {
        return Ok(count);
    }
    Err(format!("must lie between 0 and {MOST}"))
}

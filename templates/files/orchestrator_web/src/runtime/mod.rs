//! What agents do: running instances, what they are asked, what they report.

pub mod agents;
mod status;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub use status::Status;

/// More tokens than any run can use, and few enough that sums stay whole numbers.
const MOST_TOKENS: i64 = 1_000_000_000_000;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(agents::http::routes())
}

/// A number of tokens as it is reported.
fn tokens(count: i64) -> Result<i64, String> {
    if (0..=MOST_TOKENS).contains(&count) {
        return Ok(count);
    }
    Err(format!("must lie between 0 and {MOST_TOKENS}"))
}

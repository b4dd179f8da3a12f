//! Workflows: what can be started, what was, and one of them step by step.

mod changes;
mod graph;
mod list;
mod one;
mod start;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub fn routes() -> OpenApiRouter<App> {
    let pages = [
        list::routes(),
        start::routes(),
        one::routes(),
        changes::routes(),
    ];
    pages
        .into_iter()
        .fold(OpenApiRouter::new(), OpenApiRouter::merge)
}

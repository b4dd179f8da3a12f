//! The dashboard: what the service knows and does, as pages.
//!
//! A page is rendered here and needs no script: it is links and forms. A part of it that changes is the
//! same GET with `part`; where scripts run, `assets/dashboard/live.js` hears the event log and has htmx
//! fetch the parts that an event concerns. Handlers call the queries and commands that the API calls.

mod agents;
mod approvals;
mod assets;
mod chart;
mod confirm;
mod control;
mod costs;
pub mod embeds;
mod form;
mod front;
mod logs;
mod overview;
mod page;
mod run;
mod runs;
mod show;
mod system;
mod theme;
mod timeline;
mod workflows;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub use front::front;

pub fn routes() -> OpenApiRouter<App> {
    let pages = [
        overview::routes(),
        agents::routes(),
        runs::routes(),
        run::routes(),
        workflows::routes(),
        approvals::routes(),
        logs::routes(),
        control::routes(),
        costs::routes(),
        system::routes(),
        embeds::routes(),
        theme::routes(),
        assets::routes(),
    ];
    pages
        .into_iter()
        .fold(OpenApiRouter::new(), OpenApiRouter::merge)
}

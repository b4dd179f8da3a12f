use std::path::Path;

use axum::Json;
use axum::extract::State;
use rustix::fs::{Access, access};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Executor;
use crate::adapters::Kind;
use crate::app::App;

/// A program that runs agents.
#[derive(Debug, Serialize, ToSchema)]
struct Shown {
    name: String,
    kind: Kind,
    /// The program and its first arguments; empty for what is built in.
    program: Vec<String>,
    account: String,
    /// Whether the program is there.
    is_available: bool,
}

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The executors that are configured, and whether their programs are there
#[utoipa::path(get, path = "/api/executors", tag = "runs", responses((status = 200, body = [Shown])))]
async fn list(State(app): State<App>) -> Json<Vec<Shown>> {
    let settings = app.settings();
    let executors = &settings.executors;
    let found = executors
        .names()
        .filter_map(|name| Some((name, executors.get(name)?)));
    Json(
        found
            .map(|(name, executor)| shown(name, executor))
            .collect(),
    )
}

fn shown(name: &str, executor: &Executor) -> Shown {
    Shown {
        name: name.to_owned(),
        kind: executor.kind,
        program: executor.program.clone(),
        account: executor.account.clone(),
        is_available: match &executor.program[..] {
            [] => executor.kind == Kind::Demo,
            [program, ..] => is_there(program),
        },
    }
}

/// Looks for a program as a start would: by its path, or in `PATH`.
fn is_there(program: &str) -> bool {
    let is_program = |path: &Path| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    if program.contains('/') {
        return is_program(Path::new(program));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| is_program(&folder.join(program)))
}

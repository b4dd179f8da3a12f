//! The document that describes every route: made from the table of routes, completed with what is
//! true of all of them.

mod common;

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{self, App};
use crate::login;

/// The document, OpenAPI 3.1, of any instance: the running one serves it with its own cookie's name.
pub static DOCUMENT: LazyLock<OpenApi> =
    LazyLock::new(|| common::complete(app::routes().into_openapi()));

static TEXT: LazyLock<String> =
    LazyLock::new(|| DOCUMENT.to_json().expect("the document is plain data"));

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(openapi))
}

/// This document
#[utoipa::path(get, path = "/openapi.json", tag = "documentation",
    responses((status = 200, body = serde_json::Value)))]
async fn openapi(State(app): State<App>) -> Response {
    let text = TEXT.replace(common::COOKIE, &login::cookie(&app.settings()));
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

//! The OpenAPI document as a page: rendered here, without scripts, without a network.

mod page;

use askama::Template as _;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Result;
use crate::app::App;
use crate::openapi::DOCUMENT;

const STYLE: &str = include_str!("../../assets/docs/style.css");

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(docs))
        .routes(routes!(style))
}

/// This document as a page for people
#[utoipa::path(get, path = "/docs", tag = "documentation",
    responses((status = 200, body = String, content_type = "text/html")))]
async fn docs() -> Result<Html<String>> {
    let page = page::Page::of(&DOCUMENT);
    Ok(Html(page.render().map_err(anyhow::Error::from)?))
}

/// The page's style
#[utoipa::path(get, path = "/docs/style.css", tag = "documentation",
    responses((status = 200, body = String, content_type = "text/css")))]
async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

//! Before the routes: a person who comes to `/` gets the overview, one who meets a refusal reads a page
//! instead of a problem document, and what pages are made of is sent small.

use std::io::Write as _;

use askama::Template;
use axum::RequestExt as _;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::overview;
use super::page::{Frame, Place, Visit, render};
use super::show::filters;
use crate::accept::prefers;
use crate::app::App;
use crate::error::Problem;

/// Less than this is sent as it is.
const SMALL: usize = 1024;

#[derive(Template)]
#[template(path = "dashboard/problem.html")]
struct Refusal {
    frame: Frame,
    detail: String,
    request_id: Option<String>,
    /// It may go well when the same is asked again.
    is_passing: bool,
}

pub async fn front(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let packed = request.headers().get(header::ACCEPT_ENCODING);
    let is_packed = packed.is_some_and(|it| it.to_str().is_ok_and(|it| it.contains("gzip")));
    let is_of_programs = request.uri().path().starts_with("/api/");
    let response = if is_of_programs || !prefers(request.headers(), "text/html", "application/json")
    {
        next.run(request).await
    } else {
        let is_safe = request.method().is_safe();
        let visit = request.extract_parts_with_state::<Visit, App>(&app).await;
        let Ok(visit) = visit;
        let response = if is_safe && request.uri().path() == "/" {
            overview::answer(&app, &mut request).await.into_response()
        } else {
            next.run(request).await
        };
        as_page(response, visit, is_safe)
    };
    if is_packed {
        pack(response).await
    } else {
        response
    }
}

/// A problem in the words of a page, with the status that it has.
fn as_page(response: Response, visit: Visit, is_safe: bool) -> Response {
    let Some(problem) = response.extensions().get::<Problem>() else {
        return response;
    };
    let status = response.status();
    let page = render(&Refusal {
        frame: visit.frame(Place::Nowhere, problem.title),
        detail: problem.detail.clone(),
        request_id: problem.request_id.clone(),
        is_passing: is_safe && status == StatusCode::SERVICE_UNAVAILABLE,
    });
    let Ok(Html(page)) = page else {
        return response;
    };
    let (mut head, _) = response.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    Response::from_parts(head, Body::from(page))
}

/// Pages, styles and scripts become a fifth of what they are; streams and data are left alone.
async fn pack(response: Response) -> Response {
    const KINDS: [&str; 3] = ["text/html", "text/css", "text/javascript"];
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !KINDS.iter().any(|it| kind.starts_with(it)) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    // It was made in memory, and cannot be too large for it.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    head.headers
        .append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if bytes.len() < SMALL {
        return Response::from_parts(head, Body::from(bytes));
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = packed.write_all(&bytes).and_then(|()| packed.finish());
    let packed = packed.expect("memory takes all that is written");
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers
        .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Response::from_parts(head, Body::from(packed))
}

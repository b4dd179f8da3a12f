use std::collections::BTreeMap;

use askama::Template;
use axum::Json;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::future::join_all;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Embed, Show, probe};
use crate::app::App;
use crate::dashboard::page::{Frame, Place, TAG, Visit, render};
use crate::dashboard::show::{State, filters};
use crate::extract::PathName;
use crate::guard::CONTENT_SECURITY_POLICY;
use crate::health::system::Health;
use crate::{Error, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
}

/// Another tool, and how it is.
#[derive(Debug, Serialize, ToSchema)]
struct Tool {
    name: String,
    title: String,
    url: String,
    show: Show,
    health: Health,
    /// Why it is so, in words.
    reason: String,
    /// The header by which it forbids that the pages of this service frame it. Null where it does not,
    /// and where that cannot be told.
    #[schema(required)]
    forbids_frames: Option<String>,
}

impl Tool {
    async fn ask(name: String, embed: Embed, host: &str) -> Self {
        let found = probe::ask(&embed.url, host).await;
        Self {
            name,
            title: embed.title,
            url: embed.url.to_string(),
            show: embed.show,
            health: found.health,
            reason: found.reason,
            forbids_frames: found.forbids_frames,
        }
    }
}

/// How callers name this service. The door has let in none that do not.
fn host(headers: &HeaderMap) -> &str {
    let host = headers.get(header::HOST);
    host.and_then(|host| host.to_str().ok()).unwrap_or_default()
}

/// The other tools of `[dashboard.embeds]`, and how they are
///
/// Each is asked at its address and waited for, two seconds at most.
#[utoipa::path(get, path = "/api/embeds", tag = TAG, responses((status = 200, body = [Tool])))]
async fn list(Shared(app): Shared<App>, headers: HeaderMap) -> Json<Vec<Tool>> {
    let embeds: BTreeMap<_, _> = app.settings().embeds.clone();
    let ask = |(name, embed)| Tool::ask(name, embed, host(&headers));
    Json(join_all(embeds.into_iter().map(ask)).await)
}

#[derive(Template)]
#[template(path = "dashboard/embed.html")]
struct EmbedPage {
    frame: Frame,
    tool: Tool,
    /// It would come from this service's own address.
    is_own: bool,
}

impl EmbedPage {
    fn is_framed(&self) -> bool {
        let is_there = self.tool.health != Health::Failed;
        let is_allowed = self.tool.forbids_frames.is_none() && !self.is_own;
        self.tool.show == Show::Frame && is_there && is_allowed
    }
}

/// Another tool: whether it is there, a link to it, and the tool itself in a frame where it is set so
#[utoipa::path(get, path = "/embeds/{name}", tag = TAG, params(("name" = String, Path)),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn show(
    Shared(app): Shared<App>,
    visit: Visit,
    PathName(name): PathName,
    headers: HeaderMap,
) -> Result<Response> {
    let embed = app.settings().embeds.get(&name).cloned();
    let embed = embed.ok_or(Error::NotFound("embed"))?;
    let (host, origin) = (host(&headers), embed.url.origin().to_owned());
    let page = EmbedPage {
        frame: visit.frame(Place::Embed(name.clone()), embed.title.clone()),
        is_own: embed.url.authority() == host,
        tool: Tool::ask(name, embed, host).await,
    };
    let mut response = render(&page)?.into_response();
    if page.is_framed() {
        // Of all pages this one alone may hold a frame, of this origin alone.
        let policy = format!("{CONTENT_SECURITY_POLICY}; frame-src {origin}");
        let policy = HeaderValue::try_from(policy).map_err(anyhow::Error::from)?;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

//! What all pages have around their contents, and how a page or a part of one is answered.

use std::convert::Infallible;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use utoipa::IntoParams;

use super::assets::{LINKS, Links};
use super::theme::Theme;
use crate::app::App;
use crate::error::FieldError;
use crate::events::EventId;
use crate::extract::{FromQuery, QueryReader};
use crate::health::VERSION;
use crate::{Error, Result};

/// Of the routes, in the document.
pub const TAG: &str = "dashboard";

/// The pages of the navigation.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    Overview,
    Agents,
    Runs,
    Workflows,
    Logs,
    Control,
    Costs,
    System,
    /// Another tool, by its name.
    Embed(String),
    Nowhere,
}

impl Place {
    const NAVIGATION: [(Self, &'static str, &'static str); 8] = [
        (Self::Overview, "/", "Overview"),
        (Self::Agents, "/agents", "Agents"),
        (Self::Runs, "/runs", "Runs"),
        (Self::Workflows, "/workflows", "Workflows"),
        (Self::Logs, "/logs", "Logs"),
        (Self::Control, "/control", "Control"),
        (Self::Costs, "/costs", "Costs"),
        (Self::System, "/system", "System"),
    ];
}

/// The page around its contents.
pub struct Frame {
    pub title: String,
    pub project: String,
    pub(super) links: &'static Links,
    pub(super) version: &'static str,
    place: Place,
    /// Names and titles of the other tools.
    embeds: Vec<(String, String)>,
    pub(super) theme: Theme,
    /// Where the page is, to come back to.
    pub(super) path: String,
    pub(super) stream: Option<Stream>,
}

/// What the parts of a page hear of, and the last event that they show.
pub struct Stream {
    pub(super) topics: &'static str,
    pub(super) after: EventId,
}

impl Frame {
    /// Paths and names, and whether the page is there.
    pub fn navigation(&self) -> impl Iterator<Item = (String, &str, bool)> {
        let own = Place::NAVIGATION.into_iter();
        let own = own.map(|(place, path, name)| (path.to_owned(), name, place == self.place));
        let embeds = self.embeds.iter();
        let embeds = embeds.map(|(name, title)| {
            let is_here = matches!(&self.place, Place::Embed(here) if here == name);
            (format!("/embeds/{name}"), title.as_str(), is_here)
        });
        own.chain(embeds)
    }

    /// The page hears of `topics` from `after` on.
    pub fn live(mut self, topics: &'static str, after: EventId) -> Self {
        self.stream = Some(Stream { topics, after });
        self
    }
}

/// The request, as far as every page looks at it.
pub struct Visit {
    project: String,
    embeds: Vec<(String, String)>,
    theme: Theme,
    path: String,
}

impl Visit {
    pub fn frame(self, place: Place, title: impl Into<String>) -> Frame {
        let Self {
            project,
            embeds,
            theme,
            path,
        } = self;
        Frame {
            title: title.into(),
            project,
            links: &LINKS,
            version: VERSION,
            place,
            embeds,
            theme,
            path,
            stream: None,
        }
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let settings = app.settings();
        let project = &settings.project;
        let title = Some(project.title.as_str()).filter(|title| !title.is_empty());
        // A form's answer has no address of its own to come back to.
        let path = parts
            .uri
            .path_and_query()
            .filter(|_| parts.method.is_safe());
        let embeds = settings.embeds.iter();
        Ok(Self {
            project: title.unwrap_or(project.name.as_str()).to_owned(),
            embeds: embeds
                .map(|(name, it)| (name.clone(), it.title.clone()))
                .collect(),
            theme: Theme::of(&parts.headers, &settings),
            path: path.map_or("/", |path| path.as_str()).to_owned(),
        })
    }
}

/// Which part of a page is asked for; the whole of it, if none is named.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Part {
    pub part: Option<String>,
}

impl FromQuery for Part {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            part: query.optional("part"),
        }
    }
}

/// There is no such part: 422.
pub fn no_part() -> Error {
    let detail = "is not a part of this page";
    Error::Invalid(vec![FieldError::parameter("part", detail)])
}

pub type Page = Result<Html<String>>;

pub fn render(page: &impl Template) -> Page {
    Ok(Html(page.render().map_err(anyhow::Error::from)?))
}

/// The page again, because of what the form on it holds.
pub fn render_refusal(page: &impl Template, status: StatusCode) -> Result<Response> {
    Ok((status, render(page)?).into_response())
}

/// What was asked for is done, and is to be seen at `path`.
pub fn see(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let path = HeaderValue::try_from(path).expect("paths of pages are ASCII");
    response.headers_mut().insert(header::LOCATION, path);
    response
}

/// The query of an address, of what there is.
pub fn query<const N: usize>(pairs: [(&str, Option<String>); N]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        query.extend_pairs(value.map(|value| (name, value)));
    }
    query.finish()
}

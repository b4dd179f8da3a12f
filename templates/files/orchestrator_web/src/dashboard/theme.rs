//! Light, dark, or as the system has it: a cookie remembers it, so that a page comes in it at once.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::form::Form;
use super::page::{TAG, see};
use crate::Result;
use crate::app::App;
use crate::config::Settings;

const SECONDS_A_YEAR: u32 = 365 * 24 * 60 * 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    /// What stands in the cookie and in the page.
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one that the switch leads to.
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    fn read(word: &str) -> Self {
        [Self::Light, Self::Dark]
            .into_iter()
            .find(|theme| theme.word() == word)
            .unwrap_or(Self::System)
    }

    pub fn of(headers: &HeaderMap, settings: &Settings) -> Self {
        let name = cookie(settings);
        let lines = headers.get_all(header::COOKIE).iter();
        let mut pairs = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let found = pairs.find(|(given, _)| *given == name);
        found.map_or(Self::System, |(_, word)| Self::read(word))
    }
}

/// It tells instances apart, because browsers send cookies to every port.
fn cookie(settings: &Settings) -> String {
    let (name, port) = (settings.project.name.as_str(), settings.port);
    format!("orchestrator_{name}_{port}_theme")
}

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(choose))
}

/// Light, dark, or as the system has it
#[utoipa::path(post, path = "/theme", tag = TAG,
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String), ("set-cookie" = String)))))]
async fn choose(State(app): State<App>, form: Form) -> Result<Response> {
    let word = Theme::read(form.text("theme")).word();
    let name = cookie(&app.settings());
    let cookie = format!("{name}={word}; Path=/; Max-Age={SECONDS_A_YEAR}; SameSite=Lax");
    let cookie = HeaderValue::try_from(cookie).map_err(anyhow::Error::from)?;
    let back = Some(form.text("back")).filter(|path| is_own(path));
    let mut response = see(back.unwrap_or("/"));
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response.into_response())
}

/// Whether a browser takes `path` for one of this service: `//host` and `/\host` lead elsewhere.
fn is_own(path: &str) -> bool {
    let is_plain = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    is_plain && path.starts_with('/') && !path.starts_with("//")
}

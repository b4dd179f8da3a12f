use std::sync::Arc;
use std::time::Instant;

use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{CODE_LIFETIME, Caller, Login, SESSION_LIFETIME, page};
use crate::app::App;
use crate::error::{FieldError, Problem};
use crate::respond::Created;
use crate::{Error, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, login))
        .routes(routes!(logout))
        .routes(routes!(issue))
}

/// A code for one login.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LoginCode {
    pub code: String,
    pub expires_in_seconds: u64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoginForm {
    code: String,
}

/// The page that asks a person for a code
///
/// 404 if the service has no token, here and below.
#[utoipa::path(get, path = "/login", tag = "login",
    responses((status = 200, body = String, content_type = "text/html"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
async fn show(State(app): State<App>) -> Result<Html<String>> {
    configured(&app).map(|_| page::login())
}

/// Exchanges a code for a session, which the answer sets as a cookie
#[utoipa::path(post, path = "/login", tag = "login",
    request_body(content = LoginForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String), ("set-cookie" = String)))))]
async fn login(
    State(app): State<App>,
    headers: HeaderMap,
    form: Result<Form<LoginForm>, FormRejection>,
) -> Result<Response> {
    let login = configured(&app)?;
    let Form(form) = form.map_err(|rejection| unreadable(&rejection))?;
    let secret = match login.redeem(&form.code, Instant::now()) {
        Ok(secret) => secret,
        Err(failure) => {
            login.hold_back(failure).await;
            return Ok(page::refuse(failure, &headers));
        }
    };
    let cookie = login.set_cookie(&secret, SESSION_LIFETIME.as_secs(), &headers);
    let headers = [
        (header::LOCATION, "/".to_owned()),
        (header::SET_COOKIE, cookie),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// Ends the session
#[utoipa::path(post, path = "/logout", tag = "login",
    responses((status = 303, headers(("location" = String), ("set-cookie" = String))),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
async fn logout(
    State(app): State<App>,
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
) -> Result<Response> {
    let login = configured(&app)?;
    if let Some(Extension(Caller::Session(session))) = caller {
        login.end(&session, Instant::now());
    }
    let cookie = login.set_cookie("", 0, &headers);
    let headers = [
        (header::LOCATION, "/login".to_owned()),
        (header::SET_COOKIE, cookie),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// A code for one login within ten minutes
///
/// For callers with the token: a session cannot multiply itself.
#[utoipa::path(post, path = "/api/login-codes", tag = "login",
    responses((status = 201, body = LoginCode, headers(("location" = String))),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
async fn issue(
    State(app): State<App>,
    caller: Option<Extension<Caller>>,
) -> Result<Created<LoginCode>> {
    let login = configured(&app)?;
    let Some(Extension(Caller::Token)) = caller else {
        let detail = "codes are given for the token, not for a session";
        return Err(Error::Refused(StatusCode::FORBIDDEN, detail.into()));
    };
    Ok(Created {
        location: "/login".into(),
        body: LoginCode {
            code: login.issue_code(Instant::now()),
            expires_in_seconds: CODE_LIFETIME.as_secs(),
        },
    })
}

fn configured(app: &App) -> Result<&Arc<Login>> {
    app.login.as_ref().ok_or(Error::NotFound("path"))
}

fn unreadable(rejection: &FormRejection) -> Error {
    match rejection.status() {
        StatusCode::UNPROCESSABLE_ENTITY => Error::Invalid(vec![FieldError::at(
            "/code",
            "must be the form's one value",
        )]),
        status => Error::Refused(status, "the body must be a form with a `code`".into()),
    }
}

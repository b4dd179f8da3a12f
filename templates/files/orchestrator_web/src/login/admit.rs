//! The layer that lets a request in, or refuses it.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::secret::Digest;
use super::{Failure, Login, page};
use crate::Error;
use crate::guard::{Sender, changes_state};

/// Needed by who has nothing to present yet: a supervisor's probe, and a person who logs in.
const OPEN: [&str; 2] = ["/livez", "/login"];

/// As whom a request was let in.
#[derive(Clone)]
pub enum Caller {
    /// By the token.
    Token,
    /// By a browser's session.
    Session(Session),
}

#[derive(Clone)]
pub struct Session(Digest);

pub async fn admit(State(login): State<Arc<Login>>, mut request: Request, next: Next) -> Response {
    if OPEN.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let caller = match login.caller(request.headers(), Instant::now()) {
        Ok(caller) => caller,
        Err(failure) => {
            login.hold_back(failure).await;
            return page::refuse(failure, request.headers());
        }
    };
    // The browser adds the cookie whoever sends the request, so that it proves nothing alone.
    let is_own = request.extensions().get() == Some(&Sender::Own);
    if matches!(caller, Caller::Session(_)) && changes_state(&request) && !is_own {
        let detail = "with a session, only this service's own pages may change something";
        return Error::Refused(StatusCode::FORBIDDEN, detail.into()).into_response();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

impl Login {
    fn caller(&self, headers: &HeaderMap, now: Instant) -> Result<Caller, Failure> {
        if headers.contains_key(header::AUTHORIZATION) {
            let token = bearer(headers).map(|token| Digest::of(token.as_bytes()));
            return match token {
                Some(token) if token == self.token => Ok(Caller::Token),
                _ => Err(self.state().failures.add(now)),
            };
        }
        // A cookie that is not known is old, not guessed: it is not counted as a failure.
        let sessions = cookies(headers, &self.cookie).map(|secret| Digest::of(secret.as_bytes()));
        let state = self.state();
        let session = { sessions }.find(|session| state.sessions.contains(session, now));
        let session = session.ok_or(Failure::Missing)?;
        Ok(Caller::Session(Session(session)))
    }

    pub(super) fn end(&self, session: &Session, now: Instant) {
        self.state().sessions.take(&session.0, now);
    }

    /// The header that gives a browser `secret` as its session, for `seconds`.
    pub(super) fn set_cookie(&self, secret: &str, seconds: u64, headers: &HeaderMap) -> String {
        let origin = headers.get(header::ORIGIN);
        let is_https = origin.is_some_and(|origin| origin.as_bytes().starts_with(b"https:"));
        let secure = if is_https { "; Secure" } else { "" };
        let name = &self.cookie;
        format!("{name}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(one), None) = (given.next(), given.next()) else {
        return None;
    };
    let (scheme, token) = one.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The values of all cookies with this name.
fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(header::COOKIE).iter();
    let pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .filter(move |(given, _)| *given == name)
        .map(|(_, value)| value)
}

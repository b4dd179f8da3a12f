//! Who is let in, where a token is configured: programs present it as a bearer token; a person
//! exchanges a one-time code for a session of the browser, so that the token itself is never
//! typed into a page, stored by a browser, or written into a URL.

mod admit;
pub mod http;
mod page;
mod secret;

use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::client::{Client, block_on};
use crate::config::Settings;
use crate::fault::Fault;

pub use admit::{Caller, admit};
use secret::{Digest, Failures, Kept};

const CODE_LIFETIME: Duration = Duration::from_mins(10);
const SESSION_LIFETIME: Duration = Duration::from_hours(24);
const CODES: usize = 16;
const SESSIONS: usize = 256;
/// How late the answer to one guess too many comes, and how many may wait for theirs.
const LATE: Duration = Duration::from_secs(1);
const WAITING: usize = 16;

/// The token, and what was given out for it. A restart forgets all but the token.
pub struct Login {
    token: Digest,
    cookie: String,
    state: Mutex<State>,
    waiting: Semaphore,
}

struct State {
    codes: Kept,
    sessions: Kept,
    failures: Failures,
}

impl Login {
    /// `None` if no token is configured.
    pub fn new(settings: &Settings) -> Option<Self> {
        let token = settings.token.as_ref()?;
        let connections = usize::from(settings.limits.max_connections.get());
        Some(Self {
            token: Digest::of(token.expose().as_bytes()),
            cookie: cookie(settings),
            state: Mutex::new(State {
                codes: Kept::new(CODES, CODE_LIFETIME),
                sessions: Kept::new(SESSIONS, SESSION_LIFETIME),
                failures: Failures::new(),
            }),
            waiting: Semaphore::new(WAITING.min(connections / 4)),
        })
    }

    /// A code for one login within ten minutes: `K7QX-2M9A-PW4T`, 60 random bits.
    pub fn issue_code(&self, now: Instant) -> String {
        let code = secret::code();
        let digest = Digest::of(secret::canonical(&code).as_bytes());
        self.state().codes.add(digest, now);
        code
    }

    /// Takes a code, as a person types it, and gives a session's secret for it. A code that is
    /// wrong, used or too old is a failure like a wrong token.
    fn redeem(&self, code: &str, now: Instant) -> Result<String, Failure> {
        let digest = Digest::of(secret::canonical(code).as_bytes());
        let mut state = self.state();
        if !state.codes.take(&digest, now) {
            return Err(state.failures.add(now));
        }
        let session = secret::session();
        state.sessions.add(Digest::of(session.as_bytes()), now);
        Ok(session)
    }

    /// Returns when a request may be told that it is refused: late, if too many were. Only few wait,
    /// so that there are connections left for others; whoever finds no place is told at once. What
    /// is right never comes here.
    async fn hold_back(&self, failure: Failure) {
        if !matches!(failure, Failure::TooMany(_)) {
            return;
        }
        if let Ok(_place) = self.waiting.try_acquire() {
            sleep(LATE).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it is held")
    }
}

/// The name of the cookie that holds a session. It tells instances apart, because browsers send
/// cookies to every port.
pub fn cookie(settings: &Settings) -> String {
    let (name, port) = (settings.project.name.as_str(), settings.port);
    format!("orchestrator_{name}_{port}_session")
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It presents nothing.
    Missing,
    /// What it presents is wrong.
    Wrong,
    /// The same, and too many were wrong lately; after this time they are counted anew.
    TooMany(Duration),
}

/// `orchestrator_web login`: asks the running service for a code, and says where to type it.
pub fn ask(settings: &Settings) -> anyhow::Result<String> {
    if settings.token.is_none() {
        return Err(Fault::new(
            "there is nothing to log in to: no token is configured",
            "open the service in the browser as it is, or set ORCHESTRATOR_TOKEN",
        )
        .into());
    }
    let client = Client::new(settings)?;
    let reply = block_on(client.send(Method::POST, "/api/login-codes", Value::Null))??;
    let issued = serde_json::from_slice::<http::LoginCode>(&reply.body);
    match issued {
        Ok(issued) if reply.status == 201 => Ok(invitation(settings.port, &issued.code)),
        _ => Err(Fault::new(
            format!("the service gives no code: it answers {}", reply.status.as_u16()),
            "does it run with the same token? `orchestrator_web config` says where the one here came from",
        )
        .into()),
    }
}

/// Tells a person how to get in.
pub fn invitation(port: u16, code: &str) -> String {
    format!(
        "log in at http://localhost:{port}/login with the code {code} (once, within ten minutes)\n"
    )
}

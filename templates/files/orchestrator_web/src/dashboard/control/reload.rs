//! The settings, read again: what that has changed, what waits, and what is wrong with them.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::config::{Difference, Pending};
use crate::dashboard::form::Form;
use crate::dashboard::page::{TAG, Visit, render, see};
use crate::dashboard::show::{Moment, setting};
use crate::db::Read;
use crate::page::Page as Slot;
use crate::runtime::logs::Level;
use crate::system::SystemLog;
use crate::system::queries::{self, SystemLogFilter};
use crate::time::{Clock, Timestamp};
use crate::{Error, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(reload))
}

/// What has become of the settings since the service started.
pub struct Settings {
    pub reading: Option<Reading>,
    /// With when they are in force; none is empty.
    pub changes: Vec<(&'static str, Vec<Change>)>,
    /// The digest of those that a person has to confirm.
    pub confirm: Option<String>,
}

/// What came of it when they were last read.
pub struct Reading {
    at: Timestamp,
    pub message: String,
    pub is_failure: bool,
    applied: Vec<Difference>,
}

/// A setting that is not what it was.
pub struct Change {
    pub name: String,
    pub old: String,
    pub new: String,
    pub source: String,
}

impl Settings {
    /// With what came of a reading just now, or else of the last one that has changed something.
    pub fn look(db: &Read, pending: &Pending, reading: Option<Reading>) -> Result<Self> {
        let reading = match reading {
            Some(reading) => Some(reading),
            None => last(db)?.map(Reading::from),
        };
        let applied = reading.as_ref().map(|it| all(&it.applied));
        let mut changes = vec![
            ("In force since then", applied.unwrap_or_default()),
            ("In force after a restart", all(&pending.after_restart)),
            ("In force when you confirm them", all(&pending.waiting)),
        ];
        changes.retain(|(_, changes)| !changes.is_empty());
        Ok(Self {
            reading,
            changes,
            confirm: pending.confirm.clone(),
        })
    }
}

impl Reading {
    pub fn at(&self) -> Moment {
        Moment::new(self.at, Clock::system().now())
    }

    fn now(message: String) -> Self {
        Self {
            at: Clock::system().now(),
            message,
            is_failure: false,
            applied: Vec::new(),
        }
    }
}

impl From<SystemLog> for Reading {
    fn from(line: SystemLog) -> Self {
        #[derive(Deserialize)]
        struct Told {
            applied: Vec<Difference>,
        }
        let details = line.details.as_ref();
        // A line of somebody else's says what it likes.
        let told = details.and_then(|it| serde_json::from_str::<Told>(it.as_str()).ok());
        Self {
            at: line.created_at,
            message: line.message,
            is_failure: line.log_level == Level::Error,
            applied: told.map_or(Vec::new(), |told| told.applied),
        }
    }
}

/// The last word of the system's log on the settings.
fn last(db: &Read) -> Result<Option<SystemLog>> {
    let filter = SystemLogFilter {
        component: Some("config".into()),
        ..Default::default()
    };
    let page = Slot {
        limit: 1,
        after: None,
    };
    Ok(queries::list(db, &filter, &page)?.items.pop())
}

fn all(differences: &[Difference]) -> Vec<Change> {
    let change = |it: &Difference| Change {
        name: it.setting.clone(),
        old: setting(&it.old),
        new: setting(&it.new),
        source: it.source.clone(),
    };
    differences.iter().map(change).collect()
}

/// Reads the settings again; with the digest of what waits, puts just that into force
#[utoipa::path(post, path = "/control/reload", tag = TAG,
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "nothing of it is in force now that was not before",
            body = String, content_type = "text/html"),
        (status = 303, headers(("location" = String)))))]
async fn reload(Shared(app): Shared<App>, visit: Visit, form: Form) -> Result<Response> {
    let confirm = Some(form.text("confirm")).filter(|digest| !digest.is_empty());
    let told = app.config.reload(&app.db, confirm.map(str::to_owned)).await;
    let (status, reading) = match told {
        Ok(told) if told.applied.is_empty() => (StatusCode::OK, Reading::now(told.summary())),
        Ok(_) => return Ok(see("/control#settings")),
        Err(error) => {
            let status = error.status();
            let message = match error {
                Error::Refused(StatusCode::UNPROCESSABLE_ENTITY, detail) => detail,
                Error::ConflictWith(detail, _) => {
                    format!("{detail}; read the settings again to see those")
                }
                other => return Err(other),
            };
            let reading = Reading::now(message);
            let is_failure = true;
            (
                status,
                Reading {
                    is_failure,
                    ..reading
                },
            )
        }
    };
    let page = super::look(&app, visit, Some(reading)).await?;
    Ok((status, render(&page)?).into_response())
}

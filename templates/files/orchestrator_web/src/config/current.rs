//! The settings in force, and how they are replaced while the service runs.

use std::sync::Arc;

use anyhow::Context as _;
use axum::http::StatusCode;
use serde::Serialize;
use tokio::sync::{Mutex, watch};
use utoipa::ToSchema;

use super::difference::{Difference, Effect, digest};
use super::{Loaded, Settings, commands, load};
use crate::db::Db;
use crate::error::members;
use crate::{Error, Result, trace};

pub struct Current {
    in_force: watch::Sender<Arc<Loaded>>,
    /// As the sources said when they were last read. What is not in force waits.
    read: Mutex<Arc<Loaded>>,
}

/// What the sources say and what is not in force yet.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Pending {
    /// In force when the service starts again.
    pub after_restart: Vec<Difference>,
    /// What runs programs: in force once a person has confirmed it.
    pub waiting: Vec<Difference>,
    /// What to confirm it with: the digest of just these changes. Null where nothing waits.
    #[schema(required)]
    pub confirm: Option<String>,
}

/// What has become of the settings.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reloaded {
    /// In force now.
    pub applied: Vec<Difference>,
    #[serde(flatten)]
    pub pending: Pending,
}

impl Pending {
    fn between(in_force: &Loaded, read: &Loaded) -> Self {
        let waiting = in_force.differences(read, Effect::WhenConfirmed);
        Self {
            after_restart: in_force.differences(read, Effect::AfterRestart),
            confirm: digest(&waiting),
            waiting,
        }
    }
}

impl Current {
    pub fn new(loaded: Loaded) -> Self {
        let loaded = Arc::new(loaded);
        Self {
            in_force: watch::Sender::new(Arc::clone(&loaded)),
            read: Mutex::new(loaded),
        }
    }

    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.in_force.borrow().settings)
    }

    /// Tells when others are in force.
    pub fn changes(&self) -> watch::Receiver<Arc<Loaded>> {
        self.in_force.subscribe()
    }

    /// The settings in force with their sources, and what waits.
    pub async fn now(&self) -> (Arc<Loaded>, Pending) {
        let read = self.read.lock().await;
        let in_force = Arc::clone(&self.in_force.borrow());
        let pending = Pending::between(&in_force, &read);
        (in_force, pending)
    }

    /// Reads every source again, and puts into force what may be. What runs programs is among it only
    /// if `confirm` is the digest of what waits; 409 if it is that of anything else. 422 if a source is
    /// wrong. After an error everything is as it was.
    pub async fn reload(self: &Arc<Self>, db: &Db, confirm: Option<String>) -> Result<Reloaded> {
        // A caller that goes away shall not leave it half done.
        let reload = Arc::clone(self).read_again(db.clone(), confirm);
        tokio::spawn(reload)
            .await
            .context("read the settings again")?
    }

    async fn read_again(self: Arc<Self>, db: Db, confirm: Option<String>) -> Result<Reloaded> {
        let mut read = self.read.lock().await;
        let old = Arc::clone(&self.in_force.borrow());
        let flags = read.flags.clone();
        let again = tokio::task::spawn_blocking(move || {
            load(flags).and_then(|loaded| loaded.check_exposure().map(|()| loaded))
        });
        let again = again.await.context("read the settings")?;
        let mut new = again.map_err(|fault| {
            let detail = format!("{fault}; {}", fault.hint);
            Error::Refused(StatusCode::UNPROCESSABLE_ENTITY, detail)
        })?;
        // 0 stands for a free port, and the one that was free is as good as another.
        if new.settings.port == 0 {
            Arc::make_mut(&mut new.settings).port = old.settings.port;
        }
        let pending = Pending::between(&old, &new);
        if confirm.is_some() && confirm != pending.confirm {
            let detail = "these are not the changes that wait for a confirmation".into();
            return Err(Error::ConflictWith(detail, members(&pending)));
        }

        let mut next = new.clone();
        next.keep(&old, Effect::AfterRestart);
        if confirm.is_none() {
            next.keep(&old, Effect::WhenConfirmed);
        }
        let mut applied = old.differences(&next, Effect::AtOnce);
        applied.extend(old.differences(&next, Effect::WhenConfirmed));
        let pending = Pending::between(&next, &new);
        let is_news = !applied.is_empty() || pending != Pending::between(&old, &read);
        let reloaded = Reloaded { applied, pending };
        if is_news {
            let told = reloaded.clone();
            db.write(move |db| commands::reloaded(db, &told)).await?;
        }
        trace::set_level(next.settings.log_level);
        *read = Arc::new(new);
        self.in_force.send_replace(Arc::new(next));
        Ok(reloaded)
    }
}

impl Reloaded {
    /// One line for the log.
    pub fn summary(&self) -> String {
        let parts = [
            ("in force now", &self.applied),
            ("after a restart", &self.pending.after_restart),
            ("when they are confirmed", &self.pending.waiting),
        ];
        let parts = parts
            .iter()
            .filter(|(_, differences)| !differences.is_empty());
        let parts: Vec<_> = parts
            .map(|(when, differences)| format!("{when}: {}", names(differences).join(", ")))
            .collect();
        if parts.is_empty() {
            return "the settings were read again, and are the same".to_owned();
        }
        format!("the settings were read again; {}", parts.join("; "))
    }
}

pub fn names(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(|it| it.setting.clone()).collect()
}

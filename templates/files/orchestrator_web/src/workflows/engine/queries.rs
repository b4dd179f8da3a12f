use std::collections::BTreeMap;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use crate::db::list::Slice;
use crate::db::{Listing, Read};
use crate::ids::Id;
use crate::json::Json;
use crate::page::Page;
use crate::time::Timestamp;
use crate::workflows::Workflow;
use crate::workflows::definition::Definition;
use crate::workflows::queries::{COLUMNS, WorkflowFilter, get, workflow};
use crate::workflows::steps::queries::attempts;
use crate::workflows::steps::{Attempt, StepView, view};
use crate::{Error, Result};

/// A workflow that the service runs itself.
pub struct Own {
    pub workflow: Workflow,
    pub frozen: Frozen,
    pub attempts: Vec<Attempt>,
    pub times_out_at: Option<Timestamp>,
    pub is_to_stop: bool,
}

/// What was settled at the start and does not change any more, whatever becomes of the settings and of
/// names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Frozen {
    pub definition: Definition,
    /// By the name that the definition has for it.
    pub agents: BTreeMap<String, Id>,
}

/// 404 if there is no such workflow, 409 if it is not the service that runs it.
pub fn own(db: &Read, id: Id) -> Result<Own> {
    let workflow = get(db, id)?;
    let sql =
        "SELECT definition, times_out_at, is_to_stop FROM ai_developer_workflows WHERE id = ?1";
    let known = db.first(sql, &[&id], |row| {
        Ok((row.take::<Option<String>>()?, row.take()?, row.take()?))
    })?;
    let (definition, times_out_at, is_to_stop) = known.ok_or(Error::NotFound("workflow"))?;
    let Some(definition) = definition else {
        let detail = "the workflow runs elsewhere, and was only reported here";
        return Err(Error::Conflict(detail.into()));
    };
    Ok(Own {
        workflow,
        frozen: serde_json::from_str(&definition).map_err(anyhow::Error::from)?,
        attempts: attempts(db, id)?,
        times_out_at,
        is_to_stop,
    })
}

/// Whether the service itself runs the workflow.
pub fn is_own(db: &Read, id: Id) -> Result<bool> {
    let sql = "SELECT 1 FROM ai_developer_workflows WHERE id = ?1 AND definition IS NOT NULL";
    let found = db.first(sql, &[&id], |_| Ok(()))?;
    Ok(found.is_some())
}

pub fn list(db: &Read, filter: &WorkflowFilter, page: &Page) -> Result<Slice<Workflow>> {
    Listing::new(COLUMNS, "ai_developer_workflows")
        .only_where("definition IS NOT NULL")
        .only_if("status = ?", &filter.status)
        .page(db, page, workflow)
}

/// A workflow as callers see it.
pub struct Shown {
    workflow: Workflow,
    /// `None` for one that was reported, whose steps are what its reporter makes of them.
    steps: Option<Vec<StepView>>,
}

impl Shown {
    pub fn steps(&self) -> &[StepView] {
        self.steps.as_deref().unwrap_or_default()
    }
}

impl From<Shown> for Workflow {
    fn from(shown: Shown) -> Self {
        let steps = shown.steps.as_ref().map(Json::of);
        Self {
            steps: steps.or(shown.workflow.steps),
            ..shown.workflow
        }
    }
}

impl Deref for Shown {
    type Target = Workflow;

    fn deref(&self) -> &Workflow {
        &self.workflow
    }
}

/// The workflow with its steps as they are at `now`, if the service runs it; as it was reported,
/// otherwise.
pub fn show(db: &Read, id: Id, now: Timestamp) -> Result<Shown> {
    if !is_own(db, id)? {
        let workflow = get(db, id)?;
        return Ok(Shown {
            workflow,
            steps: None,
        });
    }
    let own = own(db, id)?;
    let steps = view(&own.workflow, &own.frozen.definition, &own.attempts, now);
    Ok(Shown {
        workflow: own.workflow,
        steps: Some(steps),
    })
}

/// Those of its own that have not ended.
pub fn going_on(db: &Read) -> Result<Vec<Id>> {
    let sql = "SELECT id FROM ai_developer_workflows \
         WHERE definition IS NOT NULL AND completed_at IS NULL ORDER BY seq";
    db.all(sql, &[], |row| row.take())
}

/// Those that have taken longer than they may at `now`.
pub fn overdue(db: &Read, now: Timestamp) -> Result<Vec<Id>> {
    let sql = "SELECT id FROM ai_developer_workflows \
         WHERE definition IS NOT NULL AND completed_at IS NULL AND times_out_at <= ?1";
    db.all(sql, &[&now], |row| row.take())
}

/// When the next one will have taken longer than it may. One that is being ended for that reason
/// counts no more.
pub fn next_time_out(db: &Read, now: Timestamp) -> Result<Option<Timestamp>> {
    let sql = "SELECT min(times_out_at) FROM ai_developer_workflows \
         WHERE definition IS NOT NULL AND completed_at IS NULL AND times_out_at > ?1";
    let first = db.first(sql, &[&now], |row| row.take())?;
    Ok(first.flatten())
}

/// The workflow that a request with this key has started, and the digest of that request.
pub fn by_key(db: &Read, key: &str) -> Result<Option<(Id, String)>> {
    let sql = "SELECT id, request_digest FROM ai_developer_workflows WHERE idempotency_key = ?1";
    db.first(sql, &[&key], |row| Ok((row.take()?, row.take()?)))
}

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::advance::advance;
use super::keep::keep;
use super::queries::{Frozen, by_key, own};
use crate::agents::commands::NewAgent;
use crate::agents::{AgentName, AgentType, queries as agents};
use crate::config::Settings;
use crate::db::Write;
use crate::error::FieldError;
use crate::idempotency::Idempotency;
use crate::ids::Id;
use crate::json::Json;
use crate::workflows::definition::{Definition, Work};
use crate::workflows::queries::get;
use crate::workflows::steps::{self, Attempt};
use crate::workflows::{Workflow, WorkflowStatus, commands as records};
use crate::{Error, Result, executors, runs};

/// Starts the workflow of that name. A request that comes again gets the workflow of the first time. 404
/// if there is no such definition, 422 if the input does not fit it, 409 if one of its agents cannot run.
pub fn start(
    db: &mut Write,
    name: &str,
    input: Option<Json>,
    settings: &Settings,
    idempotency: Option<&Idempotency>,
) -> Result<Workflow> {
    if let Some(given) = idempotency
        && let Some((workflow, digest)) = by_key(db, &given.key)?
    {
        given.require_same(&digest)?;
        return get(db, workflow);
    }
    let definition = settings.workflows.0.get(name);
    let definition = definition.ok_or(Error::NotFound("workflow definition"))?;
    let launch = Launch {
        name: name.to_owned(),
        definition: definition.clone(),
        input: complete(definition, input)?,
        metadata: None,
        kept: Vec::new(),
    };
    let id = launch.begin(db, settings)?;
    if let Some(given) = idempotency {
        db.execute(
            "UPDATE ai_developer_workflows SET idempotency_key = ?2, request_digest = ?3 \
             WHERE id = ?1",
            &[&id, &given.key, &given.digest],
        )?;
    }
    get(db, id)
}

/// Starts the same again, with the definition and the input of then. With `from_step`, what was done
/// before that step is kept: what it does not affect and has succeeded. 404 if there is no such
/// workflow, 409 if it has not ended or runs elsewhere, or if what is to be kept is gone with its work
/// tree; 422 if it has no such step.
pub fn restart(
    db: &mut Write,
    id: Id,
    from_step: Option<&str>,
    settings: &Settings,
) -> Result<Workflow> {
    let old = own(db, id)?;
    let definition = old.frozen.definition;
    if !old.workflow.status.is_terminal() {
        let status = old.workflow.status.as_str();
        return Err(Error::Conflict(format!(
            "the workflow is {status}; stop it first"
        )));
    }
    let kept = match from_step {
        None => Vec::new(),
        Some(name) => {
            let step = definition.position(name).ok_or_else(|| {
                let steps: Vec<_> = definition.steps.iter().map(|it| it.name.as_str()).collect();
                let detail = format!("is not one of its steps: {}", steps.join(", "));
                Error::Invalid(vec![FieldError::at("/from_step", detail)])
            })?;
            keep(db, &definition, &old.attempts, step)?
        }
    };
    let launch = Launch {
        name: old.workflow.workflow_type,
        definition,
        input: old.workflow.input_data,
        metadata: Some(json!({ "restarted_from": id, "from_step": from_step })),
        kept,
    };
    let id = launch.begin(db, settings)?;
    get(db, id)
}

/// Asks a workflow to end: nothing more begins, and its runs are stopped. Asking again changes nothing.
/// 404 if there is no such workflow, 409 if it has ended or runs elsewhere.
pub fn stop(db: &mut Write, id: Id, settings: &Settings) -> Result<Workflow> {
    let status = own(db, id)?.workflow.status;
    if status.is_terminal() {
        let status = status.as_str();
        return Err(Error::Conflict(format!(
            "the workflow has ended: it is {status}"
        )));
    }
    let sql = "UPDATE ai_developer_workflows SET is_to_stop = 1 WHERE id = ?1 AND is_to_stop = 0";
    if db.execute(sql, &[&id])? == 1 {
        advance(db, id, settings)?;
    }
    get(db, id)
}

/// A workflow that is about to start.
struct Launch {
    name: String,
    definition: Definition,
    input: Option<Json>,
    metadata: Option<Value>,
    /// What earlier attempts have come to.
    kept: Vec<Attempt>,
}

impl Launch {
    fn begin(self, db: &mut Write, settings: &Settings) -> Result<Id> {
        let agents = require_agents(db, &self.name, &self.definition, settings)?;
        let steps = i64::try_from(self.definition.steps.len()).expect("there are a few");
        let workflow = records::create(
            db,
            records::NewWorkflow {
                adw_name: self.name.clone(),
                workflow_type: self.name,
                description: Some(self.definition.description.clone()),
                status: WorkflowStatus::Running,
                current_step: None,
                total_steps: Some(steps),
                steps: None,
                input_data: self.input,
                metadata: self.metadata.as_ref().map(Json::of),
                orchestrator_agent_id: None,
            },
        )?;
        let seconds = self.definition.timeout_seconds;
        let limit = Duration::from_secs(seconds.into());
        let times_out_at = (seconds != 0).then(|| db.now().after(limit));
        let frozen = Json::of(&Frozen {
            definition: self.definition,
            agents,
        });
        db.execute(
            "UPDATE ai_developer_workflows SET definition = ?2, times_out_at = ?3 WHERE id = ?1",
            &[&workflow.id, &frozen, &times_out_at],
        )?;
        for mut attempt in self.kept {
            steps::commands::insert(db, workflow.id, &mut attempt)?;
        }
        advance(db, workflow.id, settings)?;
        Ok(workflow.id)
    }
}

/// The input with its defaults, if it is what the definition asks for.
fn complete(definition: &Definition, input: Option<Json>) -> Result<Option<Json>> {
    if definition.input.is_empty() {
        return Ok(input);
    }
    let given = input.map_or(Value::Null, |input| input.value());
    let mut given = match given {
        Value::Null => serde_json::Map::new(),
        Value::Object(given) => given,
        _ => {
            return Err(Error::Invalid(vec![FieldError::at(
                "/input",
                "must be an object",
            )]));
        }
    };
    let mut wrong = Vec::new();
    for name in given
        .keys()
        .filter(|name| !definition.input.contains_key(*name))
    {
        let pointer = format!("/input/{}", name.replace('~', "~0").replace('/', "~1"));
        wrong.push(FieldError::at(
            pointer,
            "is not a member that is known here",
        ));
    }
    for (name, about) in &definition.input {
        match (given.get(name).filter(|it| !it.is_null()), &about.default) {
            (Some(_), _) => {}
            (None, Some(default)) => {
                given.insert(name.clone(), default.clone().into());
            }
            (None, None) => wrong.push(FieldError::at(format!("/input/{name}"), "is required")),
        }
    }
    if wrong.is_empty() {
        Ok(Some(Json::of(&given)))
    } else {
        Err(Error::Invalid(wrong))
    }
}

/// The agents of the definition, each of which can run now; those that there are not are created.
fn require_agents(
    db: &mut Write,
    workflow: &str,
    definition: &Definition,
    settings: &Settings,
) -> Result<BTreeMap<String, Id>> {
    let mut found = BTreeMap::new();
    for step in &definition.steps {
        let name = step.agent();
        let (agent_type, executor) = match &step.work {
            Work::Agent(work) => (work.agent_type, definition.executor.clone()),
            Work::Command(work) => (AgentType::Utility, executors::of_command(&work.command)),
        };
        let is_command = matches!(step.work, Work::Command(_));
        // The step will be skipped.
        if found.contains_key(&name) || is_command && settings.executors.get(&executor).is_none() {
            continue;
        }
        let parsed: AgentName = name.parse().map_err(Error::Conflict)?;
        let agent = match agents::by_name(db, &parsed)? {
            Some(agent) => agent,
            None => crate::agents::commands::create(
                db,
                &NewAgent {
                    name: parsed,
                    description: format!("Works in the workflow {workflow}"),
                    agent_type,
                    capabilities: String::new(),
                    default_model: settings.default_model.as_ref().map(ToString::to_string),
                    executor: Some(executor),
                    is_active: true,
                    metadata: None,
                },
            )?,
        };
        agents::require_lasting(db, agent.id)?;
        runs::commands::executor(db, agent.id, &settings.executors)?;
        found.insert(name, agent.id);
    }
    Ok(found)
}

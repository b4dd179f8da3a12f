//! Agents: the list, one of them, and the forms that change them.

mod changes;
mod edit;
mod list;
mod one;

use utoipa_axum::router::OpenApiRouter;

use crate::Result;
use crate::agents::queries::{self, AgentFilter};
use crate::app::App;
use crate::db::Read;
use crate::ids::Id;
use crate::page::Page as Slot;
use crate::runtime::Status;
use crate::runtime::agents::RuntimeAgent;
use crate::runtime::agents::queries::{self as instances, RuntimeAgentFilter};
use crate::stats::Made;

use super::show::{duration, share};

/// How many of an agent's runs its trend is made of.
const RECENT: i64 = 20;

pub fn routes() -> OpenApiRouter<App> {
    list::routes()
        .merge(one::routes())
        .merge(edit::routes())
        .merge(changes::routes())
}

/// The names of all agents, as far as a choice can hold them, in their order.
pub fn names(db: &Read) -> Result<Vec<(String, String)>> {
    let page = Slot {
        limit: 1000,
        after: None,
    };
    let agents = queries::list(db, &AgentFilter::default(), &page)?.items;
    let mut names: Vec<_> = agents
        .into_iter()
        .map(|it| (it.id.to_string(), it.name))
        .collect();
    names.sort_by_key(|(_, name)| name.to_lowercase());
    Ok(names)
}

/// The last runs of one agent, newest first, and what they have in common.
struct Recent(Vec<RuntimeAgent>);

impl Recent {
    fn of(db: &Read, agent: Id) -> Result<Self> {
        let filter = RuntimeAgentFilter {
            orchestrator_agent_id: Some(agent),
            ..Default::default()
        };
        let page = Slot {
            limit: RECENT,
            after: None,
        };
        Ok(Self(instances::list(db, &filter, &page)?.items))
    }

    /// How many of those that have ended have succeeded; who was stopped neither has nor has not.
    fn success(&self) -> String {
        let count = |statuses: &[Status]| -> i64 {
            let runs = self.0.iter();
            runs.map(|run| i64::from(statuses.contains(&run.status)))
                .sum()
        };
        let made = Made {
            runs: count(Status::ALL),
            completed: count(&[Status::Completed]),
            failed: count(&[Status::Failed, Status::Lost]),
        };
        share(made.success_permille())
    }

    /// The time that so many hundredths of the runs took at most.
    fn percentile(&self, hundredths: usize) -> String {
        let mut millis: Vec<_> = self.0.iter().filter_map(|run| run.duration_ms).collect();
        millis.sort_unstable();
        let place = (millis.len() * hundredths).div_ceil(100).saturating_sub(1);
        millis.get(place).copied().map_or("–".into(), duration)
    }
}

//! Agent definitions: what an agent is for, and what it runs on.

mod body;
pub mod commands;
pub mod deletion;
pub mod http;
pub mod queries;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use crate::config::Text;
use crate::ids::Id;
use crate::json::Json;
use crate::text;
use crate::time::Timestamp;

/// An agent definition.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Agent {
    pub id: Id,
    pub name: String,
    pub description: String,
    pub agent_type: AgentType,
    /// Separated by commas.
    pub capabilities: String,
    #[schema(required)]
    pub default_model: Option<String>,
    /// The name of one of the configuration's executors.
    #[schema(required)]
    pub executor: Option<String>,
    pub is_active: bool,
    #[schema(required, value_type = Option<serde_json::Map<String, serde_json::Value>>)]
    pub metadata: Option<Json>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

text::choices! {
    /// What an agent is for.
    pub enum AgentType {
        Planner = "planner",
        Builder = "builder",
        Reviewer = "reviewer",
        Tester = "tester",
        Orchestrator = "orchestrator",
        Utility = "utility",
        Skill = "skill",
        Custom = "custom",
    }
}

impl Text for AgentType {
    const EXPECTED: &'static str = "the type of an agent: planner, builder, reviewer, tester, orchestrator, utility, skill or custom";

    fn parse(word: &str) -> Option<Self> {
        word.parse().ok()
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}

/// A name of 1 to 255 characters, the first and the last of them no white space; unique among the
/// agents whatever its case.
#[derive(Debug, Clone, ToSchema)]
#[schema(
    min_length = 1,
    max_length = 255,
    pattern = r"^[^\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028-\u2029\u202f\u205f\u3000]([\s\S]*[^\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028-\u2029\u202f\u205f\u3000])?$"
)]
pub struct AgentName(String);

impl AgentName {
    /// Equal for two names that differ in case alone.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AgentName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let name = text::between(name, 1, 255)?;
        if name.trim() != name {
            return Err("must not begin or end with white space".into());
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

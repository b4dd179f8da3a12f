//! Agents as the loads make them, about 290 bytes each when they are answered.

use serde_json::json;

pub const DESCRIPTION: &str = "Reads a specification and plans the work";
pub const TYPE: &str = "planner";
pub const CAPABILITIES: &str = "planning,reading";

/// The body of a POST.
pub fn body(name: &str) -> String {
    json!({
        "name": name, "description": DESCRIPTION, "agent_type": TYPE, "capabilities": CAPABILITIES,
    })
    .to_string()
}

//! Ids by their beginnings, agents by their names.

use anyhow::bail;
use serde_json::Value;

use super::Service;
use super::text::{escape, text};

/// Among how many an id may be named by its beginning.
const NEWEST: usize = 1000;
const LENGTH: usize = "0197f3c2-0000-7000-8000-000000000000".len();
/// The time of an id, to a millisecond.
const SHORT: usize = "0197f3c2-0000".len();

impl Service {
    /// The id that begins with `given`, of the newest things in the list `path`.
    pub async fn id(&self, path: &str, what: &str, given: &str) -> anyhow::Result<String> {
        let given = given.to_ascii_lowercase();
        let is_of_ids = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
        if given.is_empty() || !given.bytes().all(is_of_ids) {
            bail!("`{given}` is not the beginning of an id");
        }
        if given.len() == LENGTH {
            return Ok(given);
        }
        let newest = self.list(&format!("{path}?limit={NEWEST}"), NEWEST).await?;
        let ids = newest.iter().map(|it| text(it, "id"));
        let found: Vec<_> = ids.filter(|id| id.starts_with(&given)).collect();
        match found[..] {
            [one] => Ok(one.to_owned()),
            [] => bail!("no {what} of the newest {NEWEST} has an id that begins with {given}"),
            _ => bail!("several begin with {given}: {}", found.join(", ")),
        }
    }

    /// The agent of that name, in whatever case, or of that id.
    pub async fn agent(&self, given: &str) -> anyhow::Result<Value> {
        let is_id = given.len() == LENGTH && given.bytes().filter(|it| *it == b'-').count() == 4;
        if is_id {
            return self.get(&format!("/api/agents/{given}")).await;
        }
        let path = format!("/api/agents?limit={NEWEST}&q={}", escape(given));
        let alike = self.list(&path, usize::MAX).await?;
        let name = given.to_lowercase();
        let mut named = alike
            .into_iter()
            .filter(|it| text(it, "name").to_lowercase() == name);
        if let Some(agent) = named.next() {
            return Ok(agent);
        }
        let is_prefix =
            4 <= given.len() && given.bytes().all(|it| it.is_ascii_hexdigit() || it == b'-');
        if is_prefix && let Ok(id) = self.id("/api/agents", "agent", given).await {
            return self.get(&format!("/api/agents/{id}")).await;
        }
        bail!("no agent is called `{given}`; `orchestrator_web agents` lists those that there are")
    }
}

/// Each id so short that it stands for itself alone among them.
pub fn short(things: &[Value]) -> Vec<&str> {
    let ids: Vec<_> = things.iter().map(|it| text(it, "id")).collect();
    let are_unique = |length: &usize| {
        let mut cut: Vec<_> = ids.iter().map(|id| id.get(..*length)).collect();
        cut.sort_unstable();
        cut.windows(2).all(|pair| pair[0] != pair[1])
    };
    let length = (SHORT..LENGTH).find(are_unique).unwrap_or(LENGTH);
    ids.iter()
        .map(|id| id.get(..length).unwrap_or(id))
        .collect()
}

//! What agents print, read from transcripts and from lines of the tests' own.

mod claude_costs;
mod claude_events;
mod codex;
mod failures;
mod gemini;
mod lines;
mod plain;
mod prices;
mod resets;
mod starting;
mod today;

use std::path::Path;

use orchestrator::adapters::{
    Adapter, AgentEvent, Before, Exit, Kind, Outcome, Spent, Stream, Tokens, Totals,
};
use orchestrator::money::MicroUsd;

/// What came of one process.
#[derive(Debug, PartialEq)]
pub struct Told {
    pub events: Vec<AgentEvent>,
    pub outcome: Outcome,
    pub totals: Totals,
}

impl Told {
    /// The events, one a line, as the log keeps them.
    pub fn lines(&self) -> String {
        let lines = self
            .events
            .iter()
            .map(|it| serde_json::to_string(it).unwrap());
        lines.collect::<Vec<_>>().join("\n")
    }

    pub fn raw(&self) -> Vec<&str> {
        let texts = self.events.iter().filter_map(|event| match event {
            AgentEvent::Output { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }
}

pub fn transcript(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/adapters/transcripts");
    std::fs::read(folder.join(name).with_extension("jsonl")).unwrap()
}

/// A process of a fresh session that printed `output` and ended so.
pub fn tell(kind: Kind, output: impl AsRef<[u8]>, exit: Exit) -> Told {
    tell_after(Before::default(), kind, output, Some(exit))
}

pub fn tell_after(
    before: Before,
    kind: Kind,
    output: impl AsRef<[u8]>,
    exit: Option<Exit>,
) -> Told {
    let mut adapter = Adapter::new(kind, before);
    let mut events = adapter.read(Stream::Stdout, output.as_ref());
    let (rest, outcome) = adapter.finish(exit);
    events.extend(rest);
    Told {
        events,
        outcome,
        totals: adapter.totals(),
    }
}

pub fn spent(tokens: Tokens, micros: i64) -> Spent {
    Spent {
        tokens,
        cost_usd: MicroUsd::from_micros(micros),
        is_estimate: false,
    }
}

pub fn estimated(tokens: Tokens, micros: i64) -> Spent {
    Spent {
        is_estimate: true,
        ..spent(tokens, micros)
    }
}

pub fn totals<const N: usize>(models: [(&str, Spent); N]) -> Totals {
    Totals(
        models
            .map(|(model, spent)| (model.to_owned(), spent))
            .into(),
    )
}

pub fn tokens(input: i64, output: i64, cache_read: i64, cache_write: i64) -> Tokens {
    Tokens {
        input,
        output,
        cache_read,
        cache_write,
    }
}

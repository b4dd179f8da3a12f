//! What agents print, in one vocabulary: [`AgentEvent`]. An [`Adapter`] reads the output of one
//! process and says what it did, what it has cost and how it ended.
//!
//! Nothing here reads a file, asks a clock or knows the database: the same bytes of a stream give the
//! same events, in whatever pieces they come and whatever the other stream brings meanwhile. Who has
//! lost an adapter reads the output again from its start, and knows which of the events are new. And
//! nothing here fails: what is not understood stays as it was printed.

mod claude;
mod claude_bill;
mod codex;
mod event;
mod failure;
mod gemini;
mod lines;
mod members;
mod outcome;
mod plain;
mod prices;
mod reset;
mod run;
mod spent;
mod start;
mod stdin;

use std::collections::BTreeSet;
use std::mem;

pub use event::{AgentEvent, ChangeKind, LimitStatus, NoticeLevel, Stream};
pub use lines::LONGEST;
pub use outcome::{Exit, ExitReason, Outcome, Retry};
pub use plain::plain;
pub use prices::{Price, Prices};
pub use reset::reset;
pub use run::MOST_OPEN;
pub use spent::{Spent, Tokens, Totals};
pub use start::{Request, Start, is_never_passed, speaks_json, start};
pub use stdin::{Answer, answer, interrupt, refuse};

use crate::text;
use claude::Claude;
use codex::Codex;
use gemini::Gemini;
use lines::Lines;
use members::Members;
use run::Run;

text::choices! {
    /// What a program speaks, as `kind` of an executor names it.
    pub enum Kind {
        Claude = "claude",
        Codex = "codex",
        Gemini = "gemini",
        /// Any program: a line is a line.
        Command = "command",
        /// The built-in agent, which speaks as Claude Code does.
        Demo = "demo",
    }
}

/// What is known before the process prints anything.
#[derive(Debug, Clone, Default)]
pub struct Before {
    /// The model that was asked for: not every agent tells which it uses.
    pub model: Option<String>,
    /// What earlier runs of the session that is resumed had spent.
    pub spent: Totals,
    pub prices: Prices,
}

/// Reads what one process prints.
pub struct Adapter {
    dialect: Dialect,
    prices: Prices,
    stdout: Lines,
    stderr: Lines,
    run: Run,
    /// As the last event of usage told it.
    told: Spent,
    unpriced: BTreeSet<String>,
}

enum Dialect {
    Claude(Claude),
    Codex(Codex),
    Gemini(Gemini),
    Plain,
}

impl Adapter {
    pub fn new(kind: Kind, before: Before) -> Self {
        Self {
            prices: before.prices.clone(),
            stdout: Lines::default(),
            stderr: Lines::default(),
            run: Run::new(before.model.clone()),
            told: Spent::default(),
            unpriced: BTreeSet::new(),
            dialect: match kind {
                Kind::Claude => Dialect::Claude(Claude::new(before)),
                // Each process counts from nothing.
                Kind::Demo => Dialect::Claude(Claude::new(Before {
                    spent: Totals::default(),
                    ..before
                })),
                Kind::Codex => Dialect::Codex(Codex::new(before)),
                Kind::Gemini => Dialect::Gemini(Gemini::new(before)),
                Kind::Command => Dialect::Plain,
            },
        }
    }

    /// Takes bytes as they came, in whatever pieces. A line of more than [`LONGEST`] bytes is cut, with
    /// a mark, and read as plain text.
    pub fn read(&mut self, stream: Stream, bytes: &[u8]) -> Vec<AgentEvent> {
        let mut lines = mem::take(self.lines(stream));
        lines.read(bytes, |line| self.line(stream, line));
        *self.lines(stream) = lines;
        mem::take(&mut self.run.events)
    }

    /// Takes the end of both streams and of the process; `None` if nobody knows how it ended.
    pub fn finish(&mut self, exit: Option<Exit>) -> (Vec<AgentEvent>, Outcome) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            if let Some(rest) = self.lines(stream).finish() {
                self.line(stream, rest);
            }
        }
        if let Dialect::Gemini(gemini) = &mut self.dialect {
            gemini.conclude(exit, &mut self.run);
        }
        let outcome = match &self.run.outcome {
            Some(outcome) => outcome.clone(),
            None if matches!(self.dialect, Dialect::Plain) => self.run.by_exit_code(exit),
            None => self.run.without_result(exit),
        };
        (mem::take(&mut self.run.events), outcome)
    }

    /// How the run ends, once the agent has said that it is done. The exit of Gemini may still make
    /// a failure of it.
    pub fn outcome_so_far(&self) -> Option<&Outcome> {
        self.run.outcome.as_ref()
    }

    /// What this process has spent so far, without what came before.
    pub fn totals(&self) -> Totals {
        match &self.dialect {
            Dialect::Claude(claude) => claude.totals(),
            Dialect::Codex(codex) => codex.totals(),
            Dialect::Gemini(gemini) => gemini.totals(),
            Dialect::Plain => Totals::default(),
        }
    }

    fn lines(&mut self, stream: Stream) -> &mut Lines {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    fn line(&mut self, stream: Stream, line: String) {
        if stream == Stream::Stderr {
            self.run.heed(&line);
        } else if self.dialect.line(&line, &mut self.run).is_some() {
            self.tell_usage();
            return;
        }
        self.run
            .events
            .push(AgentEvent::Output { stream, text: line });
    }

    fn tell_usage(&mut self) {
        let totals = self.totals();
        let sum = totals.sum();
        if sum == self.told {
            return;
        }
        self.told = sum;
        // A result stays the last word.
        let is_result = |event: &AgentEvent| matches!(event, AgentEvent::Result(_));
        let events = &mut self.run.events;
        let place = events.len() - usize::from(events.last().is_some_and(is_result));
        events.insert(place, AgentEvent::Usage(sum));
        for (model, spent) in totals.0 {
            let has_no_price = spent.is_estimate && self.prices.of(&model).is_none();
            if has_no_price && self.unpriced.insert(model.clone()) {
                let text = if model == unknown() {
                    "the agent does not tell its model: its cost counts as 0 until you name one"
                        .into()
                } else {
                    format!("no price is known for the model {model}: it counts as 0")
                };
                self.run.notice(NoticeLevel::Warning, text);
            }
        }
    }
}

impl Dialect {
    /// `None`: nothing that it understands.
    fn line(&mut self, line: &str, run: &mut Run) -> Option<()> {
        let members = match self {
            Self::Plain => None,
            _ => Members::parse(line),
        };
        if let Self::Gemini(gemini) = self {
            gemini.end_message_before(members.as_ref(), run);
        }
        let events = run.events.len();
        let understood = members.and_then(|line| match self {
            Self::Claude(claude) => claude.line(&line, run),
            Self::Codex(codex) => codex.line(&line, run),
            Self::Gemini(gemini) => gemini.line(&line, run),
            Self::Plain => None,
        });
        if understood.is_none() {
            // What was understood before something was not is part of the line as it is printed.
            run.events.truncate(events);
        }
        understood
    }
}

/// What stands for a name that an agent does not tell.
pub fn unknown() -> String {
    "unknown".to_owned()
}

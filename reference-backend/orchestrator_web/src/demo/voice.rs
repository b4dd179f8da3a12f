//! Speaks as Claude Code does: `claude -p --output-format stream-json --verbose`.

use std::io::Write as _;
use std::time::Duration;

use serde_json::{Value, json, value::RawValue};

use crate::ids::Id;
use crate::money::MicroUsd;

pub struct Voice {
    session_id: String,
    model: String,
    said: String,
    /// Words stand for tokens.
    read: usize,
    written: usize,
    spent: MicroUsd,
    tools: u32,
}

/// What a tool came back with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Result,
    Error,
}

impl Voice {
    pub fn new(arguments: &[String], prompt: &str) -> Self {
        let option = |name: &str| {
            let place = arguments.iter().position(|it| it == name)?;
            arguments.get(place + 1).cloned()
        };
        Self {
            session_id: option("--resume").unwrap_or_else(|| Id::generate().to_string()),
            model: option("--model").unwrap_or_else(|| "demo".to_owned()),
            said: String::new(),
            read: words(prompt),
            written: 0,
            spent: MicroUsd::default(),
            tools: 0,
        }
    }

    pub fn begin(&self) -> std::io::Result<()> {
        tell(&json!({
            "type": "system", "subtype": "init", "session_id": self.session_id,
            "model": self.model, "claude_code_version": env!("CARGO_PKG_VERSION"),
        }))
    }

    pub fn say(&mut self, text: &str) -> std::io::Result<()> {
        text.clone_into(&mut self.said);
        self.written += words(text);
        self.message("assistant", &json!({ "type": "text", "text": text }))
    }

    pub fn think(&mut self, text: &str) -> std::io::Result<()> {
        self.written += words(text);
        self.message(
            "assistant",
            &json!({ "type": "thinking", "thinking": text }),
        )
    }

    pub fn tool(&mut self, name: &str, text: &str) -> std::io::Result<()> {
        let call = self.call(name, text)?;
        self.tell_result(&call, text, Told::Result)
    }

    /// The ids of the call and of the question whether it may be made.
    pub fn ask(&mut self, name: &str, text: &str) -> std::io::Result<(String, String)> {
        let call = self.call(name, text)?;
        let request_id = Id::generate().to_string();
        let request = json!({
            "subtype": "can_use_tool", "tool_name": name, "input": { "text": text },
            "tool_use_id": call,
        });
        tell(&json!({ "type": "control_request", "request_id": request_id, "request": request }))?;
        Ok((call, request_id))
    }

    fn call(&mut self, name: &str, text: &str) -> std::io::Result<String> {
        self.tools += 1;
        let id = format!("tool-{}", self.tools);
        let input = json!({ "text": text });
        let call = json!({ "type": "tool_use", "id": id, "name": name, "input": input });
        self.message("assistant", &call)?;
        Ok(id)
    }

    pub fn tell_result(&self, call: &str, text: &str, told: Told) -> std::io::Result<()> {
        let is_error = told == Told::Error;
        let result = json!({
            "type": "tool_result", "tool_use_id": call, "content": text, "is_error": is_error,
        });
        self.message("user", &result)
    }

    pub fn spend(&mut self, cost: MicroUsd) {
        self.spent = self.spent + cost;
    }

    pub fn succeed(&self) -> std::io::Result<()> {
        self.result(
            "success",
            &json!({ "is_error": false, "result": self.said }),
        )
    }

    pub fn fail(&self, text: &str) -> std::io::Result<()> {
        let error = json!({ "is_error": true, "errors": [text] });
        self.result("error_during_execution", &error)
    }

    /// The limit's end is told in whole seconds.
    pub fn reach_the_limit(&self, time: Duration) -> std::io::Result<()> {
        let reset = jiff::Timestamp::now() + time;
        let info = json!({
            "status": "rejected", "resetsAt": reset.as_second() + 1, "rateLimitType": "five_hour",
        });
        tell(&json!({ "type": "rate_limit_event", "rate_limit_info": info }))?;
        self.fail("usage limit reached")
    }

    fn message(&self, kind: &str, block: &Value) -> std::io::Result<()> {
        let message = json!({ "role": kind, "content": [block] });
        tell(&json!({ "type": kind, "session_id": self.session_id, "message": message }))
    }

    fn result(&self, subtype: &str, about: &Value) -> std::io::Result<()> {
        let mut result = json!({
            "type": "result", "subtype": subtype, "session_id": self.session_id,
            "total_cost_usd": self.cost(),
            "modelUsage": { &self.model: {
                "inputTokens": self.read, "outputTokens": self.written, "costUSD": self.cost(),
            } },
        });
        for (key, value) in about.as_object().into_iter().flatten() {
            result[key] = value.clone();
        }
        tell(&result)
    }

    fn cost(&self) -> Box<RawValue> {
        let cost = RawValue::from_string(self.spent.to_decimal());
        cost.expect("a decimal number is JSON")
    }
}

fn tell(message: &Value) -> std::io::Result<()> {
    print(message.to_string().as_bytes())
}

/// A line that need be no message.
pub fn print(line: &[u8]) -> std::io::Result<()> {
    raw(&[line, b"\n"].concat())
}

pub fn raw(bytes: &[u8]) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

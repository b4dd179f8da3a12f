//! What is printed: words for people, JSON for programs.

use std::io::{Write as _, stdout};

use serde_json::{Value, json};

use super::Form;
use crate::adapters::plain;

pub struct Out {
    form: Form,
}

impl Out {
    pub fn new(form: Form) -> Self {
        Self { form }
    }

    /// A document as it is, or the lines that tell a person of it. What agents have written is among
    /// them: nothing in it reaches a terminal but text.
    pub fn show(&self, document: &Value, lines: impl FnOnce() -> String) -> anyhow::Result<()> {
        if self.form.json {
            write(&format!("{document:#}\n"))
        } else {
            write(&plain(&lines()))
        }
    }

    /// The same of one event of many: a line of JSON names it.
    pub fn event(
        &self,
        name: &str,
        data: &Value,
        lines: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        if self.form.json {
            write(&format!("{}\n", json!({ "event": name, "data": data })))
        } else {
            write(&plain(&lines()))
        }
    }
}

fn write(text: &str) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

//! `doctor`: whether everything is there that a generated service needs.

mod project;
mod tools;

use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

use crate::Result;
use crate::error::Context;
use crate::output::{self, Format};

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    detail: String,
    /// What to do about it, where it is not good.
    remedy: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Good,
    /// It works without.
    Warning,
    /// It does not work like this.
    Bad,
}

pub fn doctor(format: Format) -> Result<ExitCode> {
    let here = std::env::current_dir().context(
        "find the folder that you are in",
        "go to a folder that exists: `cd`",
    )?;
    let mut around = here.ancestors();
    let root = around.find(|folder| folder.join(".tac").symlink_metadata().is_ok());
    let (of_project, port) = project::findings(root);
    let mut findings = tools::findings(&here, port);
    findings.extend(of_project);
    findings.push(project::leftovers(&here, root));

    let is_bad = findings
        .iter()
        .any(|finding| finding.verdict == Verdict::Bad);
    match format {
        Format::Text => output::print(&text(&findings))?,
        Format::Json => output::print_json(&json!({ "good": !is_bad, "findings": findings }))?,
    }
    Ok(if is_bad {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let (word, colour) = match finding.verdict {
            Verdict::Good => ("good", anstyle::AnsiColor::Green),
            Verdict::Warning => ("warning", anstyle::AnsiColor::Yellow),
            Verdict::Bad => ("bad", anstyle::AnsiColor::Red),
        };
        let style = colour.on_default();
        text += &format!(
            "{style}{word:<8}{style:#} {:<11} {}\n",
            finding.check, finding.detail
        );
        if let Some(remedy) = &finding.remedy {
            text += &format!("{:>8} {:<11} {remedy}\n", "", "");
        }
    }
    text
}

impl Finding {
    fn good(check: &'static str, detail: impl Into<String>) -> Self {
        Self {
            check,
            verdict: Verdict::Good,
            detail: detail.into(),
            remedy: None,
        }
    }

    fn warning(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            check,
            verdict: Verdict::Warning,
            detail: detail.into(),
            remedy: Some(remedy.into()),
        }
    }

    fn bad(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Bad,
            ..Self::warning(check, detail, remedy)
        }
    }
}

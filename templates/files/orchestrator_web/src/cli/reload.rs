use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::text::text;
use super::{Form, Service};

/// Have the service read its settings again
///
/// Most are in force at once. Those that tell which programs run wait until they are confirmed.
#[derive(Debug, Clone, Args)]
pub struct Reload {
    /// Put into force what waits, if this is the digest of just that
    #[arg(long, value_name = "DIGEST")]
    confirm: Option<String>,
    #[command(flatten)]
    pub(super) form: Form,
}

impl Reload {
    pub(super) async fn run(&self, service: &Service) -> anyhow::Result<ExitCode> {
        let body = self
            .confirm
            .as_ref()
            .map_or(json!({}), |it| json!({ "confirm": it }));
        let told = service.post("/api/config/reload", body).await?;
        service.out.show(&told, || {
            let parts = [
                ("in force now", "applied"),
                ("in force after a restart", "after_restart"),
                ("in force when it is confirmed", "waiting"),
            ];
            let parts = parts.map(|(when, key)| part(when, &told[key])).concat();
            let confirm = told["confirm"].as_str();
            let confirm = confirm.map(|it| format!("orchestrator_web reload --confirm {it}\n"));
            let text = parts + &confirm.unwrap_or_default();
            if text.is_empty() {
                "the settings are the same\n".to_owned()
            } else {
                text
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

fn part(when: &str, differences: &Value) -> String {
    let differences = differences.as_array().into_iter().flatten();
    let lines = differences.map(|it| {
        let (setting, source) = (text(it, "setting"), text(it, "source"));
        format!("  {setting}: {} -> {}  # {source}\n", it["old"], it["new"])
    });
    let lines: String = lines.collect();
    if lines.is_empty() {
        lines
    } else {
        format!("{when}:\n{lines}")
    }
}

//! What `orchestrator_web config` prints.

use serde::Serialize;
use serde_json::Value;

use super::{Loaded, SETTINGS};

#[derive(Serialize)]
struct Line {
    key: Option<&'static str>,
    env: Option<&'static str>,
    flag: Option<&'static str>,
    /// A secret is the text `(hidden)`.
    value: Value,
    source: String,
    help: &'static str,
}

impl Loaded {
    fn lines(&self) -> Vec<Line> {
        let mut settings = self.settings.clone();
        let rows = SETTINGS.iter().zip(&self.sources);
        rows.map(|(setting, source)| Line {
            key: setting.key,
            env: setting.env,
            flag: setting.flag,
            value: (setting.field)(&mut settings).show(),
            source: source.to_string(),
            help: setting.help,
        })
        .collect()
    }

    /// One setting a line, with its source as a comment.
    pub fn to_text(&self) -> String {
        let head = match &self.file {
            Some(path) => format!("# orchestrator.toml: {}\n", path.display()),
            None => "# orchestrator.toml: none here or in the folders above\n".to_owned(),
        };
        let lines = self.lines().into_iter().map(|line| {
            let name = line.key.or(line.env).unwrap_or_default();
            let setting = match line.value {
                Value::Null => format!("{name} is not set"),
                value => format!("{name} = {value}"),
            };
            format!("{setting:<50} # {}\n", line.source)
        });
        let names = self.settings.executors.names();
        let executors = names.map(|name| format!("[executors.{name}]\n"));
        std::iter::once(head)
            .chain(lines)
            .chain(executors)
            .collect()
    }

    /// The same as a document: `{"file", "settings": [{key, env, flag, value, source, help}], "executors"}`.
    pub fn to_json(&self) -> Value {
        serde_json::json!({
            "file": self.file,
            "settings": self.lines(),
            "executors": self.settings.executors.names().collect::<Vec<_>>(),
        })
    }
}

//! What `orchestrator_web config` and `GET /api/config` show.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Loaded, SECTIONS, SETTINGS, Settings};

#[derive(Debug, Serialize, ToSchema)]
pub struct Line {
    /// In `orchestrator.toml`.
    #[schema(required)]
    pub key: Option<&'static str>,
    #[schema(required)]
    pub env: Option<&'static str>,
    #[schema(required)]
    pub flag: Option<&'static str>,
    /// A secret is the text `(hidden)`.
    pub value: Value,
    pub source: String,
    pub help: &'static str,
}

impl Loaded {
    /// To reach into: fields are reached through `&mut`.
    pub(super) fn copy(&self) -> Settings {
        Settings::clone(&self.settings)
    }

    /// Each row of [`SETTINGS`].
    pub fn lines(&self) -> Vec<Line> {
        let mut settings = self.copy();
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

    /// The tables whose names are the user's.
    pub fn tables(&self) -> Map<String, Value> {
        let tables = SECTIONS.iter();
        tables
            .map(|it| (it.name.to_owned(), (it.show)(&self.settings)))
            .collect()
    }

    pub fn shown_file(&self) -> Option<String> {
        let file = self.file.as_ref();
        file.map(|path| path.display().to_string())
    }

    /// Where the tables came from: the file may have changed some of their defaults.
    pub(super) fn section_source(&self) -> String {
        let name = self
            .file
            .as_deref()
            .map(|path| path.file_name().unwrap_or(path.as_os_str()));
        name.map_or("default".into(), |name| name.display().to_string())
    }

    /// One setting a line, with its source as a comment.
    pub fn to_text(&self) -> String {
        let head = match self.shown_file() {
            Some(path) => format!("# orchestrator.toml: {path}\n"),
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
        let tables = self.tables().into_iter().flat_map(|(table, members)| {
            let Value::Object(members) = members else {
                return Vec::new();
            };
            let line = |(name, value)| format!("{table}.{name} = {value}\n");
            members.into_iter().map(line).collect()
        });
        std::iter::once(head).chain(lines).chain(tables).collect()
    }

    /// The same as a document: `{"file", "settings": [{key, env, flag, value, source, help}], …}`, and a
    /// member for each table whose names are the user's.
    pub fn to_json(&self) -> Value {
        let mut document = Map::new();
        document.insert("file".into(), self.shown_file().into());
        document.insert("settings".into(), serde_json::json!(self.lines()));
        document.extend(self.tables());
        document.into()
    }
}

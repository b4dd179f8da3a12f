use std::collections::BTreeMap;
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub default_model: Option<String>,
    pub executors: BTreeMap<String, toml::Table>,
}

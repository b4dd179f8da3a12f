//! In what two readings of the sources differ, and when each difference takes effect.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::{Loaded, SECTIONS, SETTINGS};

/// When a changed setting is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    AtOnce,
    /// What the service opens or derives once, when it starts.
    AfterRestart,
    /// What programs are run, and where, and whose pages stand among ours. Whoever can write the file is
    /// not yet trusted with that: an agent could write it.
    WhenConfirmed,
}

/// A setting that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// `server.port`, `executors.claude.program`.
    pub setting: String,
    /// Null where there was none; `(hidden)` for a secret.
    pub old: Value,
    /// Null where there is none any more; `(hidden)` for a secret.
    pub new: Value,
    /// Where the new value came from.
    pub source: String,
}

impl Loaded {
    /// What changes from `self` to `new`, of the settings whose changes take effect so.
    pub fn differences(&self, new: &Self, effect: Effect) -> Vec<Difference> {
        let (mut before, mut after) = (self.copy(), new.copy());
        let mut found = Vec::new();
        for (setting, source) in SETTINGS.iter().zip(&new.sources) {
            let (old, new) = ((setting.field)(&mut before), (setting.field)(&mut after));
            if setting.effect == effect && !old.equals(new) {
                found.push(Difference {
                    setting: setting.name().to_owned(),
                    old: old.show(),
                    new: new.show(),
                    source: source.to_string(),
                });
            }
        }
        let source = new.section_source();
        for section in SECTIONS.iter().filter(|it| it.effect == effect) {
            let (old, new) = ((section.show)(&before), (section.show)(&after));
            compare(section.name, &old, &new, &source, &mut found);
        }
        found
    }

    /// Leaves the settings whose changes take effect so as they are in `old`.
    pub fn keep(&mut self, old: &Self, effect: Effect) {
        let (mut kept, mut settings) = (old.copy(), self.copy());
        for (index, setting) in SETTINGS.iter().enumerate() {
            if setting.effect == effect {
                (setting.field)(&mut settings).copy_from((setting.field)(&mut kept));
                self.sources[index] = old.sources[index].clone();
            }
        }
        for section in SECTIONS.iter().filter(|it| it.effect == effect) {
            (section.copy)(&mut settings, &kept);
        }
        self.settings = settings.into();
    }
}

/// Names the members that differ, as deep as both sides are objects.
fn compare(name: &str, old: &Value, new: &Value, source: &str, found: &mut Vec<Difference>) {
    if old == new {
        return;
    }
    let (Value::Object(before), Value::Object(after)) = (old, new) else {
        return found.push(Difference {
            setting: name.to_owned(),
            old: old.clone(),
            new: new.clone(),
            source: source.to_owned(),
        });
    };
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    for key in after.keys().chain(gone) {
        let member = |side: &serde_json::Map<_, _>| side.get(key).cloned().unwrap_or_default();
        let name = format!("{name}.{key}");
        compare(&name, &member(before), &member(after), source, found);
    }
}

/// What a person confirms: these changes and no others. `None` if there are none.
pub fn digest(differences: &[Difference]) -> Option<String> {
    let changes = differences.iter().map(|it| (&it.setting, &it.old, &it.new));
    let changes: Vec<_> = changes.collect();
    let text = serde_json::to_vec(&changes).expect("differences are plain data");
    let hex = |hex: String, byte: &u8| format!("{hex}{byte:02x}");
    let digest = || Sha256::digest(text).iter().fold(String::new(), hex);
    (!changes.is_empty()).then(digest)
}

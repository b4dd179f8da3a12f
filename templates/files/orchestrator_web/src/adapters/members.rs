//! JSON as programs print it that may be newer or older than we know: members are looked up one by
//! one, and one of another shape than expected is as if it were absent. Values keep their spelling.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::value::RawValue;

use crate::json::Json;
use crate::runtime;

/// The members of an object, by name; of equal names the last.
#[derive(Default)]
pub(super) struct Members<'a>(BTreeMap<Lossy, &'a RawValue>);

impl<'a> Members<'a> {
    /// `None` if `json` is no object.
    pub fn parse(json: &'a str) -> Option<Self> {
        // Most lines of most programs are no JSON at all.
        let is_object = json.trim_start().starts_with('{');
        let members = is_object.then(|| serde_json::from_str(json).ok());
        members.flatten().map(Self)
    }

    /// The value as it is spelled; `None` for null, too.
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        let value = self.0.get(name)?.get();
        (value != "null").then_some(value)
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.raw(name).and_then(text)
    }

    /// A text that says something.
    pub fn words(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.trim().is_empty())
    }

    pub fn object(&self, name: &str) -> Option<Self> {
        Self::parse(self.raw(name)?)
    }

    /// Each member that is an object, with its name.
    pub fn objects(&self) -> impl Iterator<Item = (&str, Members<'a>)> {
        let objects = self.0.iter();
        objects.filter_map(|(name, value)| Some((name.0.as_str(), Self::parse(value.get())?)))
    }

    /// The items of an array, as they are spelled; none where there is no array.
    pub fn items(&self, name: &str) -> Vec<&'a str> {
        let items = self.raw(name).map(serde_json::from_str::<Vec<&RawValue>>);
        let items = items.and_then(Result::ok).unwrap_or_default();
        items.into_iter().map(RawValue::get).collect()
    }

    pub fn whole(&self, name: &str) -> Option<i64> {
        self.raw(name)?.parse().ok()
    }

    /// A number of tokens; 0 for what can be none.
    pub fn count(&self, name: &str) -> i64 {
        let count = self.whole(name).and_then(|it| runtime::count(it).ok());
        count.unwrap_or_default()
    }

    pub fn is_true(&self, name: &str) -> bool {
        self.raw(name) == Some("true")
    }

    /// The value as it is spelled, `{}` where there is none.
    pub fn json(&self, name: &str) -> Json {
        json(self.raw(name).unwrap_or("{}"))
    }

    /// The text of `content`, a tool's result: what is no text stands as `[image]`.
    pub fn content(&self) -> String {
        if let Some(text) = self.text("content") {
            return text;
        }
        let parts = self.items("content").into_iter().map(|part| {
            let part = Self::parse(part).unwrap_or_default();
            let kind = part.text("type").unwrap_or_else(super::unknown);
            part.text("text").unwrap_or_else(|| format!("[{kind}]"))
        });
        parts.collect::<Vec<_>>().join("\n")
    }

    /// An object of one member, as it is spelled.
    pub fn only(&self, name: &str) -> Json {
        let value = self.raw(name).unwrap_or("null");
        json(&format!(r#"{{"{name}":{value}}}"#))
    }
}

/// The text of a JSON string. What is half of a surrogate pair, where a program has cut a text,
/// becomes U+FFFD.
pub(super) fn text(json: &str) -> Option<String> {
    serde_json::from_str(json).ok().map(|Lossy(text)| text)
}

/// `json` to be kept; as a string, if it is nothing that every reader agrees on.
fn json(json: &str) -> Json {
    serde_json::from_str(json).unwrap_or_else(|_| Json::of(json))
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Lossy(String);

impl std::borrow::Borrow<str> for Lossy {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(LossyVisitor)
    }
}

struct LossyVisitor;

impl Visitor<'_> for LossyVisitor {
    type Value = Lossy;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Lossy, E> {
        Ok(Lossy(String::from_utf8_lossy(bytes).into_owned()))
    }
}

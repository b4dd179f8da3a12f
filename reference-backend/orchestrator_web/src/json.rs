//! JSON that the service keeps and gives back as it was written: key for key, digit for digit.

use std::collections::HashSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;

use crate::db::{Bind, Column, Value};

/// So that a reader who allows 128 levels, as many do, can read it in a list of things.
const DEEPEST: usize = 100;

/// A JSON value as its text: written once, never parsed again on the way to a caller.
#[derive(Debug, Clone)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Of what the service itself has made.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Self {
        let text = serde_json::value::to_raw_value(value);
        Self(text.expect("it is plain data"))
    }

    /// As it is spelled.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Read, for those who look into it.
    pub fn value(&self) -> serde_json::Value {
        serde_json::from_str(self.0.get()).expect("it was read before")
    }

    pub fn object(self) -> Result<Self, &'static str> {
        self.starting_with('{', "must be an object")
    }

    pub fn array(self) -> Result<Self, &'static str> {
        self.starting_with('[', "must be an array")
    }

    fn starting_with(self, first: char, otherwise: &'static str) -> Result<Self, &'static str> {
        let is_so = self.0.get().starts_with(first);
        is_so.then_some(self).ok_or(otherwise)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        check(text.get()).map_err(de::Error::custom)?;
        Ok(Self(text))
    }
}

/// Refuses what the grammar allows and readers do not agree on: a key twice in one object, half of
/// a surrogate pair, more levels than [`DEEPEST`].
fn check(json: &str) -> Result<(), &'static str> {
    // For each object or array that is open, its keys so far.
    let mut open: Vec<HashSet<String>> = Vec::new();
    let mut rest = json;
    while let Some(at) = rest.find(['{', '[', '"', ']', '}']) {
        rest = &rest[at..];
        let mut length = 1;
        match rest.as_bytes()[0] {
            b'{' | b'[' if open.len() == DEEPEST => return Err("is nested too deeply"),
            b'{' | b'[' => open.push(HashSet::new()),
            b'"' => {
                let mut text = serde_json::Deserializer::from_str(rest).into_iter();
                let string = text.next().and_then(Result::ok);
                let string = string.ok_or("holds half of a surrogate pair")?;
                length = text.byte_offset();
                let is_key = rest[length..].trim_start().starts_with(':');
                if is_key && open.last_mut().is_some_and(|keys| !keys.insert(string)) {
                    return Err("holds an object with a key twice");
                }
            }
            _ => drop(open.pop()),
        }
        rest = &rest[length..];
    }
    Ok(())
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Bind for Json {
    fn value(&self) -> Value<'_> {
        Value::Text(self.0.get())
    }
}

impl Column for Json {
    fn column(value: Value<'_>) -> Option<Self> {
        RawValue::from_string(String::column(value)?).ok().map(Self)
    }
}

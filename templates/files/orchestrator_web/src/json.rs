//! JSON that the service keeps and gives back without looking inside.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value as JsonValue};

use crate::db::{Bind, Column, Value};

/// A JSON value as its text: written once, never parsed again on the way to a caller.
#[derive(Debug, Clone)]
pub struct Json(Box<RawValue>);

impl From<JsonValue> for Json {
    fn from(value: JsonValue) -> Self {
        let text = value.to_string();
        Self(RawValue::from_string(text).expect("a JSON value prints as JSON"))
    }
}

impl From<Vec<JsonValue>> for Json {
    fn from(array: Vec<JsonValue>) -> Self {
        Self::from(JsonValue::Array(array))
    }
}

impl From<Map<String, JsonValue>> for Json {
    fn from(object: Map<String, JsonValue>) -> Self {
        Self::from(JsonValue::Object(object))
    }
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

//! The one format of time: UTC, RFC 3339, milliseconds, `Z`. And the one clock.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};
use utoipa::openapi::{KnownFormat, Object, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::db::{Bind, Column, Value};

const LENGTH: usize = "2026-01-31T23:59:59.999Z".len();

/// An instant as it is stored and shown, so that the order of the text is the order of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp([u8; LENGTH]);

impl Timestamp {
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("a timestamp is ASCII")
    }

    /// Reads any RFC 3339 instant; what lies below a millisecond is cut off.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(Self::from)
    }

    /// Of seconds since 1970; `None` for what lies beyond the year 9999.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        jiff::Timestamp::from_second(seconds).ok().map(Self::from)
    }

    #[must_use]
    pub fn before(self, age: Duration) -> Self {
        let earlier = self.instant().checked_sub(age);
        Self::from(earlier.unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }

    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        let later = self.instant().checked_add(time);
        Self::from(later.unwrap_or(jiff::Timestamp::MAX))
    }

    /// Milliseconds from `start` to `self`, 0 if the clock was set back between them.
    pub fn millis_since(self, start: Self) -> i64 {
        let millis = self.instant().as_millisecond() - start.instant().as_millisecond();
        millis.max(0)
    }

    pub fn day(&self) -> Day {
        let (day, _) = self
            .0
            .split_first_chunk()
            .expect("a timestamp begins with its day");
        Day(*day)
    }

    /// When its hour began.
    #[must_use]
    pub fn hour(self) -> Self {
        let mut text = self.0;
        text[13..].copy_from_slice(b":00:00.000Z");
        Self(text)
    }

    pub(crate) fn instant(self) -> jiff::Timestamp {
        self.as_str().parse().expect("a timestamp is RFC 3339")
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        // Four-digit years after 1970 only: the text is compared as text.
        let instant = instant.max(jiff::Timestamp::UNIX_EPOCH);
        let millis = jiff::Timestamp::from_millisecond(instant.as_millisecond());
        let text = format!("{:.3}", millis.expect("rounding down stays in range"));
        Self(
            text.as_bytes()
                .try_into()
                .expect("the format has one length"),
        )
    }
}

impl FromStr for Timestamp {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or("must be an instant of RFC 3339, like 2026-01-31T23:59:59Z")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        Object::builder()
            .schema_type(Type::String)
            .format(Some(format))
            .into()
    }
}

impl ToSchema for Timestamp {}

impl Bind for Timestamp {
    fn value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

impl Column for Timestamp {
    fn column(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Text(text) if text.is_ascii() => Some(Self(text.as_bytes().try_into().ok()?)),
            _ => None,
        }
    }
}

/// A day in UTC, as it is stored and shown: `2026-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day([u8; "2026-01-31".len()]);

impl Day {
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("a day is ASCII")
    }

    /// `2026-01`
    pub fn month(&self) -> &str {
        &self.as_str()[.."2026-01".len()]
    }

    #[must_use]
    pub fn next(self) -> Self {
        self.date().tomorrow().map_or(self, Self::of)
    }

    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self::of(self.date().first_of_month())
    }

    #[must_use]
    pub fn first_of_next_month(self) -> Self {
        Self::of(self.date().last_of_month()).next()
    }

    /// Midnight.
    pub fn start(self) -> Timestamp {
        let midnight = Timestamp::parse(&format!("{self}T00:00:00Z"));
        midnight.expect("each day has a midnight")
    }

    fn date(self) -> jiff::civil::Date {
        self.as_str().parse().expect("a day is a date")
    }

    fn of(date: jiff::civil::Date) -> Self {
        let text = date.to_string();
        Self(text.as_bytes().try_into().expect("years have four digits"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Day {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let date = text.parse::<jiff::civil::Date>().ok();
        // Others than this spelling are read too, and would be compared as text.
        let date = date.filter(|date| date.to_string() == text);
        let day = date.and_then(|_| text.as_bytes().try_into().ok());
        day.map(Self).ok_or("must be a day like 2026-01-31")
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Date);
        Object::builder()
            .schema_type(Type::String)
            .format(Some(format))
            .into()
    }
}

impl ToSchema for Day {}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Bind for Day {
    fn value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

/// Where the time comes from; tests fix it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    pub fn system() -> Self {
        Self::new(|| Timestamp::from(jiff::Timestamp::now()))
    }

    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

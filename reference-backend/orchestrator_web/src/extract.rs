//! What comes in: parsed once, at the edge, into types that hold. Everything that a request gets
//! wrong is answered as a problem document that names the place.

use std::collections::HashSet;
use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::app::App;
use crate::config::Settings;
use crate::error::FieldError;
use crate::ids::Id;
use crate::object::Object;
use crate::page::Page;
use crate::{Error, Result};

/// A value that is made from a body, after all of its rules were checked.
pub trait FromBody: Sized {
    /// The body's shape, without its rules.
    type Body: DeserializeOwned;

    /// Reads the shape, which is an object unless a body says otherwise.
    fn read<'de, D: Deserializer<'de>>(json: D) -> Result<Self::Body, D::Error> {
        Object::deserialize(json).map(|Object(body)| body)
    }

    /// `None` if `check` has met an error.
    fn from_body(body: Self::Body, check: &mut Check) -> Option<Self>;
}

/// Collects what is wrong with the values of a body.
pub struct Check<'a> {
    pub settings: &'a Settings,
    errors: Vec<FieldError>,
}

impl<'a> Check<'a> {
    pub fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            errors: Vec::new(),
        }
    }

    /// Unwraps a checked value, or notes why it cannot be accepted.
    pub fn at<T, E: ToString>(&mut self, pointer: &str, value: Result<T, E>) -> Option<T> {
        value
            .map_err(|error| self.refuse(pointer, error.to_string()))
            .ok()
    }

    pub fn refuse(&mut self, pointer: &str, detail: impl Into<String>) {
        self.errors.push(FieldError::at(pointer, detail));
    }

    /// Runs `check` for the item `index` of an array: its pointers begin there.
    pub fn item<T>(&mut self, index: usize, check: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.errors.len();
        let value = check(self);
        for pointer in self.errors[before..]
            .iter_mut()
            .filter_map(|it| it.pointer.as_mut())
        {
            pointer.insert_str(0, &format!("/{index}"));
        }
        value
    }

    /// The value that was checked, or everything that is wrong with it.
    pub fn finish<T>(self, value: Option<T>) -> Result<T> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(Error::Invalid(self.errors)),
        }
    }
}

/// A member of a body that may be left out (leave it as it is) or be null (clear it).
#[derive(Debug, Clone, Default)]
pub enum Field<T> {
    #[default]
    Absent,
    Null,
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::deserialize(deserializer)?;
        Ok(value.map_or(Self::Null, Self::Value))
    }
}

impl<T> Field<T> {
    /// The new value of an optional member: `None` leaves it, `Some(None)` clears it.
    pub fn optional<U, E: ToString>(
        self,
        pointer: &str,
        check: &mut Check,
        parse: impl FnOnce(T) -> Result<U, E>,
    ) -> Option<Option<U>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => check.at(pointer, parse(value)).map(Some),
        }
    }

    /// The new value of a member that always has one: `None` leaves it.
    pub fn required<U, E: ToString>(
        self,
        pointer: &str,
        check: &mut Check,
        parse: impl FnOnce(T) -> Result<U, E>,
    ) -> Option<U> {
        match self {
            Self::Absent => None,
            Self::Null => {
                check.refuse(pointer, "must not be null");
                None
            }
            Self::Value(value) => check.at(pointer, parse(value)),
        }
    }
}

/// The media type of a body in lower case, without its parameters; `None` if it is not given, or
/// given twice.
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(one), None) = (given.next(), given.next()) else {
        return None;
    };
    let essence = one.to_str().ok()?.split(';').next()?;
    Some(essence.trim().to_ascii_lowercase())
}

/// A JSON body, parsed and checked.
pub struct Body<T>(pub T);

impl<T: FromBody> FromRequest<App> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        if media_type(request.headers()).as_deref() != Some("application/json") {
            let detail = "the body must be `application/json`";
            return Err(Error::Refused(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                detail.into(),
            ));
        }
        let bytes = Bytes::from_request(request, app).await;
        let bytes = bytes.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            _ => Error::Malformed("the body could not be read".into()),
        })?;
        parse(&bytes, &app.settings()).map(Self)
    }
}

pub fn too_large() -> Error {
    Error::Refused(
        StatusCode::PAYLOAD_TOO_LARGE,
        "the body is larger than allowed".into(),
    )
}

/// The checked value of a JSON body, or all that is wrong with it.
pub fn parse<T: FromBody>(bytes: &[u8], settings: &Settings) -> Result<T> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let mut track = serde_path_to_error::Track::new();
    let read = T::read(serde_path_to_error::Deserializer::new(
        &mut json, &mut track,
    ));
    let body = read.map_err(|error| {
        let pointer = pointer(&track.path());
        if error.is_data() {
            unacceptable(pointer, &error)
        } else {
            malformed(&error)
        }
    })?;
    json.end().map_err(|error| malformed(&error))?;
    let mut check = Check::new(settings);
    let value = T::from_body(body, &mut check);
    check.finish(value)
}

fn malformed(error: &serde_json::Error) -> Error {
    Error::Malformed(format!("the body is not JSON: {error}"))
}

fn unacceptable(mut pointer: String, error: &serde_json::Error) -> Error {
    let detail = error.to_string();
    let detail = detail
        .rsplit_once(" at line ")
        .map_or(detail.as_str(), |(message, _)| message);
    // A member that is missing has no path of its own; serde names it between backticks.
    let name = |rest: &str| rest.split('`').next().unwrap_or_default().to_owned();
    if let Some(rest) = detail.strip_prefix("missing field `") {
        pointer = format!("{pointer}/{}", escape(&name(rest)));
        return Error::Invalid(vec![FieldError::at(pointer, "is required")]);
    }
    if let Some(rest) = detail.strip_prefix("unknown field `") {
        let name = name(rest);
        if !pointer.ends_with(&format!("/{}", escape(&name))) {
            pointer = format!("{pointer}/{}", escape(&name));
        }
        return Error::Invalid(vec![FieldError::at(
            pointer,
            "is not a member that is known here",
        )]);
    }
    Error::Invalid(vec![FieldError::at(pointer, detail)])
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        let part = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => escape(key),
            Segment::Enum { .. } | Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&part);
    }
    pointer
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The id in the path. One that is none is unknown, like one that nobody has: 404.
pub struct PathId(pub Id);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let unknown = || Error::NotFound("id");
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        let text = path.map_err(|_| unknown())?;
        Id::parse(&text).map(Self).ok_or_else(unknown)
    }
}

/// The name in the path. One that is no text is unknown: 404.
pub struct PathName(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathName {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        let axum::extract::Path(name) = path.map_err(|_| Error::NotFound("name"))?;
        Ok(Self(name))
    }
}

/// A value that is made from the query of a request.
pub trait FromQuery: Sized {
    fn from_query(query: &mut QueryReader) -> Self;
}

/// Takes parameters out of a query, and collects what is wrong with them.
pub struct QueryReader {
    given: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl QueryReader {
    /// The parameter `name`, if it is given.
    pub fn optional<T: FromStr<Err: ToString>>(&mut self, name: &str) -> Option<T> {
        let index = self.given.iter().position(|(given, _)| given == name)?;
        let (_, text) = self.given.swap_remove(index);
        text.parse()
            .map_err(|error: T::Err| self.refuse(name, error.to_string()))
            .ok()
    }

    /// The same, where forms send what was left open as an empty text.
    pub fn filled<T: FromStr<Err: ToString>>(&mut self, name: &str) -> Option<T> {
        let index = self.given.iter().position(|(given, _)| given == name)?;
        if self.given[index].1.is_empty() {
            self.given.swap_remove(index);
            return None;
        }
        self.optional(name)
    }

    pub fn refuse(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.push(FieldError::parameter(name, detail));
    }

    fn finish(mut self) -> Result<()> {
        let mut named = HashSet::new();
        for (name, _) in std::mem::take(&mut self.given) {
            if named.insert(name.clone()) {
                self.refuse(
                    &name,
                    "is not a parameter that is known here, or given twice",
                );
            }
        }
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.errors))
        }
    }
}

/// The query of a request, parsed and checked.
pub struct Query<T>(pub T);

impl<T: FromQuery, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let given = axum::extract::Query::try_from_uri(&parts.uri);
        let axum::extract::Query(given) =
            given.map_err(|_| Error::Malformed("the query cannot be read".into()))?;
        let mut query = QueryReader {
            given,
            errors: Vec::new(),
        };
        let value = T::from_query(&mut query);
        query.finish().map(|()| Self(value))
    }
}

/// A page of a list: its filter, its place, and the URI that names both.
pub struct List<F> {
    pub filter: F,
    pub page: Page,
    pub uri: Uri,
}

impl<F: FromQuery, S: Sync> FromRequestParts<S> for List<F> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Query((filter, page)) = Query::from_request_parts(parts, state).await?;
        Ok(Self {
            filter,
            page,
            uri: parts.uri.clone(),
        })
    }
}

impl<A: FromQuery, B: FromQuery> FromQuery for (A, B) {
    fn from_query(query: &mut QueryReader) -> Self {
        (A::from_query(query), B::from_query(query))
    }
}

//! Forms: what was sent becomes the body that the API takes, so that both keep the same rules; what is
//! wrong with it comes back to its field.

use std::borrow::Cow;
use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde_json::value::{RawValue, to_raw_value};

use super::show::filters;
use crate::app::App;
use crate::config::Settings;
use crate::error::FieldError;
use crate::extract::{self, FromBody};
use crate::{Error, Result};

/// A form as it was sent.
#[derive(Default)]
pub struct Form(BTreeMap<String, String>);

impl FromRequest<App> for Form {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let form = axum::Form::<Vec<(String, String)>>::from_request(request, app).await;
        let form = form.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => extract::too_large(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                let detail = "send `content-type: application/x-www-form-urlencoded`";
                Error::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail.into())
            }
            _ => Error::Malformed("the form cannot be read".into()),
        })?;
        Ok(Self(form.0.into_iter().collect()))
    }
}

/// How a field stands in the body.
#[derive(Clone, Copy)]
pub enum Value {
    Text,
    /// Left out if it is empty.
    Optional,
    /// `null` if it is empty.
    Clearable,
    /// Left out if it is empty.
    Number,
    /// JSON as it was typed; `null` if it is empty.
    Json,
    /// True if the box is ticked: browsers leave out one that is not.
    Flag,
}

impl Form {
    /// What stands in a field, empty if it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Keeps the value of one that was not filled in by a person.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// The checked value that the API would make of a body with these members.
    pub fn parse<T: FromBody>(&self, fields: &[(&str, Value)], settings: &Settings) -> Result<T> {
        let (mut body, mut errors) = (BTreeMap::new(), Vec::new());
        for &(name, value) in fields {
            match self.member(name, value) {
                Ok(member) => body.extend(member.map(|member| (name, member))),
                Err(detail) => errors.push(FieldError::at(format!("/{name}"), detail)),
            }
        }
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        let body = serde_json::to_vec(&body).map_err(anyhow::Error::from)?;
        extract::parse(&body, settings)
    }

    fn member(&self, name: &str, value: Value) -> Result<Option<Box<RawValue>>, &'static str> {
        // Browsers end lines in forms with both characters.
        let text = self.text(name).replace("\r\n", "\n");
        let json = |text: String| RawValue::from_string(text).ok();
        let is_empty = text.trim().is_empty();
        let member = match value {
            Value::Optional | Value::Number if is_empty => return Ok(None),
            Value::Clearable | Value::Json if is_empty => json("null".into()),
            Value::Flag => to_raw_value(&self.0.contains_key(name)).ok(),
            Value::Text | Value::Optional | Value::Clearable => to_raw_value(&text).ok(),
            Value::Number => {
                let number = text.trim().parse::<serde_json::Number>().ok();
                let number = number.and_then(|number| json(number.to_string()));
                return number.map(Some).ok_or("must be a number");
            }
            Value::Json => return json(text).map(Some).ok_or("is not JSON"),
        };
        Ok(member)
    }
}

/// What is wrong with a form, by field; what concerns none of them stands under "".
#[derive(Default)]
pub struct Faults(BTreeMap<String, String>);

impl Faults {
    /// Takes what the person who filled in the form can mend; any other failure is one of the page.
    pub fn of(error: Error) -> Result<(StatusCode, Self)> {
        let status = error.status();
        let faults = match error {
            Error::Invalid(errors) => errors.into_iter().map(|error| {
                let place = error.pointer.unwrap_or_default();
                let name = place.trim_start_matches('/').split('/').next();
                (name.unwrap_or_default().to_owned(), error.detail)
            }),
            Error::Conflict(detail)
            | Error::ConflictWith(detail, _)
            | Error::TooMany(detail, _) => {
                return Ok((status, Self([(String::new(), detail)].into())));
            }
            other => return Err(other),
        };
        Ok((status, Self(faults.collect())))
    }

    /// What concerns no field is said at this one.
    #[must_use]
    pub fn at(mut self, name: &str) -> Self {
        if let Some(detail) = self.0.remove("") {
            self.0.insert(name.into(), detail);
        }
        self
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// What is left when every field has its own.
    pub fn rest(self) -> Vec<String> {
        let say = |(name, detail): (String, String)| match name.as_str() {
            "" => detail,
            name => format!("{name}: {detail}"),
        };
        self.0.into_iter().map(say).collect()
    }
}

/// A field of a form on a page.
#[derive(Template)]
#[template(path = "dashboard/field.html")]
pub struct Field {
    name: Cow<'static, str>,
    label: Cow<'static, str>,
    hint: Cow<'static, str>,
    value: String,
    fault: Option<String>,
    is_required: bool,
    kind: Kind,
}

pub enum Kind {
    Line,
    Number,
    Area(u8),
    Box,
    /// Values with what is shown for them.
    Choice(Vec<(String, String)>),
}

impl askama::filters::HtmlSafe for Field {}

impl Field {
    /// With what stands in `form`, and what is wrong with it, which it takes out of `faults`.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        label: impl Into<Cow<'static, str>>,
        kind: Kind,
        form: &Form,
        faults: &mut Faults,
    ) -> Self {
        let name = name.into();
        Self {
            label: label.into(),
            hint: "".into(),
            value: form.text(&name).to_owned(),
            fault: faults.take(&name),
            name,
            is_required: false,
            kind,
        }
    }

    fn id(&self) -> String {
        format!("field-{}", self.name)
    }

    pub fn has_fault(&self) -> bool {
        self.fault.is_some()
    }

    #[must_use]
    pub fn hint(self, hint: impl Into<Cow<'static, str>>) -> Self {
        let hint = hint.into();
        Self { hint, ..self }
    }

    #[must_use]
    pub fn required(self) -> Self {
        Self {
            is_required: true,
            ..self
        }
    }
}

/// A choice of a filter, of which nothing need be chosen.
#[derive(Template)]
#[template(path = "dashboard/select.html")]
pub struct Select {
    name: &'static str,
    label: &'static str,
    chosen: String,
    /// Values with what is shown for them.
    choices: Vec<(String, String)>,
}

impl askama::filters::HtmlSafe for Select {}

impl Select {
    pub fn new(
        name: &'static str,
        label: &'static str,
        chosen: Option<&str>,
        choices: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self {
            name,
            label,
            chosen: chosen.unwrap_or_default().to_owned(),
            choices: choices.into_iter().collect(),
        }
    }
}

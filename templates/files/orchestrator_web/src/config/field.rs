//! How a value that a person wrote becomes a field of [`Settings`](super::Settings), and back.

use std::any::Any;
use std::num::{NonZeroU16, NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use serde_json::Value;
use toml::de::DeValue;

use crate::money::MicroUsd;

/// A value as one source gives it.
#[derive(Debug, Clone)]
pub enum Given {
    /// A flag or a variable: text, whatever the setting's type; lists are comma-separated.
    Word(String),
    /// A value of `orchestrator.toml`, its spelling there, and the folder of the file.
    Toml {
        value: Typed,
        written: String,
        folder: PathBuf,
    },
}

#[derive(Debug, Clone)]
pub enum Typed {
    Text(String),
    Texts(Vec<String>),
    WholeNumber(i128),
    /// As it is spelled.
    Decimal(String),
    Truth(bool),
    /// What no setting takes: a date, a table.
    Other,
}

impl From<&DeValue<'_>> for Typed {
    fn from(value: &DeValue) -> Self {
        let typed = match value {
            DeValue::String(text) => Some(Self::Text(text.to_string())),
            DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
                .ok()
                .map(Self::WholeNumber),
            DeValue::Float(number) => Some(Self::Decimal(number.as_str().to_owned())),
            DeValue::Boolean(truth) => Some(Self::Truth(*truth)),
            DeValue::Array(items) => items
                .iter()
                .map(|item| item.get_ref().as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .map(Self::Texts),
            _ => None,
        };
        typed.unwrap_or(Self::Other)
    }
}

impl Given {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word.trim()),
            Self::Toml { value, .. } => match value {
                Typed::Text(text) => Some(text),
                _ => None,
            },
        }
    }

    fn texts(&self) -> Option<Vec<&str>> {
        match self {
            Self::Word(word) => {
                let items = word.split(',').map(str::trim);
                Some(items.filter(|item| !item.is_empty()).collect())
            }
            Self::Toml { value, .. } => match value {
                Typed::Texts(texts) => Some(texts.iter().map(String::as_str).collect()),
                _ => None,
            },
        }
    }

    fn whole_number(&self) -> Option<i128> {
        match self {
            Self::Word(word) => word.trim().parse().ok(),
            Self::Toml { value, .. } => match value {
                Typed::WholeNumber(number) => Some(*number),
                _ => None,
            },
        }
    }

    fn dollars(&self) -> Option<MicroUsd> {
        match self {
            Self::Word(word) => MicroUsd::from_decimal(word.trim()),
            Self::Toml { value, .. } => match value {
                Typed::WholeNumber(number) => MicroUsd::from_decimal(&number.to_string()),
                Typed::Decimal(number) => MicroUsd::from_decimal(number),
                _ => None,
            },
        }
    }

    fn truth(&self) -> Option<bool> {
        match self {
            Self::Word(word) => word.trim().parse().ok(),
            Self::Toml { value, .. } => match value {
                Typed::Truth(truth) => Some(*truth),
                _ => None,
            },
        }
    }

    fn path(&self) -> Option<PathBuf> {
        let path = PathBuf::from(self.text().filter(|path| !path.is_empty())?);
        Some(match self {
            Self::Word(_) => path,
            Self::Toml { folder, .. } => folder.join(path),
        })
    }

    /// `is "x", not a whole number …`: the end of the sentence that starts with the setting's name.
    fn is_not(&self, expected: &str) -> String {
        let written = match self {
            Self::Word(word) => format!("{word:?}"),
            Self::Toml { written, .. } => written.clone(),
        };
        let mut written = written.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((cut, _)) = written.char_indices().nth(80) {
            written.replace_range(cut.., "…");
        }
        format!("is {written}, not {expected}")
    }
}

/// What can be done with every field, whatever its type.
pub trait Cell: Any {
    fn equals(&self, other: &dyn Cell) -> bool;
    /// Takes the value of another field of the same type.
    fn copy_from(&mut self, other: &dyn Cell);
}

impl<T: Any + Clone + PartialEq> Cell for T {
    fn equals(&self, other: &dyn Cell) -> bool {
        (other as &dyn Any).downcast_ref() == Some(self)
    }

    fn copy_from(&mut self, other: &dyn Cell) {
        let other = (other as &dyn Any).downcast_ref::<Self>();
        other.expect("a field of the same type").clone_into(self);
    }
}

/// A field that the table can fill and show.
pub trait Field: Cell {
    /// Takes the value, or says what it is and what it should be: `is "x", not a whole number`.
    fn set(&mut self, given: &Given) -> Result<(), String>;
    /// A number, a string, an array of strings, or null for "not set".
    fn show(&self) -> Value;
}

/// A type whose values are written as one text.
pub trait Text: Any + Clone + PartialEq {
    /// A noun phrase for messages.
    const EXPECTED: &'static str;
    /// Secret values are never shown, not even wrong ones.
    const SECRET: bool = false;
    fn parse(text: &str) -> Option<Self>;
    fn show(&self) -> String;
}

fn parse<T: Text>(text: &str) -> Result<T, String> {
    T::parse(text).ok_or_else(|| {
        if T::SECRET {
            format!("is not {}", T::EXPECTED)
        } else {
            Given::Word(text.to_owned()).is_not(T::EXPECTED)
        }
    })
}

fn show<T: Text>(value: &T) -> Value {
    Value::String(if T::SECRET {
        "(hidden)".to_owned()
    } else {
        value.show()
    })
}

impl<T: Text> Field for T {
    fn set(&mut self, given: &Given) -> Result<(), String> {
        let text = given.text().ok_or_else(|| given.is_not(T::EXPECTED))?;
        *self = parse(text)?;
        Ok(())
    }

    fn show(&self) -> Value {
        show(self)
    }
}

impl<T: Text> Field for Option<T> {
    fn set(&mut self, given: &Given) -> Result<(), String> {
        let text = given.text().ok_or_else(|| given.is_not(T::EXPECTED))?;
        *self = Some(parse(text)?);
        Ok(())
    }

    fn show(&self) -> Value {
        self.as_ref().map_or(Value::Null, show)
    }
}

impl<T: Text> Field for Vec<T> {
    fn set(&mut self, given: &Given) -> Result<(), String> {
        let expected = format!("a list in which each item is {}", T::EXPECTED);
        let texts = given.texts().ok_or_else(|| given.is_not(&expected))?;
        *self = texts
            .into_iter()
            .map(|text| parse(text).map_err(|wrong| format!("has an item that {wrong}")))
            .collect::<Result<_, _>>()?;
        Ok(())
    }

    fn show(&self) -> Value {
        self.iter().map(show).collect()
    }
}

impl Field for PathBuf {
    fn set(&mut self, given: &Given) -> Result<(), String> {
        *self = given.path().ok_or_else(|| given.is_not("a path"))?;
        Ok(())
    }

    fn show(&self) -> Value {
        Value::String(self.display().to_string())
    }
}

impl Field for Option<PathBuf> {
    fn set(&mut self, given: &Given) -> Result<(), String> {
        self.insert(PathBuf::new()).set(given)
    }

    fn show(&self) -> Value {
        self.as_ref().map_or(Value::Null, Field::show)
    }
}

impl Field for Vec<PathBuf> {
    fn set(&mut self, given: &Given) -> Result<(), String> {
        let paths = given
            .texts()
            .ok_or_else(|| given.is_not("a list of paths"))?;
        *self = match given {
            Given::Word(_) => paths.into_iter().map(PathBuf::from).collect(),
            Given::Toml { folder, .. } => paths.iter().map(|path| folder.join(path)).collect(),
        };
        Ok(())
    }

    fn show(&self) -> Value {
        self.iter().map(Field::show).collect()
    }
}

impl Field for MicroUsd {
    fn set(&mut self, given: &Given) -> Result<(), String> {
        let expected = "an amount in dollars, such as 2.50";
        *self = given.dollars().ok_or_else(|| given.is_not(expected))?;
        Ok(())
    }

    fn show(&self) -> Value {
        serde_json::json!(self)
    }
}

impl Field for Option<MicroUsd> {
    fn set(&mut self, given: &Given) -> Result<(), String> {
        self.insert(MicroUsd::default()).set(given)
    }

    fn show(&self) -> Value {
        serde_json::json!(self)
    }
}

impl Field for bool {
    fn set(&mut self, given: &Given) -> Result<(), String> {
        *self = given.truth().ok_or_else(|| given.is_not("true or false"))?;
        Ok(())
    }

    fn show(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Field for Option<bool> {
    fn set(&mut self, given: &Given) -> Result<(), String> {
        self.insert(false).set(given)
    }

    fn show(&self) -> Value {
        serde_json::json!(self)
    }
}

impl Field for Option<NonZeroU16> {
    fn set(&mut self, given: &Given) -> Result<(), String> {
        self.insert(NonZeroU16::MIN).set(given)
    }

    fn show(&self) -> Value {
        serde_json::json!(self)
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => { $(
        impl Field for $number {
            fn set(&mut self, given: &Given) -> Result<(), String> {
                let (least, most) = (Self::MIN, Self::MAX);
                *self = given
                    .whole_number()
                    .and_then(|number| number.to_string().parse().ok())
                    .ok_or_else(|| given.is_not(&format!("a whole number from {least} to {most}")))?;
                Ok(())
            }

            fn show(&self) -> Value {
                serde_json::json!(*self)
            }
        }
    )* };
}

whole_numbers!(u16, u32, NonZeroU16, NonZeroU32, NonZeroUsize);

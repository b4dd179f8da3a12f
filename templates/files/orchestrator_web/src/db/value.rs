//! Values between Rust and the database, without a word of the engine behind it.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::Result;

/// One value of a row, or one parameter of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
}

/// What can stand for a `?1` in a statement.
pub trait Bind {
    fn value(&self) -> Value<'_>;
}

/// What a column can be read as; `None` if it holds something else.
pub trait Column: Sized {
    fn column(value: Value<'_>) -> Option<Self>;
}

/// A row, read from left to right in the order of the statement's columns.
pub struct Row<'row> {
    columns: &'row rusqlite::Row<'row>,
    next: usize,
    text_bytes: usize,
}

impl<'row> Row<'row> {
    pub(super) fn new(row: &'row rusqlite::Row<'row>) -> Self {
        Self {
            columns: row,
            next: 0,
            text_bytes: 0,
        }
    }

    /// How much text was taken so far.
    pub(super) fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    pub fn take<T: Column>(&mut self) -> Result<T> {
        let index = self.next;
        self.next += 1;
        let value = match self.columns.get_ref(index)? {
            ValueRef::Null => Some(Value::Null),
            ValueRef::Integer(n) => Some(Value::Integer(n)),
            ValueRef::Text(text) => str::from_utf8(text).ok().map(Value::Text),
            ValueRef::Real(_) | ValueRef::Blob(_) => None,
        };
        if let Some(Value::Text(text)) = value {
            self.text_bytes += text.len();
        }
        let read = value.and_then(T::column);
        Ok(read.ok_or_else(|| anyhow::anyhow!("column {index} holds an unexpected value"))?)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl Bind for i64 {
    fn value(&self) -> Value<'_> {
        Value::Integer(*self)
    }
}

impl Bind for bool {
    fn value(&self) -> Value<'_> {
        Value::Integer(i64::from(*self))
    }
}

impl Bind for str {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Bind for String {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl<T: Bind> Bind for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Bind::value)
    }
}

impl<T: Bind + ?Sized> Bind for &T {
    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl Column for i64 {
    fn column(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Integer(n) => Some(n),
            _ => None,
        }
    }
}

impl Column for bool {
    fn column(value: Value<'_>) -> Option<Self> {
        i64::column(value).map(|n| n != 0)
    }
}

impl Column for String {
    fn column(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

impl<T: Column> Column for Option<T> {
    fn column(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::column(value).map(Some),
        }
    }
}

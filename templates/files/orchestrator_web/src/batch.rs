//! One thing or many in one body: all of them or none.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::slice;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::{Array, OneOf, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::extract::{Check, FromBody};
use crate::object::Object;

const MOST: usize = 1000;

/// An object, or an array of 1 to 1,000 of them. The answer has the form of the question.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Batch<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> Batch<T> {
    pub fn items(&self) -> &[T] {
        match self {
            Self::One(item) => slice::from_ref(item),
            Self::Many(items) => items,
        }
    }

    /// What `each` makes of every item, or its first error.
    pub fn try_map<U, E>(self, mut each: impl FnMut(T) -> Result<U, E>) -> Result<Batch<U>, E> {
        Ok(match self {
            Self::One(item) => Batch::One(each(item)?),
            Self::Many(items) => {
                Batch::Many(items.into_iter().map(each).collect::<Result<_, _>>()?)
            }
        })
    }
}

impl<T: FromBody> FromBody for Batch<T> {
    type Body = Batch<T::Body>;

    fn read<'de, D: Deserializer<'de>>(json: D) -> Result<Self::Body, D::Error> {
        Batch::deserialize(json)
    }

    fn from_body(body: Batch<T::Body>, check: &mut Check) -> Option<Self> {
        match body {
            Batch::One(item) => T::from_body(item, check).map(Self::One),
            Batch::Many(items) => {
                let item = |(index, item)| check.item(index, |check| T::from_body(item, check));
                // Every item is looked at, also after a wrong one.
                let items: Vec<Option<T>> = items.into_iter().enumerate().map(item).collect();
                items.into_iter().collect::<Option<_>>().map(Self::Many)
            }
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Batch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany(PhantomData))
    }
}

/// Tells the two forms apart by their first byte; a derived `untagged` would forget the place of
/// an error.
struct OneOrMany<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
    type Value = Batch<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "an object, or an array of 1 to {MOST} of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Batch<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Batch::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Batch<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(Object(item)) = array.next_element()? {
            items.push(item);
            if MOST < items.len() {
                return Err(A::Error::custom(format!("must have at most {MOST} items")));
            }
        }
        if items.is_empty() {
            return Err(A::Error::custom("must have at least one item"));
        }
        Ok(Batch::Many(items))
    }
}

impl<T: ToSchema> PartialSchema for Batch<T> {
    fn schema() -> RefOr<Schema> {
        let item = Ref::from_schema_name(T::name());
        let items = Array::builder()
            .items(item.clone())
            .min_items(Some(1))
            .max_items(Some(MOST));
        OneOf::builder().item(item).item(items).into()
    }
}

impl<T: ToSchema> ToSchema for Batch<T> {
    fn name() -> Cow<'static, str> {
        format!("BatchOf{}", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into(), T::schema()));
        T::schemas(schemas);
    }
}

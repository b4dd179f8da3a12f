//! Money: whole micro-dollars inside, dollars as a JSON number outside.

use std::ops::Sub;

use serde::{Serialize, Serializer};
use utoipa::openapi::{Object, RefOr, Schema, Type};
use utoipa::{Number, PartialSchema, ToSchema};

use crate::db::{Bind, Column, Value};

const MICROS_A_DOLLAR: f64 = 1e6;
const MOST_DOLLARS: f64 = 1e6;

/// An amount in millionths of a dollar. What is reported lies between nothing and a million dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MicroUsd(i64);

impl MicroUsd {
    /// Rounds to the nearest millionth (what programs report has more digits), halves to even.
    /// Every amount of up to six decimals is kept exactly.
    pub fn from_dollars(dollars: f64) -> Result<Self, String> {
        if !(0.0..=MOST_DOLLARS).contains(&dollars) {
            return Err(format!("must lie between 0 and {MOST_DOLLARS}"));
        }
        let micros = (dollars * MICROS_A_DOLLAR).round_ties_even();
        #[expect(clippy::cast_possible_truncation, reason = "whole, and at most 10^12")]
        Ok(Self(micros as i64))
    }

    /// The number that prints with the decimals of the amount and no others: an `f64` holds 15
    /// digits, more than any sum of costs has.
    fn dollars(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "less than 10^15")]
        let micros = self.0 as f64;
        micros / MICROS_A_DOLLAR
    }
}

impl Sub for MicroUsd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Serialize for MicroUsd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.dollars())
    }
}

impl PartialSchema for MicroUsd {
    fn schema() -> RefOr<Schema> {
        Object::builder()
            .schema_type(Type::Number)
            .minimum(Some(Number::Float(0.0)))
            .maximum(Some(Number::Float(MOST_DOLLARS)))
            .into()
    }
}

impl ToSchema for MicroUsd {}

impl Bind for MicroUsd {
    fn value(&self) -> Value<'_> {
        Value::Integer(self.0)
    }
}

impl Column for MicroUsd {
    fn column(value: Value<'_>) -> Option<Self> {
        i64::column(value).map(Self)
    }
}

//! Money: whole micro-dollars inside, dollars as a JSON number outside.

use std::cmp::Ordering;
use std::ops::{Add, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{Object, RefOr, Schema, Type};
use utoipa::{Number, PartialSchema, ToSchema};

use crate::db::{Bind, Column, Value};

const MICROS_A_DOLLAR: f64 = 1e6;
const MOST_DOLLARS: f64 = 1e6;
/// Of a millionth.
const DECIMALS: i32 = 6;
/// Those of a million dollars in millionths.
const MOST_DIGITS: usize = 13;

/// An amount in millionths of a dollar. What is reported lies between nothing and a million dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MicroUsd(i64);

impl MicroUsd {
    const MOST: Self = Self(1_000_000_000_000);

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

    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads dollars as JSON and TOML write a number, `0.0415` or `2.5e-05`, without a detour over
    /// binary fractions. Rounds to the nearest millionth, halves to even. `None` for what is not such a
    /// number, is negative, or is more than a million dollars.
    pub fn from_decimal(dollars: &str) -> Option<Self> {
        let (number, exponent) = match dollars.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
            None => (dollars, 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let leading = digits.len() - digits.trim_start_matches('0').len();
        let digits = &digits[leading..];
        if digits.is_empty() {
            return Some(Self(0));
        }
        // How many of the digits make whole millionths.
        let point = i32::try_from(whole.len()).ok()? - i32::try_from(leading).ok()?;
        let kept = point.checked_add(exponent)?.checked_add(DECIMALS)?;
        let Ok(kept) = usize::try_from(kept) else {
            return Some(Self(0));
        };
        if kept > MOST_DIGITS {
            return None;
        }
        let (micros, rest) = digits.split_at(kept.min(digits.len()));
        let micros: i64 = format!("0{micros:0<kept$}").parse().ok()?;
        let rounded = match rest.trim_end_matches('0').cmp("5") {
            Ordering::Less => micros,
            Ordering::Equal => micros + micros % 2,
            Ordering::Greater => micros + 1,
        };
        Some(Self(rounded)).filter(|amount| *amount <= Self::MOST)
    }

    /// Dollars with six decimals, as `--max-budget-usd 2.500000` wants them.
    pub fn to_decimal(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }

    /// The number that prints with the decimals of the amount and no others: an `f64` holds 15
    /// digits, more than any sum of costs has.
    fn dollars(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "less than 10^15")]
        let micros = self.0 as f64;
        micros / MICROS_A_DOLLAR
    }
}

impl Add for MicroUsd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
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

impl<'de> Deserialize<'de> for MicroUsd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(deserializer)?;
        Self::from_dollars(dollars).map_err(de::Error::custom)
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

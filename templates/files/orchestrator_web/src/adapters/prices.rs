//! What models cost, where agents do not say what they were charged.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Spent, Tokens, Totals};
use crate::money::MicroUsd;

/// A table of prices: `[prices]` in `orchestrator.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prices {
    /// Names the state of the table, so that an estimate can be understood later.
    pub version: String,
    /// By the model's name without a date at its end.
    pub models: BTreeMap<String, Price>,
}

/// Dollars for a million tokens of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Price {
    pub input: MicroUsd,
    pub output: MicroUsd,
    pub cache_read: MicroUsd,
    pub cache_write: MicroUsd,
}

impl Price {
    /// Rounded to the nearest millionth, once for all tokens; halves up.
    fn cost(self, tokens: Tokens) -> MicroUsd {
        const MILLION: i128 = 1_000_000;
        let parts = [
            (tokens.input, self.input),
            (tokens.output, self.output),
            (tokens.cache_read, self.cache_read),
            (tokens.cache_write, self.cache_write),
        ];
        let cost =
            |(tokens, price): (i64, MicroUsd)| i128::from(tokens) * i128::from(price.micros());
        let sum: i128 = parts.into_iter().map(cost).sum();
        let micros = (sum + MILLION / 2) / MILLION;
        MicroUsd::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

impl Prices {
    pub fn of(&self, model: &str) -> Option<Price> {
        let price = self.models.get(model);
        price.or_else(|| self.models.get(family(model))).copied()
    }

    pub fn estimate(&self, model: &str, tokens: Tokens) -> Spent {
        let price = self.of(model).unwrap_or_default();
        Spent {
            tokens,
            cost_usd: price.cost(tokens),
            is_estimate: true,
        }
    }

    pub fn estimate_all(&self, tokens: &BTreeMap<String, Tokens>) -> Totals {
        let each = tokens.iter();
        let each = each.map(|(model, tokens)| (model.clone(), self.estimate(model, *tokens)));
        Totals(each.collect())
    }
}

/// The name without the size of a window (`[1m]`) and the date of a release: `claude-sonnet-4-5` of
/// `claude-sonnet-4-5-20250929`, `gpt-5` of `gpt-5-2025-08-07`.
fn family(model: &str) -> &str {
    let model = model.split('[').next().unwrap_or(model);
    let dates = ["-dddddddd", "-dddd-dd-dd"];
    let undated = dates.into_iter().find_map(|date| {
        let (name, rest) = model.split_at_checked(model.len().checked_sub(date.len())?)?;
        let mut pairs = rest.bytes().zip(date.bytes());
        let is_date =
            pairs.all(|(byte, form)| byte == form || form == b'd' && byte.is_ascii_digit());
        is_date.then_some(name)
    });
    undated.unwrap_or(model)
}

/// The public list prices, as far as they were known when this version was made.
impl Default for Prices {
    fn default() -> Self {
        // Micro-dollars for a million tokens: input, output, cache read, cache write.
        const LIST: &[(&str, [i64; 4])] = &[
            ("claude-3-5-haiku", [800_000, 4_000_000, 80_000, 1_000_000]),
            (
                "claude-3-7-sonnet",
                [3_000_000, 15_000_000, 300_000, 3_750_000],
            ),
            (
                "claude-haiku-4-5",
                [1_000_000, 5_000_000, 100_000, 1_250_000],
            ),
            (
                "claude-opus-4",
                [15_000_000, 75_000_000, 1_500_000, 18_750_000],
            ),
            (
                "claude-opus-4-1",
                [15_000_000, 75_000_000, 1_500_000, 18_750_000],
            ),
            (
                "claude-opus-4-5",
                [5_000_000, 25_000_000, 500_000, 6_250_000],
            ),
            (
                "claude-sonnet-4",
                [3_000_000, 15_000_000, 300_000, 3_750_000],
            ),
            (
                "claude-sonnet-4-5",
                [3_000_000, 15_000_000, 300_000, 3_750_000],
            ),
            ("gemini-2.5-flash", [300_000, 2_500_000, 30_000, 0]),
            ("gemini-2.5-flash-lite", [100_000, 400_000, 10_000, 0]),
            ("gemini-2.5-pro", [1_250_000, 10_000_000, 125_000, 0]),
            ("gpt-5", [1_250_000, 10_000_000, 125_000, 0]),
            ("gpt-5-codex", [1_250_000, 10_000_000, 125_000, 0]),
            ("gpt-5-mini", [250_000, 2_000_000, 25_000, 0]),
            ("gpt-5.1", [1_250_000, 10_000_000, 125_000, 0]),
            ("gpt-5.1-codex", [1_250_000, 10_000_000, 125_000, 0]),
            ("gpt-5.1-codex-mini", [250_000, 2_000_000, 25_000, 0]),
        ];
        let models = LIST.iter().map(|(model, price)| {
            let [input, output, cache_read, cache_write] = price.map(MicroUsd::from_micros);
            let price = Price {
                input,
                output,
                cache_read,
                cache_write,
            };
            ((*model).to_owned(), price)
        });
        Self {
            version: "2025-11".to_owned(),
            models: models.collect(),
        }
    }
}

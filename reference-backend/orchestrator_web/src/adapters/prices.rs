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
/// `claude-sonnet-4-5-20250929` and of `claude-sonnet-4-5@20250929`, `gpt-5` of `gpt-5-2025-08-07`.
fn family(model: &str) -> &str {
    let model = model.split(['[', '@']).next().unwrap_or(model);
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

/// Micro-dollars for a million tokens: input, output, cache read, cache write. Public list prices of the
/// default tier: prompts that are so long that they cost more, and writes that are kept for longer than
/// is usual, are not told apart. Where writing to a cache costs nothing extra, it costs as input does.
const LIST: &[([i64; 4], &[&str])] = &[
    (
        [10_000_000, 50_000_000, 1_000_000, 12_500_000],
        &["claude-fable-5", "gpt-6-astra"],
    ),
    (
        [10_000_000, 50_000_000, 250_000, 12_500_000],
        &["claude-fable-5-1"],
    ),
    (
        [15_000_000, 75_000_000, 1_500_000, 18_750_000],
        &["claude-opus-4", "claude-opus-4-0", "claude-opus-4-1"],
    ),
    (
        [5_000_000, 25_000_000, 500_000, 6_250_000],
        &[
            "claude-opus-4-5",
            "claude-opus-4-6",
            "claude-opus-4-7",
            "claude-opus-4-8",
            "claude-opus-5",
        ],
    ),
    (
        [4_000_000, 20_000_000, 200_000, 5_000_000],
        &["claude-opus-5-5"],
    ),
    (
        [3_000_000, 15_000_000, 300_000, 3_750_000],
        &[
            "claude-3-7-sonnet",
            "claude-sonnet-4",
            "claude-sonnet-4-0",
            "claude-sonnet-4-5",
            "claude-sonnet-4-6",
        ],
    ),
    (
        [2_000_000, 10_000_000, 200_000, 2_500_000],
        &["claude-sonnet-5", "gpt-6-sol"],
    ),
    (
        [2_000_000, 10_000_000, 100_000, 2_500_000],
        &["claude-sonnet-5-5", "gpt-6.1-sol"],
    ),
    (
        [800_000, 4_000_000, 80_000, 1_000_000],
        &["claude-3-5-haiku"],
    ),
    (
        [1_000_000, 5_000_000, 100_000, 1_250_000],
        &["claude-haiku-4-5"],
    ),
    (
        [100_000, 500_000, 10_000, 125_000],
        &["claude-haiku-5-5", "gpt-6-luna"],
    ),
    (
        [1_250_000, 10_000_000, 125_000, 1_250_000],
        &[
            "gemini-2.5-pro",
            "gpt-5",
            "gpt-5-codex",
            "gpt-5.1",
            "gpt-5.1-codex",
            "gpt-5.1-codex-max",
        ],
    ),
    (
        [250_000, 2_000_000, 25_000, 250_000],
        &["gpt-5-mini", "gpt-5.1-codex-mini"],
    ),
    ([50_000, 400_000, 5_000, 50_000], &["gpt-5-nano"]),
    (
        [1_750_000, 14_000_000, 175_000, 1_750_000],
        &["gpt-5.2", "gpt-5.2-codex", "gpt-5.3-codex"],
    ),
    ([2_500_000, 15_000_000, 250_000, 2_500_000], &["gpt-5.4"]),
    ([750_000, 4_500_000, 75_000, 750_000], &["gpt-5.4-mini"]),
    ([200_000, 1_250_000, 20_000, 200_000], &["gpt-5.4-nano"]),
    ([5_000_000, 30_000_000, 500_000, 5_000_000], &["gpt-5.5"]),
    (
        [5_000_000, 30_000_000, 500_000, 6_250_000],
        &["gpt-5.6-sol"],
    ),
    (
        [2_000_000, 12_000_000, 200_000, 2_500_000],
        &["gpt-5.6-terra"],
    ),
    ([200_000, 1_200_000, 20_000, 250_000], &["gpt-5.6-luna"]),
    (
        [1_000_000, 5_000_000, 50_000, 1_250_000],
        &["gpt-6.1-terra"],
    ),
    (
        [300_000, 2_500_000, 30_000, 300_000],
        &["gemini-2.5-flash", "gemini-3.5-flash-lite"],
    ),
    (
        [100_000, 400_000, 10_000, 100_000],
        &["gemini-2.5-flash-lite"],
    ),
    (
        [500_000, 3_000_000, 50_000, 500_000],
        &["gemini-3-flash-preview"],
    ),
    (
        [2_000_000, 12_000_000, 200_000, 2_000_000],
        &[
            "gemini-3-pro-preview",
            "gemini-3.1-pro-preview",
            "gemini-3.1-pro-preview-customtools",
        ],
    ),
    (
        [250_000, 1_500_000, 25_000, 250_000],
        &["gemini-3.1-flash-lite", "gemini-3.1-flash-lite-preview"],
    ),
    (
        [1_500_000, 9_000_000, 150_000, 1_500_000],
        &["gemini-3.5-flash"],
    ),
    // Until the end of 2026, and twice as much from then on.
    (
        [750_000, 3_750_000, 75_000, 750_000],
        &["gemini-3.6-flash", "gemini-3.7-flash", "gemini-3.8-flash"],
    ),
];

impl Default for Prices {
    fn default() -> Self {
        let models = LIST.iter().flat_map(|(price, models)| {
            let [input, output, cache_read, cache_write] = price.map(MicroUsd::from_micros);
            let price = Price {
                input,
                output,
                cache_read,
                cache_write,
            };
            models.iter().map(move |model| ((*model).to_owned(), price))
        });
        Self {
            version: "2026-11".to_owned(),
            models: models.collect(),
        }
    }
}

//! What a run has used: tokens and money, by model.

use std::collections::BTreeMap;
use std::ops::{Add, Sub};

use serde::Serialize;

use crate::money::MicroUsd;

/// Tokens, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tokens {
    /// What was read anew, without the two that concern the cache.
    pub input: i64,
    pub output: i64,
    pub cache_read: i64,
    pub cache_write: i64,
}

impl Tokens {
    /// All that the models were given.
    pub fn prompt(self) -> i64 {
        [self.cache_read, self.cache_write]
            .into_iter()
            .fold(self.input, i64::saturating_add)
    }

    pub fn all(self) -> i64 {
        self.prompt().saturating_add(self.output)
    }

    /// The greater of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        self.zip(other, Ord::max)
    }

    fn zip(self, other: Self, each: impl Fn(i64, i64) -> i64) -> Self {
        Self {
            input: each(self.input, other.input),
            output: each(self.output, other.output),
            cache_read: each(self.cache_read, other.cache_read),
            cache_write: each(self.cache_write, other.cache_write),
        }
    }
}

impl Add for Tokens {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.zip(other, i64::saturating_add)
    }
}

/// Never less than nothing.
impl Sub for Tokens {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.zip(other, |this, other| this.saturating_sub(other).max(0))
    }
}

/// Tokens and what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Spent {
    pub tokens: Tokens,
    pub cost_usd: MicroUsd,
    /// Whether the cost follows from a table of prices, not from what the agent itself was charged.
    /// That of a model without a known price is 0.
    pub is_estimate: bool,
}

impl Add for Spent {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            tokens: self.tokens + other.tokens,
            cost_usd: self.cost_usd + other.cost_usd,
            is_estimate: self.is_estimate || other.is_estimate,
        }
    }
}

/// What was spent on each model. Agents that do not tell their model spend on `unknown`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals(pub BTreeMap<String, Spent>);

impl Totals {
    pub fn sum(&self) -> Spent {
        self.0.values().copied().fold(Spent::default(), Add::add)
    }

    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        for (model, more) in other.0 {
            let spent = self.0.entry(model).or_default();
            *spent = *spent + more;
        }
        self
    }

    /// What came on top of `before`, model by model.
    #[must_use]
    pub fn since(mut self, before: &Self) -> Self {
        for (model, before) in &before.0 {
            if let Some(spent) = self.0.get_mut(model) {
                spent.tokens = spent.tokens - before.tokens;
                spent.cost_usd = (spent.cost_usd - before.cost_usd).max(MicroUsd::default());
            }
        }
        self.0.retain(|_, spent| *spent != Spent::default());
        self
    }
}

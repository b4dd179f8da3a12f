//! What a process of Claude Code has spent. Its `result` lines tell, but only as a running total, and
//! not at all when it is killed; its `assistant` lines repeat themselves and tell too little.

use std::collections::{BTreeMap, HashMap};

use super::members::Members;
use super::{Before, Prices, Spent, Tokens, Totals};
use crate::money::MicroUsd;

/// Messages whose usage is remembered.
const MOST_MESSAGES: usize = 10_000;

pub(super) struct Bill {
    before: Totals,
    prices: Prices,
    /// By `message.id`: each block of a message comes in a line of its own, with the usage of all.
    messages: HashMap<String, Tokens>,
    /// What the messages of this process add up to, by model.
    seen: BTreeMap<String, Tokens>,
    /// The part of it that came after the last result.
    unsettled: BTreeMap<String, Tokens>,
    /// Up to the last result.
    settled: Totals,
}

impl Bill {
    pub fn new(before: Before) -> Self {
        Self {
            before: before.spent,
            prices: before.prices,
            messages: HashMap::new(),
            seen: BTreeMap::new(),
            unsettled: BTreeMap::new(),
            settled: Totals::default(),
        }
    }

    /// Takes the usage of a message, of which each line repeats or corrects what the last one said.
    pub fn note(&mut self, message_id: String, model: &str, usage: &Members) {
        if MOST_MESSAGES <= self.messages.len() {
            // Lines of one message follow each other: the old ones are not corrected any more.
            self.messages.clear();
        }
        let known = self.messages.entry(message_id).or_default();
        let now = known.max(Tokens {
            input: usage.count("input_tokens"),
            output: usage.count("output_tokens"),
            cache_read: usage.count("cache_read_input_tokens"),
            cache_write: usage.count("cache_creation_input_tokens"),
        });
        let more = now - *known;
        *known = now;
        if more != Tokens::default() {
            for sums in [&mut self.seen, &mut self.unsettled] {
                let sum = sums.entry(model.to_owned()).or_default();
                *sum = *sum + more;
            }
        }
    }

    /// Takes a result. `usage` leaves sub-agents out, `modelUsage` does not.
    pub fn settle(&mut self, result: &Members, main_model: &str) {
        let total = result
            .raw("total_cost_usd")
            .and_then(MicroUsd::from_decimal);
        let models = result.object("modelUsage").unwrap_or_default();
        let mut told = Totals(
            models
                .objects()
                .map(|(model, usage)| (model.to_owned(), self.of_model(model, &usage)))
                .collect(),
        );
        if told.0.is_empty() {
            let Some(cost_usd) = total else {
                // Nothing to go by: the estimate stands.
                return;
            };
            let tokens = self
                .seen
                .values()
                .fold(Tokens::default(), |sum, it| sum + *it);
            let spent = Spent {
                tokens,
                cost_usd,
                is_estimate: false,
            };
            told.0.insert(main_model.to_owned(), spent);
        }
        if let Some(total) = total {
            make_sum(&mut told, total);
        }
        self.settled = self.of_this_process(told);
        self.unsettled.clear();
    }

    fn of_model(&self, model: &str, usage: &Members) -> Spent {
        let tokens = Tokens {
            input: usage.count("inputTokens"),
            output: usage.count("outputTokens"),
            cache_read: usage.count("cacheReadInputTokens"),
            cache_write: usage.count("cacheCreationInputTokens"),
        };
        match usage.raw("costUSD").and_then(MicroUsd::from_decimal) {
            Some(cost_usd) => Spent {
                tokens,
                cost_usd,
                is_estimate: false,
            },
            None => self.prices.estimate(model, tokens),
        }
    }

    /// Whether a total goes on after a resume differs between versions: what comes nearer to the
    /// estimate is right.
    fn of_this_process(&self, told: Totals) -> Totals {
        let before = self.before.sum();
        if before == Spent::default() || told.sum().cost_usd < before.cost_usd {
            return told;
        }
        let estimate = self.prices.estimate_all(&self.seen);
        let more = told.clone().since(&self.before);
        let has_price = |model: &String| self.prices.of(model).is_some();
        let are_priced = estimate.0.keys().all(has_price);
        let measure = |totals: &Totals| match totals.sum() {
            sum if are_priced => sum.cost_usd.micros(),
            sum => sum.tokens.all(),
        };
        let distance = |totals| measure(totals).abs_diff(measure(&estimate));
        if distance(&more) < distance(&told) {
            more
        } else {
            told
        }
    }

    pub fn totals(&self) -> Totals {
        let estimate = self.prices.estimate_all(&self.unsettled);
        self.settled.clone().plus(estimate)
    }
}

/// Gives what rounding each model's cost has left to the dearest one.
fn make_sum(told: &mut Totals, total: MicroUsd) {
    let rest = total - told.sum().cost_usd;
    if let Some(dearest) = told.0.values_mut().max_by_key(|spent| spent.cost_usd) {
        dearest.cost_usd = (dearest.cost_usd + rest).max(MicroUsd::default());
    }
}

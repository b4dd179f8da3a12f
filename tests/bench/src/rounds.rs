//! Two sides measured in turns, A B A B …, so that what else the machine does hurts both alike.

/// What each round measured on both sides, in the same unit.
#[derive(Default)]
pub struct Rounds {
    pub service: Vec<f64>,
    pub floor: Vec<f64>,
}

impl Rounds {
    pub fn push(&mut self, service: f64, floor: f64) {
        self.service.push(service);
        self.floor.push(floor);
    }

    /// The median of the rounds' ratios: a round that was disturbed as a whole keeps its ratio.
    pub fn ratio(&self) -> f64 {
        let pairs = self.service.iter().zip(&self.floor);
        median(pairs.map(|(service, floor)| service / floor).collect())
    }
}

pub fn median(values: Vec<f64>) -> f64 {
    percentile(values, 0.5)
}

/// The value below which `share` of them lie, `NaN` if there are none.
pub fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a length is an index"
    )]
    let index = (last as f64 * share).round() as usize;
    values.get(index).copied().unwrap_or(f64::NAN)
}

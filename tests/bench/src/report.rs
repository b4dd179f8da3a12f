//! The table: what was measured, beside its floor and its target.

use std::fmt;

use serde_json::{Value, json};

use crate::rounds::{Rounds, median};

pub struct Row {
    what: &'static str,
    unit: &'static str,
    measured: f64,
    floor: Option<f64>,
    ratio: Option<f64>,
    target: Target,
    /// What exactly was compared, and what else was seen.
    note: String,
}

#[derive(Clone, Copy)]
pub enum Target {
    /// Of the measured value itself.
    AtMost(f64),
    AtLeast(f64),
    /// Of the ratio to the floor.
    RatioAtMost(f64),
    RatioAtLeast(f64),
}

impl Row {
    /// A row without a floor.
    pub fn alone(what: &'static str, unit: &'static str, measured: f64, target: Target) -> Self {
        Self {
            what,
            unit,
            measured,
            floor: None,
            ratio: None,
            target,
            note: String::new(),
        }
    }

    pub fn beside(what: &'static str, unit: &'static str, rounds: &Rounds, target: Target) -> Self {
        Self {
            floor: Some(median(rounds.floor.clone())),
            ratio: Some(rounds.ratio()),
            ..Self::alone(what, unit, median(rounds.service.clone()), target)
        }
    }

    #[must_use]
    pub fn note(self, note: String) -> Self {
        Self { note, ..self }
    }

    fn is_met(&self) -> bool {
        let ratio = self.ratio.unwrap_or(f64::NAN);
        match self.target {
            Target::AtMost(most) => self.measured <= most,
            Target::AtLeast(least) => least <= self.measured,
            Target::RatioAtMost(most) => ratio <= most,
            Target::RatioAtLeast(least) => least <= ratio,
        }
    }

    fn cells(&self) -> [String; 6] {
        let unit = self.unit;
        let value = |value| format!("{} {unit}", number(value));
        let target = match self.target {
            Target::AtMost(_) | Target::AtLeast(_) => format!("{} {unit}", self.target),
            _ => format!("{} ×", self.target),
        };
        [
            self.what.to_owned(),
            value(self.measured),
            self.floor.map(value).unwrap_or_default(),
            self.ratio
                .map(|it| format!("{it:.2} ×"))
                .unwrap_or_default(),
            target,
            if self.is_met() { "yes" } else { "NO" }.to_owned(),
        ]
    }

    fn json(&self) -> Value {
        json!({
            "what": self.what, "unit": self.unit, "measured": self.measured, "floor": self.floor,
            "ratio": self.ratio, "target": self.target.to_string(), "met": self.is_met(),
            "note": self.note,
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) | Self::RatioAtMost(most) => write!(f, "≤ {most}"),
            Self::AtLeast(least) | Self::RatioAtLeast(least) => write!(f, "≥ {least}"),
        }
    }
}

fn number(value: f64) -> String {
    if value < 100.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

pub fn print(table: &[Row], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let rows: Vec<_> = table.iter().map(Row::json).collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    let head = ["what", "measured", "floor", "ratio", "target", "met"].map(str::to_owned);
    let lines: Vec<_> = std::iter::once(head)
        .chain(table.iter().map(Row::cells))
        .collect();
    let width = |column: usize| lines.iter().map(|it| it[column].chars().count()).max();
    let widths: Vec<_> = (0..6).map(|column| width(column).unwrap_or(0)).collect();
    for cells in &lines {
        let padded: Vec<_> = std::iter::zip(cells, &widths)
            .map(|(cell, &width)| format!("{cell:<width$}"))
            .collect();
        println!("{}", padded.join("  ").trim_end());
    }
    println!("\nRatios are medians of the rounds' own ratios, both sides measured in turns.");
    for row in table.iter().filter(|row| !row.note.is_empty()) {
        println!("{}: {}", row.what, row.note);
    }
    Ok(())
}

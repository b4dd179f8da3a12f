//! Lists in columns.

use crate::adapters::plain;

/// Columns as wide as what stands in them, at most as wide as their headings allow: `(name, most)`.
pub struct Table {
    columns: &'static [(&'static str, usize)],
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(columns: &'static [(&'static str, usize)]) -> Self {
        let names = columns.iter().map(|(name, _)| (*name).to_owned());
        Self {
            columns,
            rows: vec![names.collect()],
        }
    }

    pub fn row<const N: usize>(&mut self, cells: [&str; N]) {
        let cut = |(cell, (_, most)): (&str, &(_, usize))| cut(&plain(cell), *most);
        let cells = cells.into_iter().zip(self.columns);
        self.rows.push(cells.map(cut).collect());
    }

    /// The rows, or `none` if there are none.
    pub fn text(&self, none: &str) -> String {
        if self.rows.len() == 1 {
            return format!("{none}\n");
        }
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..self.columns.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths);
            let cells: Vec<_> = cells
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            format!("{}\n", cells.join("  ").trim_end())
        };
        self.rows.iter().map(line).collect()
    }
}

/// On one line, and no longer than `most`.
pub fn cut(text: &str, most: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(most) {
        None => words,
        Some(_) => words.chars().take(most - 1).chain(['…']).collect(),
    }
}

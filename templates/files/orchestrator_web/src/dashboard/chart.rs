//! Charts, drawn here: SVG whose colours are roles of the style sheet, with its numbers on hover.

use askama::Template;

/// A trend beside a figure: as wide and high as its place.
#[derive(Template)]
#[template(path = "dashboard/spark.html")]
pub struct Spark {
    title: String,
    /// Of a line from left to right, in units of the drawing.
    line: String,
}

impl askama::filters::HtmlSafe for Spark {}

const WIDTH: i64 = 80;
const HEIGHT: i64 = 28;

impl Spark {
    /// Of `values`, which `show` writes for who points at it; a single one makes a level line, and none
    /// makes no trend.
    pub fn new(title: &str, values: &[i64], show: fn(i64) -> String) -> Option<Self> {
        let values = match values {
            [only] => &[*only, *only],
            values => values,
        };
        let most = values.iter().copied().max()?;
        let least = values.iter().copied().min()?;
        let range = match least {
            least if least == most => show(most),
            least => format!("{} to {}", show(least), show(most)),
        };
        let steps = i64::try_from(values.len()).ok()? - 1;
        let point = |(index, value): (i64, &i64)| {
            let x = index * WIDTH / steps;
            // A pixel is left above and below for the stroke.
            let y = HEIGHT - 1 - value.max(&0) * (HEIGHT - 2) / most.max(1);
            format!("{x} {y}")
        };
        let points: Vec<_> = (0..).zip(values).map(point).collect();
        Some(Self {
            title: format!("{title}: {range}"),
            line: points.join(" "),
        })
    }
}

/// One column for each value.
#[derive(Template)]
#[template(path = "dashboard/columns.html")]
pub struct Columns {
    title: String,
    columns: Vec<Column>,
}

struct Column {
    x: usize,
    y: i64,
    height: i64,
    about: String,
    shape: &'static str,
}

impl askama::filters::HtmlSafe for Columns {}

const TALLEST: i64 = 100;

impl Columns {
    /// Of values, what is said of each, and the class of its column.
    pub fn new(
        title: impl Into<String>,
        values: impl IntoIterator<Item = (i64, String, &'static str)>,
    ) -> Self {
        let values: Vec<_> = values.into_iter().collect();
        let most = values.iter().map(|(value, ..)| *value).max().unwrap_or(0);
        let columns = values.into_iter().enumerate();
        let column = |(x, (value, about, shape)): (usize, (i64, String, &'static str))| {
            // What is more than nothing is seen.
            let height = match value.max(0) {
                0 => 0,
                value => (value * TALLEST / most.max(1)).max(2),
            };
            Column {
                x,
                y: TALLEST - height,
                height,
                about,
                shape,
            }
        };
        Self {
            title: title.into(),
            columns: columns.map(column).collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    fn width(&self) -> usize {
        self.columns.len().max(14)
    }
}

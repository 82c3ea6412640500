//! Tables for people, and bars: a figure, its limit, and whether it holds.

use std::fmt;

use serde::Serialize;

/// A promise about a figure.
#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    /// What is promised.
    pub name: String,
    /// The figure.
    pub value: f64,
    /// Its limit.
    pub limit: f64,
    /// On which side of the limit the figure must be.
    pub side: Side,
}

/// Which side of a limit is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The limit is the least.
    AtLeast,
    /// The limit is the most.
    AtMost,
}

impl Bar {
    /// The figure must not be below the limit.
    pub fn at_least(name: impl Into<String>, value: f64, limit: f64) -> Self {
        Self { name: name.into(), value, limit, side: Side::AtLeast }
    }

    /// The figure must not be above the limit.
    pub fn at_most(name: impl Into<String>, value: f64, limit: f64) -> Self {
        Self { name: name.into(), value, limit, side: Side::AtMost }
    }

    /// Whether it holds. A figure that is not a number does not.
    pub fn holds(&self) -> bool {
        match self.side {
            Side::AtLeast => self.value >= self.limit,
            Side::AtMost => self.value <= self.limit,
        }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.holds() { "pass" } else { "FAIL" };
        let sign = if self.side == Side::AtLeast { ">=" } else { "<=" };
        write!(f, "{verdict}  {}: {:.4} {sign} {:.4}", self.name, self.value, self.limit)
    }
}

/// Prints bars, and says whether all of them hold.
pub fn print_bars(bars: &[Bar]) -> bool {
    println!();
    bars.iter().for_each(|bar| println!("{bar}"));
    bars.iter().all(Bar::holds)
}

/// Rows under a header, as a Markdown table, so that a terminal and a page show the same.
pub fn markdown_table(header: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([header[column].chars().count(), 3]).max().unwrap_or(3)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).enumerate().map(|(at, (cell, width))| match at {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    };
    let header: Vec<String> = header.iter().map(|cell| (*cell).to_string()).collect();
    let rule = widths.iter().enumerate().map(|(at, width)| match at {
        0 => "-".repeat(*width),
        _ => format!("{}:", "-".repeat(width - 1)),
    });
    let rule: Vec<String> = rule.collect();
    line(&header) + &line(&rule) + &rows.iter().map(|row| line(row)).collect::<String>()
}

/// A figure to four places, or a dash when there is none.
pub fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "–".into(), |value| format!("{value:.4}"))
}

/// The middle one of some figures; not a number when there are none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        even if even.is_multiple_of(2) => f64::midpoint(sorted[half - 1], sorted[half]),
        _ => sorted[half],
    }
}

/// The mean of some figures; not a number when there are none.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_holds_at_its_limit_and_never_for_what_is_no_number() {
        assert!(Bar::at_most("rate", 0.1, 0.1).holds());
        assert!(!Bar::at_least("rate", 0.09, 0.1).holds());
        assert!(!Bar::at_most("rate", mean(&[]), 0.1).holds());
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_middle_two() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0]), 2.5);
    }

    #[test]
    fn columns_line_up() {
        let table = markdown_table(&["id", "cer"], &[vec!["linn".into(), "0.1".into()]]);

        assert_eq!(table, "| id   | cer |\n| ---- | --: |\n| linn | 0.1 |\n");
    }
}

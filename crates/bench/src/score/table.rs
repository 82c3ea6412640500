//! Similarity of tables: TEDS, as the PubTabNet authors define it.
//!
//! A table is a tree of rows and cells. A cell with other spans is another cell; otherwise renaming it
//! costs the normalised edit distance of the texts. `thead`, `tbody` and `th` make no difference.

use quire_proto::record;
use regex::Regex;
use serde::Serialize;
use std::sync::LazyLock;

use super::{
    rates::normalised_distance,
    text,
    tree::{self, Tree},
};

/// A node of a table's tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// The table itself.
    Table,
    /// One row.
    Row,
    /// One cell.
    Cell {
        /// Rows it spans.
        rows: u32,
        /// Columns it spans.
        columns: u32,
        /// Its normalised text.
        text: String,
    },
}

/// How well the tables of a document were found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct TableScore {
    /// Mean similarity over the tables of the truth; a table that was not found counts 0.
    pub teds: f64,
    /// Tables in the truth.
    pub expected: usize,
    /// Tables in the output.
    pub found: usize,
}

/// Compares the tables of a document, in their order: the best pairing that does not cross.
pub fn score(truth: &[Tree<Node>], found: &[Tree<Node>]) -> TableScore {
    let mut best = vec![0.0_f64; found.len() + 1];
    for expected in truth {
        let mut row = vec![0.0_f64; found.len() + 1];
        for (at, candidate) in found.iter().enumerate() {
            let paired = best[at] + teds(expected, candidate);
            row[at + 1] = paired.max(best[at + 1]).max(row[at]);
        }
        best = row;
    }
    let sum = best[found.len()];
    TableScore { teds: sum / truth.len().max(1) as f64, expected: truth.len(), found: found.len() }
}

/// Similarity of two tables, 0 to 1.
pub fn teds(a: &Tree<Node>, b: &Tree<Node>) -> f64 {
    let nodes = a.descendants().max(b.descendants()).max(1);
    1.0 - tree::distance(a, b, rename) / nodes as f64
}

/// All tables of an HTML or Markdown text that are written as `<table>`.
pub fn from_html(html: &str) -> Vec<Tree<Node>> {
    TABLE.captures_iter(html).map(|table| html_table(&table[1])).collect()
}

/// A table of a page record.
pub fn from_record(table: &record::Table) -> Tree<Node> {
    let row = |row: u32| {
        let mut cells: Vec<&record::Cell> = table.cells.iter().filter(|cell| cell.row == row).collect();
        cells.sort_by_key(|cell| cell.column);
        Tree { label: Node::Row, children: cells.into_iter().map(|c| Tree::leaf(record_cell(c))).collect() }
    };
    Tree { label: Node::Table, children: (0..table.rows).map(row).collect() }
}

static TABLE: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?is)<table\b[^>]*>(.*?)</table>"));
static ROW: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?is)<tr\b[^>]*>(.*?)</tr>"));
static CELL: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?is)<t[dh]\b([^>]*)>(.*?)</t[dh]>"));
static SPAN: LazyLock<Regex> = LazyLock::new(|| compiled(r#"(?i)(row|col)span\s*=\s*["']?(\d+)"#));

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns of this file compile")
}

fn html_table(inner: &str) -> Tree<Node> {
    let rows = ROW.captures_iter(inner).map(|row| Tree {
        label: Node::Row,
        children: CELL.captures_iter(&row[1]).map(|cell| Tree::leaf(html_cell(&cell[1], &cell[2]))).collect(),
    });
    Tree { label: Node::Table, children: rows.collect() }
}

fn html_cell(attributes: &str, inner: &str) -> Node {
    let span = |which: &str| {
        let found = SPAN.captures_iter(attributes).find(|found| found[1].eq_ignore_ascii_case(which));
        found.and_then(|found| found[2].parse().ok()).unwrap_or(1)
    };
    Node::Cell { rows: span("row"), columns: span("col"), text: text::normalise(&text::plain(inner)) }
}

fn record_cell(cell: &record::Cell) -> Node {
    let lines: Vec<&str> = cell.lines.iter().map(|line| line.text.as_str()).collect();
    let text = text::normalise(&text::join_hyphenated(&lines.join("\n")));
    Node::Cell { rows: cell.row_span, columns: cell.column_span, text }
}

fn rename(a: &Node, b: &Node) -> f64 {
    match (a, b) {
        (Node::Table, Node::Table) | (Node::Row, Node::Row) => 0.0,
        (Node::Cell { rows, columns, text }, Node::Cell { rows: r, columns: c, text: t })
            if (rows, columns) == (r, c) =>
        {
            normalised_distance(text, t)
        }
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(html: &str) -> Tree<Node> {
        from_html(&format!("<table>{html}</table>")).remove(0)
    }

    #[test]
    fn header_markup_makes_no_difference() {
        let plain = table("<tr><td>a</td></tr><tr><td>b</td></tr>");
        let marked = table("<thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody>");

        assert_eq!(teds(&plain, &marked), 1.0);
    }

    #[test]
    fn another_span_is_another_cell() {
        let wide = table("<tr><td colspan=\"2\">a</td></tr><tr><td>b</td><td>c</td></tr>");
        let narrow = table("<tr><td>a</td></tr><tr><td>b</td><td>c</td></tr>");

        assert_eq!(teds(&wide, &narrow), 1.0 - 1.0 / 5.0);
    }

    #[test]
    fn a_table_that_is_missing_counts_zero_and_the_others_keep_their_partners() {
        let (first, second) = (table("<tr><td>a</td></tr>"), table("<tr><td>b</td><td>c</td></tr>"));

        let score = score(&[first, second.clone()], &[second]);

        assert_eq!(score, TableScore { teds: 0.5, expected: 2, found: 1 });
    }
}

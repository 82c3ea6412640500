//! Tables: pipe tables where they suffice, HTML where cells span.

use quire_proto::record::{Cell, Table};

use super::escape;
use crate::{clean, hyphen::Hyphens};

/// Grids with more places than this are not laid out but written as rows of cells.
const MAX_PLACES: u64 = 200_000;

/// The table as Markdown, without a line end.
pub(super) fn render(table: &Table, hyphens: &Hyphens) -> String {
    let spans = table.cells.iter().any(|cell| cell.row_span > 1 || cell.column_span > 1);
    let places = u64::from(table.rows) * u64::from(table.columns);
    if spans || table.header_rows > 1 || places > MAX_PLACES || !fits(table) {
        html(table, hyphens)
    } else {
        pipes(table, hyphens)
    }
}

fn fits(table: &Table) -> bool {
    table.cells.iter().all(|cell| cell.row < table.rows && cell.column < table.columns)
}

/// A pipe table must have a header row: without one in the record its first row serves.
fn pipes(table: &Table, hyphens: &Hyphens) -> String {
    let columns = table.columns as usize;
    let mut grid = vec![vec![String::new(); columns]; table.rows as usize];
    for cell in &table.cells {
        grid[cell.row as usize][cell.column as usize] = escape::cell(&text(cell, hyphens));
    }
    let mut lines: Vec<String> = grid.iter().map(|row| format!("| {} |", row.join(" | "))).collect();
    lines.insert(lines.len().min(1), format!("|{}", " --- |".repeat(columns)));
    lines.join("\n")
}

fn html(table: &Table, hyphens: &Hyphens) -> String {
    let mut out = String::from("<table>");
    let mut row = None;
    for cell in &table.cells {
        if row != Some(cell.row) {
            out.push_str(if row.is_some() { "</tr>\n<tr>" } else { "\n<tr>" });
            row = Some(cell.row);
        }
        let tag = if cell.row < table.header_rows { "th" } else { "td" };
        let span =
            |name: &str, count: u32| if count > 1 { format!(" {name}=\"{count}\"") } else { String::new() };
        let (rows, columns) = (span("rowspan", cell.row_span), span("colspan", cell.column_span));
        out.push_str(&format!("<{tag}{rows}{columns}>{}</{tag}>", escape::html(&text(cell, hyphens))));
    }
    out.push_str(if row.is_some() { "</tr>\n</table>" } else { "</table>" });
    out
}

fn text(cell: &Cell, hyphens: &Hyphens) -> String {
    clean::running(&cell.lines, hyphens)
}

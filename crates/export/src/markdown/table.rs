//! Tables: pipe tables where they suffice, HTML where cells span.

use quire_proto::record::Table;

use super::{escape, notes, wording::Wording};
use crate::clean;

/// Grids with more places than this are not laid out but written as rows of cells.
const MAX_PLACES: u64 = 200_000;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// With bars between so many columns.
    Pipes(u32),
    /// As HTML.
    Html,
}

impl Layout {
    /// The simplest one that shows all of `table`.
    pub(super) fn of(table: &Table) -> Self {
        let spans = table.cells.iter().any(|cell| cell.row_span > 1 || cell.column_span > 1);
        if spans || table.header_rows > 1 || !fits(table) { Self::Html } else { Self::Pipes(table.columns) }
    }

    /// The table but for its end, without a line end.
    pub(super) fn begin(self, table: &Table, wording: &Wording) -> String {
        match self {
            Self::Pipes(columns) => {
                // A pipe table must have a header row: without one in the record its first row serves.
                let mut lines = pipes(table, 0, wording);
                lines.insert(lines.len().min(1), format!("|{}", " --- |".repeat(columns as usize)));
                lines.join("\n")
            }
            Self::Html => format!("<table>{}", html(table, 0, wording)),
        }
    }

    /// The rows of `table` behind the first `skip`, as more rows of a table begun before; `None` when they do not fit it.
    pub(super) fn more(self, table: &Table, skip: u32, wording: &Wording) -> Option<String> {
        match self {
            Self::Pipes(columns) => {
                (columns == table.columns && fits(table)).then(|| pipes(table, skip, wording).join("\n"))
            }
            Self::Html => Some(html(table, skip, wording).trim_start().to_owned()),
        }
    }

    /// The end, with a line end where there is one.
    pub(super) const fn end(self) -> &'static str {
        match self {
            Self::Pipes(_) => "",
            Self::Html => "</table>\n",
        }
    }
}

fn fits(table: &Table) -> bool {
    u64::from(table.rows) * u64::from(table.columns) <= MAX_PLACES
        && table.cells.iter().all(|cell| cell.row < table.rows && cell.column < table.columns)
}

/// A line for each row behind the first `skip`; cells that span stand in their first place.
fn pipes(table: &Table, skip: u32, wording: &Wording) -> Vec<String> {
    let mut grid = vec![vec![String::new(); table.columns as usize]; table.rows as usize];
    for cell in &table.cells {
        grid[cell.row as usize][cell.column as usize] =
            notes::labelled(&escape::cell(&wording.running(&cell.lines)));
    }
    grid.iter().skip(skip as usize).map(|row| format!("| {} |", row.join(" | "))).collect()
}

/// Rows behind the first `skip`, each after a line end.
fn html(table: &Table, skip: u32, wording: &Wording) -> String {
    let mut out = String::new();
    let mut row = None;
    for cell in table.cells.iter().filter(|cell| cell.row >= skip) {
        if row != Some(cell.row) {
            out.push_str(if row.is_some() { "</tr>\n<tr>" } else { "\n<tr>" });
            row = Some(cell.row);
        }
        let tag = if cell.row < table.header_rows { "th" } else { "td" };
        let span =
            |name: &str, count: u32| if count > 1 { format!(" {name}=\"{count}\"") } else { String::new() };
        let (rows, columns) = (span("rowspan", cell.row_span), span("colspan", cell.column_span));
        let text = clean::running(&cell.lines, &wording.hyphens);
        out.push_str(&format!("<{tag}{rows}{columns}>{}</{tag}>", escape::html(&text)));
    }
    if row.is_some() {
        out.push_str("</tr>");
    }
    out
}

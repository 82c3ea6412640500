//! Numbering of cells by their places, and which rows are headings.

use quire_proto::table::{StructureCell, TableStructure};

use super::rows::{self, Item};

/// Rows and columns are numbered anew by where the cells begin; `None` when there are none.
pub(super) fn numbered(mut cells: Vec<StructureCell>) -> Option<TableStructure> {
    let tops = starts(cells.iter().map(|cell| cell.rect.y0));
    let lefts = starts(cells.iter().map(|cell| cell.rect.x0));
    for cell in &mut cells {
        (cell.row, cell.row_span) = place(&tops, cell.rect.y0, cell.rect.y1);
        (cell.column, cell.column_span) = place(&lefts, cell.rect.x0, cell.rect.x1);
    }
    cells.sort_by_key(|cell| (cell.row, cell.column));
    let (rows, columns) = (tops.len() as u32, lefts.len() as u32);
    (rows > 0).then_some(TableStructure { rows, columns, header_rows: 0, cells, score: 1.0 })
}

fn starts(edges: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut starts: Vec<f32> = edges.collect();
    starts.sort_unstable_by(f32::total_cmp);
    starts.dedup_by(|a, b| (*a - *b).abs() < 0.5);
    starts
}

fn place(starts: &[f32], from: f32, to: f32) -> (u32, u32) {
    let first = starts.partition_point(|start| *start < from - 0.5);
    let end = starts.partition_point(|start| *start < to - 0.5);
    (first as u32, (end.max(first + 1) - first) as u32)
}

/// The number of leading rows that are headings: bold above regular, empty above labels, words above figures.
pub(super) fn header_rows(structure: &TableStructure, items: &[Item<'_>]) -> u32 {
    let Some(first) = Row::of(structure, items, 0) else { return 0 };
    let reach =
        structure.cells.iter().filter(|cell| cell.row == 0).map(|cell| cell.row_span).max().unwrap_or(1);
    // A heading over several columns has the names of those columns under it.
    let spans = structure.cells.iter().any(|cell| cell.row == 0 && cell.column_span > 1);
    let reach = if spans { reach.max(2) } else { reach };
    if reach >= structure.rows {
        return 0;
    }
    let Some(below) = Row::of(structure, items, reach) else { return 0 };
    let heading = (first.bold && !below.bold)
        || first.corner_empty
        || (first.figures == 0 && below.figures > 0)
        || (spans && first.figures == 0);
    if heading { reach } else { 0 }
}

/// What the words of a row say about it.
struct Row {
    bold: bool,
    corner_empty: bool,
    figures: usize,
}

impl Row {
    /// `None` for a row without words.
    fn of(structure: &TableStructure, items: &[Item<'_>], row: u32) -> Option<Self> {
        let cells = || structure.cells.iter().filter(move |cell| cell.row == row);
        let within = |cell: &StructureCell| {
            let rect = cell.rect;
            items.iter().filter(move |item| rect.contains(item.rect.center()))
        };
        let words = cells().flat_map(within).count();
        let bold = cells().flat_map(within).filter(|item| item.bold).count();
        let corner = cells().find(|cell| cell.column == 0);
        let figures = cells()
            .filter(|cell| cell.column > 0)
            .filter(|cell| {
                within(cell).next().is_some() && within(cell).all(|word| rows::is_numeric(word.text))
            })
            .count();
        (words > 0).then(|| Self {
            bold: 2 * bold > words,
            corner_empty: corner.is_some_and(|cell| within(cell).next().is_none()),
            figures,
        })
    }
}

//! Rows of a drawn grid that are one cell from side to side: titles and sources inside the frame, and headers whose
//! inner rulings have the colour of the ground behind them.

use quire_proto::table::StructureCell;

use super::{
    TableParams,
    rows::{self, Item},
};

/// Cuts the first row at the columns below it, when each of them has its own words there.
pub(super) fn with_header(
    mut cells: Vec<StructureCell>,
    items: &[Item<'_>],
    params: &TableParams,
) -> Vec<StructureCell> {
    let columns = columns(&cells);
    let Some(first) = cells.first().filter(|cell| columns > 1 && cell.column_span == columns).copied() else {
        return cells;
    };
    let below = |cell: &&StructureCell| cell.row == first.row + first.row_span;
    let header: Vec<StructureCell> = cells
        .iter()
        .filter(below)
        .map(|cell| StructureCell {
            row: first.row,
            row_span: first.row_span,
            rect: quire_proto::Rect { y0: first.rect.y0, y1: first.rect.y1, ..cell.rect },
            ..*cell
        })
        .collect();
    if header.len() as u32 == columns && is_header(&header, items, params) {
        cells.splice(..1, header);
    }
    cells
}

/// Whether every column but perhaps the first has words, and no word reaches into the next column.
fn is_header(header: &[StructureCell], items: &[Item<'_>], params: &TableParams) -> bool {
    let in_row = |item: &&Item<'_>| header.iter().any(|cell| cell.rect.contains(item.rect.center()));
    let printed = rows::rows(items.iter().filter(in_row).copied().collect(), params);
    let pieces: Vec<_> = printed.iter().flat_map(|row| &row.pieces).collect();
    let inside =
        |cell: &StructureCell| pieces.iter().filter(|p| p.rect.share_inside(&cell.rect) > 0.9).count();
    let counts: Vec<usize> = header.iter().map(inside).collect();
    counts.iter().sum::<usize>() == pieces.len() && counts.iter().skip(1).all(|count| *count > 0)
}

/// Leaves out the first and last rows that are one cell over the whole width: titles and sources inside the frame.
pub(super) fn without_banners(mut cells: Vec<StructureCell>) -> Vec<StructureCell> {
    let columns = columns(&cells);
    let whole = |cell: &StructureCell| columns > 1 && cell.column_span == columns;
    while cells.first().is_some_and(whole) {
        cells.remove(0);
    }
    while cells.last().is_some_and(whole) {
        cells.pop();
    }
    cells
}

fn columns(cells: &[StructureCell]) -> u32 {
    cells.iter().map(|cell| cell.column + cell.column_span).max().unwrap_or(0)
}

//! Which structure to believe: the drawn grid, the network's, or the one the words suggest.

use quire_proto::{Rect, record::Line, table::TableStructure};

use super::{
    TableParams, find, from_alignment, from_rulings, header,
    rows::{self, Item},
};

/// The best structure on a page that is read from left to right.
pub(super) fn structure(
    region: &Rect,
    rulings: &[Rect],
    lines: &[Line],
    network: Option<&TableStructure>,
    params: &TableParams,
) -> Option<TableStructure> {
    let items = rows::items(lines, region);
    let ruled = from_rulings(region, rulings, lines, params);
    let believed = |ruled: &TableStructure| {
        conflicts(ruled, &items) <= params.conflicts && 2 * outside(ruled, &items) <= items.len()
    };
    if let Some(ruled) = ruled.filter(believed) {
        return (!is_form(&ruled, &items, params)).then_some(ruled);
    }
    if !has_columns(&items, params) {
        return None;
    }
    let network = network.filter(|network| is_possible(network)).map(|network| {
        let mut network = network.clone();
        network.header_rows =
            network.header_rows.max(header::header_rows(&network, &items)).min(network.rows);
        network
    });
    let aligned = from_alignment(region, rulings, lines, params);
    [network, aligned]
        .into_iter()
        .flatten()
        .map(|structure| (conflicts(&structure, &items), structure))
        .filter(|(conflicts, _)| *conflicts <= params.scrambled)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, structure)| structure)
}

/// Whether words stand side by side with more than a space between them, list markers left out.
fn has_columns(items: &[Item<'_>], params: &TableParams) -> bool {
    let printed = rows::rows(items.to_vec(), params);
    printed.iter().any(|row| row.pieces.len() > 1 + usize::from(find::is_marker(row)))
}

/// Whether the grid is boxes to fill in beside lines of text: most words stand in cells that reach over several rows.
fn is_form(grid: &TableStructure, items: &[Item<'_>], params: &TableParams) -> bool {
    let tall = || grid.cells.iter().filter(|cell| cell.row_span >= params.form_row_span);
    let inside =
        items.iter().filter(|item| tall().any(|cell| cell.rect.contains(item.rect.center()))).count();
    inside as f32 > params.form_words * items.len() as f32
}

fn is_possible(structure: &TableStructure) -> bool {
    structure.rows > 0
        && structure.columns > 1
        && structure.cells.iter().all(|cell| {
            rows::is_sane(&cell.rect)
                && cell.row.saturating_add(cell.row_span) <= structure.rows
                && cell.column.saturating_add(cell.column_span) <= structure.columns
        })
}

/// How many words stand beside the grid.
fn outside(structure: &TableStructure, items: &[Item<'_>]) -> usize {
    let outline = Rect::around(structure.cells.iter().map(|cell| &cell.rect)).unwrap_or_default();
    items.iter().filter(|item| !outline.contains(item.rect.center())).count()
}

/// Share of the words that lie across the edges of a cell; words beside the grid are not counted,
/// because a title or source inside the region is no fault of the grid.
pub(super) fn conflicts(structure: &TableStructure, items: &[Item<'_>]) -> f32 {
    let Some(outline) = Rect::around(structure.cells.iter().map(|cell| &cell.rect)) else { return 1.0 };
    let fault = |item: &Item<'_>| {
        if !outline.contains(item.rect.center()) {
            return 0.0;
        }
        let best = structure.cells.iter().map(|cell| item.rect.share_inside(&cell.rect)).fold(0.0, f32::max);
        if best < 0.7 { 1.0 } else { 0.0 }
    };
    items.iter().map(fault).sum::<f32>() / items.len().max(1) as f32
}

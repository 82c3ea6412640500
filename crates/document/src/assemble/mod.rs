//! One page's evidence becomes its blocks in reading order.
//!
//! ```text
//!  lines ──▶ level coordinates ──▶ tables ──▶ regions ──▶ furniture, figures, flows ──▶ reading order ──▶ blocks
//! ```
//!
//! A page that is read from right to left is put together in the mirror.
//!
//! What must stay true: every line that comes in goes out in exactly one block or
//! table cell. The layout model only hints; where it is wrong, geometry still reads.

mod figures;
mod finish;
mod moved;
mod notes;
mod quotes;
mod regions;
mod rows;

use quire_proto::{
    Rect, Region,
    record::{Block, BlockKind, Line, PageMode, PageSize},
    table::TableStructure,
};

use crate::{
    bidi::Direction,
    blocks::{
        BlockParams, LineNumberParams, Row, contents, drawn,
        flow::{self, Flow},
        furniture::{self, Edge},
        heading::Body,
        line_numbers, row,
        split::{self, Draft},
    },
    mirror::Mirror,
    order::{Deskew, OrderParams, Unit, reading_order},
    tables,
};
use figures::Picture;
use finish::Piece;

pub use moved::moved;

/// What is known about a page before it is put together.
#[derive(Clone, Debug)]
pub struct PageEvidence {
    /// Size of the upright image.
    pub size: PageSize,
    /// Where the lines come from.
    pub mode: PageMode,
    /// Lines of the text layer or of recognition, in upright page pixels.
    pub lines: Vec<Line>,
    /// Regions of the layout model; may be empty.
    pub regions: Vec<Region>,
    /// Tables with their structure.
    pub tables: Vec<FoundTable>,
    /// Ruling lines that the file draws.
    pub rulings: Vec<Rect>,
    /// Bitmap images that the file draws.
    pub images: Vec<Rect>,
}

/// A table before its cells are filled.
#[derive(Clone, Debug)]
pub struct FoundTable {
    /// Where it is.
    pub rect: Rect,
    /// Its rows, columns and spans.
    pub structure: TableStructure,
}

/// What assembling may be tuned by.
#[derive(Clone, Copy, Debug)]
pub struct AssembleParams {
    /// Share of a line's width that must lie in a region, table or figure to belong to it.
    pub share_inside: f32,
    /// Smallest score of a region that is believed.
    pub region_score: f32,
    /// A figure whose lines cover more than this share of it is text that the layout model misread.
    pub text_in_figure: f32,
    /// A figure that takes more than this share of the page and has text is a page that the model misread.
    pub page_in_figure: f32,
    /// Smallest picture that is kept, as a share of the page.
    pub picture_share: f32,
    /// Pictures larger than this share of the page are backgrounds.
    pub background_share: f32,
    /// Parameters of the reading order.
    pub order: OrderParams,
    /// Parameters of the grouping into blocks.
    pub blocks: BlockParams,
    /// Parameters of the numbers of lines in the margin.
    pub line_numbers: LineNumberParams,
}

impl Default for AssembleParams {
    fn default() -> Self {
        Self {
            share_inside: 0.5,
            region_score: 0.3,
            text_in_figure: 0.3,
            page_in_figure: 0.5,
            picture_share: 0.005,
            background_share: 0.85,
            order: OrderParams::default(),
            blocks: BlockParams::default(),
            line_numbers: LineNumberParams::default(),
        }
    }
}

/// Puts a page together: blocks in reading order, numbered from one.
///
/// When most of its letters run from right to left, columns, blocks on one row and pieces of a line are read in this
/// order too.
pub fn assemble(evidence: PageEvidence, params: &AssembleParams) -> Vec<Block> {
    if !Direction::of_lines(&evidence.lines).is_rtl() {
        return from_left(evidence, params);
    }
    let mirror = Mirror::page(evidence.size.width_px as f32);
    mirror.blocks(from_left(mirror.evidence(evidence), params))
}

/// Puts a page together that is read from left to right.
fn from_left(evidence: PageEvidence, params: &AssembleParams) -> Vec<Block> {
    let page = Page::new(&evidence);
    let PageEvidence { lines, regions, tables, images, rulings, mode, .. } = evidence;
    let deskew = Deskew::of(&lines, page.width, page.height);
    let (tables, lines) = fill_tables(tables, lines, params);
    let pieces = rows::pieces(lines, &deskew, &page, mode, &params.blocks);
    let (line_numbers, pieces) = line_numbers::take(pieces, &params.line_numbers);
    let rows = row::join(pieces, &params.blocks);
    let rows = contents::join_pages(rows);
    let body = Body::of(&rows, mode);
    let em = rows::em(&rows);
    let regions = regions::believable(&regions, &tables, params);
    let (mut pictures, rows) = figures::take(&regions, &images, &tables, rows, &page, &deskew, params);
    let rows = regions::assign(rows, &regions, &deskew, params);
    let (furniture, rows) = take_furniture(rows, page.height, &params.blocks);
    let beside: Vec<Rect> = tables.iter().map(|table| deskew.rect(&table.rect)).collect();
    let flows = flow::flows(rows, &beside, em, &params.blocks, &params.order);
    let drawn = if mode == PageMode::Text { as_drawn(&flows, em, params) } else { None };
    let kept = drawn.as_ref().map_or(0, Vec::len);
    let mut pieces: Vec<Piece> = drawn.unwrap_or(flows).into_iter().map(Piece::Text).collect();
    pieces.extend(tables.into_iter().map(|table| table.into_piece(&deskew)));
    pieces.extend(pictures.drain(..).map(Piece::Picture));
    let units: Vec<Unit> = pieces.iter().map(Piece::unit).collect();
    let mut order = reading_order(&units, em, &params.order);
    keep_first(&mut order, kept);
    let pieces = in_order(pieces, &order);
    let finish = finish::Finish { body: &body, page: &page, params, regions: &regions, rulings: &rulings };
    finish.blocks(pieces, furniture, line_numbers)
}

/// The upright image.
struct Page {
    width: f32,
    height: f32,
    dpi: f32,
}

impl Page {
    fn new(evidence: &PageEvidence) -> Self {
        let dpi = evidence.size.dpi;
        Self {
            width: evidence.size.width_px as f32,
            height: evidence.size.height_px as f32,
            dpi: if dpi.is_finite() && dpi > 1.0 { dpi } else { 72.0 },
        }
    }

    fn area(&self) -> f32 {
        (self.width * self.height).max(1.0)
    }
}

/// A table with its content, in page coordinates.
struct FilledTable {
    rect: Rect,
    score: f32,
    table: quire_proto::record::Table,
}

impl FilledTable {
    fn into_piece(self, deskew: &Deskew) -> Piece {
        Piece::Table { level: deskew.rect(&self.rect), filled: self }
    }
}

/// Fills the tables; lines that no table takes stay.
fn fill_tables(
    found: Vec<FoundTable>,
    mut lines: Vec<Line>,
    params: &AssembleParams,
) -> (Vec<FilledTable>, Vec<Line>) {
    let mut filled = Vec::new();
    for FoundTable { rect, structure } in found {
        if structure.rows * structure.columns < 2 {
            continue;
        }
        let (inside, outside): (Vec<Line>, Vec<Line>) =
            lines.into_iter().partition(|line| regions::lies_in(&line.rect, &rect, params.share_inside));
        lines = outside;
        if inside.is_empty() {
            continue;
        }
        let (table, left) = tables::fill(&structure, inside);
        lines.extend(left);
        filled.push(FilledTable { rect, score: structure.score, table });
    }
    (filled, lines)
}

/// Takes headers, footers and page numbers out.
fn take_furniture(rows: Vec<Row>, height: f32, params: &BlockParams) -> (Vec<(BlockKind, Row)>, Vec<Row>) {
    let top = rows.iter().map(|row| row.rect.center().y).fold(f32::INFINITY, f32::min);
    let bottom = rows.iter().map(|row| row.rect.center().y).fold(f32::NEG_INFINITY, f32::max);
    let (mut furniture, mut text): (Vec<(BlockKind, Row)>, Vec<Row>) = (Vec::new(), Vec::new());
    for row in rows {
        let middle = row.rect.center().y;
        let outermost = (middle - top).abs().min((middle - bottom).abs()) < 0.8 * row.size;
        match furniture::kind(&row, outermost, height, params) {
            Some(kind) => furniture.push((kind, row)),
            None => text.push(row),
        }
    }
    // What stands beside a running title belongs to it: dates, chapter names.
    let (beside, text): (Vec<Row>, Vec<Row>) = text.into_iter().partition(|row| {
        Edge::of(&row.rect, height, params).is_some()
            && furniture.iter().any(|(_, title)| title.level_with(row))
    });
    for row in beside {
        let kind = furniture::beside(&row, height, params);
        furniture.push((kind, row));
    }
    (furniture, text)
}

/// The text as the file draws it, where that reads better than what geometry says.
fn as_drawn(flows: &[Flow], em: f32, params: &AssembleParams) -> Option<Vec<Flow>> {
    let units: Vec<Unit> = flows.iter().map(Flow::unit).collect();
    let geometric: Vec<&Flow> =
        reading_order(&units, em, &params.order).into_iter().filter_map(|at| flows.get(at)).collect();
    drawn::flows(&geometric, &params.blocks)
}

/// Puts the first `count` pieces into the order that they have already, among the others where `order` has them.
fn keep_first(order: &mut [usize], count: usize) {
    order.iter_mut().filter(|at| **at < count).zip(0..count).for_each(|(at, kept)| *at = kept);
}

fn in_order(pieces: Vec<Piece>, order: &[usize]) -> Vec<Piece> {
    let mut pieces: Vec<Option<Piece>> = pieces.into_iter().map(Some).collect();
    order.iter().filter_map(|&at| pieces.get_mut(at).and_then(Option::take)).collect()
}

#[cfg(test)]
mod tests;

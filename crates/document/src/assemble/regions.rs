//! Regions: which of the layout model's are believed, and which rows lie in them.

use quire_proto::{Rect, Region, RegionKind};

use super::{AssembleParams, FilledTable};
use crate::{blocks::Row, order::Deskew};

/// Two regions that share this much of the smaller one are about the same thing.
const SAME: f32 = 0.8;

/// The regions worth listening to, best first: of several about one thing only the best.
pub(super) fn believable(regions: &[Region], tables: &[FilledTable], params: &AssembleParams) -> Vec<Region> {
    let mut sorted: Vec<Region> = regions
        .iter()
        .copied()
        .filter(|region| region.score >= params.region_score && region.rect.area() > 0.0)
        .filter(|region| region.kind != RegionKind::Other)
        .filter(|region| !tables.iter().any(|table| region.rect.share_inside(&table.rect) > SAME))
        .collect();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Region> = Vec::new();
    for region in sorted {
        let known = kept.iter().any(|better| {
            let shared = region.rect.share_inside(&better.rect).max(better.rect.share_inside(&region.rect));
            shared > SAME && nests(better.kind, region.kind)
        });
        if !known {
            kept.push(region);
        }
    }
    kept
}

/// Text in a picture is not a second opinion about the picture; text in text is.
fn nests(better: RegionKind, other: RegionKind) -> bool {
    better.is_picture() == other.is_picture()
}

/// Whether a line lies in `area`: its middle in height, and `share` of its width.
pub(super) fn lies_in(line: &Rect, area: &Rect, share: f32) -> bool {
    let middle = line.center().y;
    middle >= area.y0 && middle <= area.y1 && line.overlap_x(area) >= share * line.width().max(1.0)
}

/// Gives every row the region that holds most of it, the better one among equals.
pub(super) fn assign(
    mut rows: Vec<Row>,
    regions: &[Region],
    deskew: &Deskew,
    params: &AssembleParams,
) -> Vec<Row> {
    let level: Vec<Rect> = regions.iter().map(|region| deskew.rect(&region.rect)).collect();
    for row in &mut rows {
        let best = (0..regions.len())
            .filter(|&at| !regions[at].kind.is_picture())
            .filter(|&at| lies_in(&row.rect, &level[at], params.share_inside))
            .map(|at| (at, row.rect.share_inside(&level[at]) * (0.5 + regions[at].score)))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((at, _)) = best {
            row.region = Some(at);
            row.hint = Some(regions[at].kind);
        }
    }
    number_formulas(rows)
}

/// The number beside a formula belongs to it, although the model's box seldom reaches that far.
fn number_formulas(mut rows: Vec<Row>) -> Vec<Row> {
    let formulas: Vec<Row> =
        rows.iter().filter(|row| row.hint == Some(RegionKind::Formula)).cloned().collect();
    let is_number = |row: &&mut Row| row.hint == Some(RegionKind::FormulaNumber) || is_number(row.text());
    for row in rows.iter_mut().filter(is_number) {
        if let Some(formula) = formulas.iter().find(|formula| formula.level_with(row)) {
            row.region = formula.region;
            row.hint = formula.hint;
        }
    }
    rows
}

/// `(3)` or `(A.2)`.
fn is_number(text: &str) -> bool {
    let inner = text.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.is_some_and(|inner| inner.len() <= 6 && inner.ends_with(|c: char| c.is_ascii_digit()))
}

//! Pictures: regions and images that are one, with the rows of text inside them.
//!
//! A layout model that calls a page of text a figure must not cost the text: a
//! figure that is mostly covered by rows is dropped, and its rows read as text.

use quire_proto::{
    Rect, Region, RegionKind,
    record::{BlockKind, Mark},
};

use super::{AssembleParams, FilledTable, Page, regions::lies_in};
use crate::{blocks::Row, order::Deskew};

/// A picture and the text in it.
pub(super) struct Picture {
    /// Where it is, in page coordinates.
    pub(super) rect: Rect,
    /// Where it is, in level coordinates.
    pub(super) level: Rect,
    /// The layout model's confidence; absent for images that the file draws.
    pub(super) confidence: Option<f32>,
    /// Rows inside it.
    pub(super) rows: Vec<Row>,
    /// What the layout model saw it as, when a person left it on the page.
    pub(super) mark: Option<Mark>,
    /// A figure, or a formula in which no text was found.
    pub(super) kind: BlockKind,
}

/// What a person left on the page where the layout model sees `kind`.
pub(super) const fn mark(kind: RegionKind) -> Option<Mark> {
    match kind {
        RegionKind::Stamp => Some(Mark::Stamp),
        RegionKind::Signature => Some(Mark::Signature),
        RegionKind::Handwriting => Some(Mark::Handwriting),
        _ => None,
    }
}

/// Takes the pictures out of `rows`.
pub(super) fn take(
    regions: &[Region],
    images: &[Rect],
    tables: &[FilledTable],
    mut rows: Vec<Row>,
    page: &Page,
    deskew: &Deskew,
    params: &AssembleParams,
) -> (Vec<Picture>, Vec<Row>) {
    let mut pictures: Vec<Picture> = Vec::new();
    let unread = |region: &Region| {
        let level = deskew.rect(&region.rect);
        !rows.iter().any(|row| lies_in(&row.rect, &level, params.share_inside))
    };
    // Handwriting and formulas with text are text; what could not be read of them is a picture.
    let (formulas, seen): (Vec<&Region>, Vec<&Region>) = regions
        .iter()
        .filter(|region| {
            let written = matches!(region.kind, RegionKind::Handwriting | RegionKind::Formula);
            region.kind.is_picture() || (written && unread(region))
        })
        .partition(|region| region.kind == RegionKind::Formula);
    let of = |region: &Region| (region.rect, Some(region.score), mark(region.kind), BlockKind::Figure);
    let drawn =
        images.iter().map(|image| (image.clamped(page.width, page.height), None, None, BlockKind::Figure));
    let formulas =
        formulas.into_iter().map(|region| (region.rect, Some(region.score), None, BlockKind::Formula));
    let candidates: Vec<_> = seen.into_iter().map(of).chain(drawn).chain(formulas).collect();
    for (rect, confidence, mark, kind) in candidates {
        let level = deskew.rect(&rect);
        let known = pictures
            .iter()
            .any(|other| rect.share_inside(&other.rect) > 0.5 || other.rect.share_inside(&rect) > 0.5)
            || tables
                .iter()
                .any(|table| rect.overlap(&table.rect) > 0.3 * rect.area().min(table.rect.area()));
        let share = rect.area() / page.area();
        let odd = share < params.picture_share || (confidence.is_none() && share > params.background_share);
        let figure = mark.is_none() && kind == BlockKind::Figure;
        if known || (odd && figure) {
            continue;
        }
        let (inside, outside): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|row| lies_in(&row.rect, &level, params.share_inside));
        if figure && reads_as_text(&inside, &level, page, params) {
            rows = inside.into_iter().chain(outside).collect();
        } else {
            rows = outside;
            pictures.push(Picture { rect, level, confidence, rows: inside, mark, kind });
        }
    }
    (pictures, rows)
}

/// Whether the rows in a picture are what it consists of.
fn reads_as_text(rows: &[Row], level: &Rect, page: &Page, params: &AssembleParams) -> bool {
    if level.area() > params.page_in_figure * page.area() && rows.len() > 4 {
        return true;
    }
    let covered: f32 = rows.iter().map(|row| row.rect.overlap(level)).sum();
    let long = rows.iter().filter(|row| row.rect.width() > 0.5 * level.width() && row.chars() > 15).count();
    let words = rows.iter().filter(|row| row.line.words.len() >= 3).count();
    covered > params.text_in_figure * level.area()
        || long >= 3
        || (rows.len() >= 6 && words * 10 > rows.len() * 7)
}

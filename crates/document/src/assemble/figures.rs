//! Pictures: regions and images that are one, with the rows of text inside them.
//!
//! A layout model that calls a page of text a figure must not cost the text: a
//! figure that is mostly covered by rows is dropped, and its rows read as text.

use quire_proto::{Rect, Region, RegionKind};

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
    let seen = regions.iter().filter(|region| region.kind == RegionKind::Figure);
    let candidates = seen
        .map(|region| (region.rect, Some(region.score)))
        .chain(images.iter().map(|image| (image.clamped(page.width, page.height), None)));
    for (rect, confidence) in candidates {
        let level = deskew.rect(&rect);
        let known = pictures
            .iter()
            .any(|other| rect.share_inside(&other.rect) > 0.5 || other.rect.share_inside(&rect) > 0.5)
            || tables
                .iter()
                .any(|table| rect.overlap(&table.rect) > 0.3 * rect.area().min(table.rect.area()));
        let share = rect.area() / page.area();
        if known || share < params.picture_share || (confidence.is_none() && share > params.background_share)
        {
            continue;
        }
        let (inside, outside): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|row| lies_in(&row.rect, &level, params.share_inside));
        if reads_as_text(&inside, &level, page, params) {
            rows = inside.into_iter().chain(outside).collect();
        } else {
            rows = outside;
            pictures.push(Picture { rect, level, confidence, rows: inside });
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

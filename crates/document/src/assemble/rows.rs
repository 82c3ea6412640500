//! Lines as they come become pieces of rows with level boxes and sizes.

use quire_proto::{
    Rect,
    record::{FontStyle, Line, PageMode},
};

use super::Page;
use crate::{
    blocks::{BlockParams, Row},
    order::Deskew,
};

/// One piece per line with text in it.
pub(super) fn pieces(
    lines: Vec<Line>,
    deskew: &Deskew,
    page: &Page,
    mode: PageMode,
    params: &BlockParams,
) -> Vec<Row> {
    let piece = |(drawn, line)| Row { drawn, ..piece(line, deskew, page, mode, params) };
    lines.into_iter().enumerate().map(piece).collect()
}

fn piece(mut line: Line, deskew: &Deskew, page: &Page, mode: PageMode, params: &BlockParams) -> Row {
    make_finite(&mut line, page);
    let rect = deskew.line(&line);
    let read =
        line.font.filter(|font| mode != PageMode::Ocr && font.size_pt.is_finite() && font.size_pt > 0.5);
    let size = match read {
        Some(font) => font.size_pt * page.dpi / 72.0,
        None => rect.height() * params.size_of_height,
    };
    if line.font.is_none() {
        let points = size * 72.0 / page.dpi;
        line.font = Some(FontStyle { size_pt: (points * 2.0).round() / 2.0, ..FontStyle::default() });
    }
    Row { line, rect, size: size.max(1.0), region: None, hint: None, drawn: 0 }
}

/// Boxes come from hostile files: what is not a number on the page is moved onto it.
fn make_finite(line: &mut Line, page: &Page) {
    let clean = |rect: &mut Rect| {
        let edges =
            [rect.x0, rect.y0, rect.x1, rect.y1].map(|edge| if edge.is_finite() { edge } else { 0.0 });
        *rect = Rect::new(edges[0], edges[1], edges[2], edges[3]).clamped(page.width, page.height);
    };
    clean(&mut line.rect);
    line.words.iter_mut().for_each(|word| clean(&mut word.rect));
}

/// The median height of `rows`: the unit in which gutters are measured.
pub(super) fn em(rows: &[Row]) -> f32 {
    let mut heights: Vec<f32> = rows.iter().map(|row| row.rect.height()).collect();
    if heights.is_empty() {
        return 1.0;
    }
    let middle = heights.len() / 2;
    *heights.select_nth_unstable_by(middle, f32::total_cmp).1
}

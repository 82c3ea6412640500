//! Drawn lines of a scan: the rulings of its tables, frames, rules above notes.
//!
//! ```text
//!  page ─▶ plane (ridges: darker than the paper on both sides) ─▶ strokes (long straight runs, chained) ─▶ rulings
//!          once as it is, once turned over its diagonal for the verticals
//! ```
//!
//! Lines are followed by their runs, as in the directional single-connected chains of Zheng, Liu, Ding and Pan ("Form frame
//! line detection with directional single-connected chain", ICDAR 2001): robust to breaks and to lines that bend a little.
//! What must stay true: letters are no rulings, and a page of nothing but noise costs no more than a page of print.

mod plane;
mod strokes;

use quire_proto::{Point, Quad, Rect};
use quire_raster::Raster;

use plane::Plane;
use strokes::Scale;

/// What is taken for a drawn line; lengths are in inches.
#[derive(Clone, Copy, Debug)]
pub struct RulingParams {
    /// The thickest line. Default 0.03.
    pub thickest: f32,
    /// Least difference between a line and the paper on both its sides, of 255. Default 30.
    pub contrast: u8,
    /// The shortest straight run that may be a part of a line. Default 0.1: longer than most strokes of letters.
    pub run: f32,
    /// The widest break in a line. Default 0.05.
    pub gap: f32,
    /// The shortest line that stands alone. Default 0.4.
    pub alone: f32,
    /// The shortest line between two others that it joins, such as a side of a cell. Default 0.12.
    pub joined: f32,
}

impl Default for RulingParams {
    fn default() -> Self {
        Self { thickest: 0.03, contrast: 30, run: 0.1, gap: 0.05, alone: 0.4, joined: 0.12 }
    }
}

/// The lines that are drawn on a page of `dpi` dots per inch, in its pixels: the horizontal ones from left to right, the
/// vertical ones downwards. They may lean by up to 5 degrees, and say by how much.
///
/// Those of text layers come from the file itself; this is for pages that are pictures. In no particular order.
pub fn find(page: &Raster, dpi: f32, params: &RulingParams) -> Vec<Quad> {
    let scale = Scale::new(dpi, params);
    let plane = Plane::of(page);
    let horizontal = strokes::find(&plane, &scale);
    let long = |line: &Quad| line.width() >= params.alone * dpi;
    // Vertical lines alone are no table, frame or rule above notes.
    if !horizontal.iter().any(long) {
        return Vec::new();
    }
    let turned = |quad: Quad| {
        let [a, b, c, d] = quad.0.map(|point| Point::new(point.y, point.x));
        Quad([d, c, b, a])
    };
    let vertical: Vec<Quad> = strokes::find(&plane.transposed(), &scale).into_iter().map(turned).collect();
    let reach = 2.0 * params.gap * dpi;
    let stays = |line: &&Quad, across: &[Quad]| long(line) || joins(line, across, reach);
    let mut found: Vec<Quad> = horizontal.iter().filter(|line| stays(line, &vertical)).copied().collect();
    found.extend(vertical.iter().filter(|line| stays(line, &horizontal)));
    found
}

/// The boxes of those lines that are horizontal or vertical, on a level page whose lines of text lie in `text`.
///
/// Letters of blurred print run together along the base line, and stems from line to line: what lies inside a line of text,
/// or across lines for more than half of its length, is no ruling. Underlines are lower, rules of tables longer, and sides of
/// cells pass text by.
pub fn level(lines: &[Quad], text: &[Rect]) -> Vec<Rect> {
    /// What a page that was made level may still lean, as a share of the length.
    const LEVEL: f32 = 0.02;
    let is_level = |line: &&Quad| {
        let (start, end) = (line.at(0.0, 0.5), line.at(1.0, 0.5));
        let (across, down) = ((end.x - start.x).abs(), (end.y - start.y).abs());
        across.min(down) <= LEVEL * across.max(down)
    };
    lines.iter().filter(is_level).map(Quad::bounds).filter(|line| !is_in_text(line, text)).collect()
}

fn is_in_text(line: &Rect, text: &[Rect]) -> bool {
    /// Share of the height of a box of text, at its edges, that rulings may touch.
    const EDGE: f32 = 0.15;
    let inner = |text: &Rect| {
        let edge = EDGE * text.height();
        Rect { x0: text.x0 + edge, y0: text.y0 + edge, x1: text.x1 - edge, y1: text.y1 - edge }
    };
    let middle = line.center();
    if line.width() > line.height() {
        let within = |text: &Rect| text.x0 <= line.x0 && line.x1 <= text.x1;
        return text.iter().any(|text| within(text) && inner(text).contains(middle));
    }
    let crossed = text.iter().map(inner).filter(|text| (text.x0..text.x1).contains(&middle.x));
    2.0 * crossed.map(|text| line.overlap_y(&text)).sum::<f32>() > line.height()
}

/// Whether both ends of `line` are at one of the lines `across`.
fn joins(line: &Quad, across: &[Quad], reach: f32) -> bool {
    [0.0, 1.0].iter().all(|end| {
        let end = line.at(*end, 0.5);
        let near = Rect::new(end.x, end.y, end.x, end.y).grown(reach);
        let touches = |other: &Rect| {
            near.x0 <= other.x1 && near.x1 >= other.x0 && near.y0 <= other.y1 && near.y1 >= other.y0
        };
        across.iter().map(Quad::bounds).any(|other| touches(&other))
    })
}

#[cfg(test)]
mod tests;

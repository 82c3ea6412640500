//! From the child's characters to glyphs: believable boxes, one direction each,
//! no controls, no duplicates, accents composed.

use std::collections::HashMap;

use quire_proto::{
    Rect,
    page_text::{PageText, TextChar},
};
use unicode_normalization::char::{compose, is_combining_mark};

use super::{LineParams, turns::Turns};
use crate::bidi;

/// Coordinates beyond this are nonsense: no page image is larger.
const FAR: f32 = 1e5;

/// One visible character, or a space, in the frame of its own direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub(super) char: char,
    /// Box on the page.
    pub(super) rect: Rect,
    /// Extent along the direction of writing.
    pub(super) along: (f32, f32),
    /// Extent across it, growing downwards as the reader sees it.
    pub(super) across: (f32, f32),
    /// Font size in pixels.
    pub(super) em: f32,
    /// Font size in points.
    pub(super) size_pt: f32,
    pub(super) font: u16,
    /// Direction in whole degrees; multiples of 90 when close to one.
    pub(super) angle: u16,
    pub(super) space: Space,
    pub(super) rtl: bool,
}

/// Whether a glyph is white space, and whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// Visible.
    No,
    /// The file has it.
    Real,
    /// pdfium inferred it.
    Inferred,
}

impl Glyph {
    pub(super) fn middle(&self) -> f32 {
        (self.across.0 + self.across.1) / 2.0
    }

    pub(super) fn is_space(&self) -> bool {
        self.space != Space::No
    }
}

/// All glyphs of the page in file order.
pub(super) fn glyphs(text: &PageText, dpi: f32, params: &LineParams) -> Vec<Glyph> {
    let turns = Turns::of(text);
    let mut last = Rect::default();
    let mut seen = Seen::default();
    let mut out: Vec<Glyph> = Vec::with_capacity(text.chars.len());
    for (index, char) in text.chars.iter().enumerate() {
        let line_ends = ends_line(&text.chars, index);
        let Some(unicode) = meaning(char, line_ends) else {
            close_gap(out.last_mut(), &char.rect);
            continue;
        };
        let rect = believable(&char.rect).unwrap_or(Rect::new(last.x1, last.y0, last.x1, last.y1));
        let glyph = framed(unicode, rect, &TextChar { angle: turns.actual(char.angle), ..*char }, dpi);
        if !glyph.is_space() {
            // A ligature comes as several characters in one box: `ff` is no `f` printed twice.
            let ligature = last == rect;
            last = rect;
            let twice = seen.before(&glyph, params.printed_twice) && !ligature;
            if twice || composed(&mut out, &glyph) {
                continue;
            }
        }
        out.push(glyph);
    }
    out
}

/// A character that is left out must not leave a gap that looks like the end of a word.
fn close_gap(last: Option<&mut Glyph>, left_out: &Rect) {
    if let (Some(last), Some(rect)) = (last, believable(left_out)) {
        let (along, _) = frame(&rect, last.angle, last.em);
        if (along.0 - last.along.1).abs() < 0.5 * last.em && along.1 - last.along.1 < 2.0 * last.em {
            last.along.1 = last.along.1.max(along.1);
        }
    }
}

/// Whether nothing visible follows on the line as far as the file tells.
fn ends_line(chars: &[TextChar], index: usize) -> bool {
    chars.get(index + 1).is_none_or(|next| matches!(next.unicode, '\r' | '\n'))
}

/// What a character stands for; `None` for what a reader would not see.
fn meaning(char: &TextChar, line_ends: bool) -> Option<char> {
    match char.unicode {
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' => Some(' '),
        c if c.is_whitespace() => Some(' '),
        '\u{ad}' | '\u{2}' => (char.hyphen || line_ends).then_some('-'),
        '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => None,
        c if c.is_control() => None,
        '\u{f0b7}' => Some('•'),
        '\u{f0a7}' => Some('▪'),
        c => Some(c),
    }
}

fn believable(rect: &Rect) -> Option<Rect> {
    let edges = [rect.x0, rect.y0, rect.x1, rect.y1];
    let finite = edges.iter().all(|edge| edge.is_finite() && edge.abs() < FAR);
    (finite && edges.iter().any(|&edge| edge != 0.0)).then(|| Rect::new(rect.x0, rect.y0, rect.x1, rect.y1))
}

fn framed(unicode: char, rect: Rect, char: &TextChar, dpi: f32) -> Glyph {
    let space = match (unicode, char.generated) {
        (' ', true) => Space::Inferred,
        (' ', false) => Space::Real,
        _ => Space::No,
    };
    let angle = snapped(char.angle);
    let across_size = if angle % 180 == 90 { rect.width() } else { rect.height() };
    let (size_pt, em) = font_size(char.size, across_size, dpi);
    let (along, across) = frame(&rect, angle, em);
    let rtl = bidi::is_rtl(unicode);
    Glyph { char: unicode, rect, along, across, em, size_pt, font: char.font, angle, space, rtl }
}

/// Whole degrees, drawn to the next multiple of 90 when within ten.
fn snapped(angle: f32) -> u16 {
    if !angle.is_finite() {
        return 0;
    }
    let angle = angle.rem_euclid(360.0);
    let quarter = (angle / 90.0).round() * 90.0;
    let degrees = if (angle - quarter).abs() <= 10.0 { quarter } else { angle.round() };
    degrees as u16 % 360
}

/// Size in points and pixels: the file's when the box agrees, else from the box.
fn font_size(size: f32, box_size: f32, dpi: f32) -> (f32, f32) {
    let per_point = if dpi.is_finite() && dpi > 0.0 { dpi / 72.0 } else { 1.0 };
    let em = size * per_point;
    let agrees = (1.0..FAR).contains(&em) && box_size <= em * 3.0;
    let em = if agrees { em } else { box_size.max(1.0) };
    (em / per_point, em)
}

/// Extents along and across the direction of writing.
fn frame(rect: &Rect, angle: u16, em: f32) -> ((f32, f32), (f32, f32)) {
    match angle {
        0 => ((rect.x0, rect.x1), (rect.y0, rect.y1)),
        90 => ((rect.y0, rect.y1), (-rect.x1, -rect.x0)),
        180 => ((-rect.x1, -rect.x0), (-rect.y1, -rect.y0)),
        270 => ((-rect.y1, -rect.y0), (rect.x0, rect.x1)),
        _ => {
            let (sin, cos) = f32::from(angle).to_radians().sin_cos();
            let c = rect.center();
            let (along, across) = (c.x * cos + c.y * sin, c.y * cos - c.x * sin);
            ((along - em * 0.25, along + em * 0.25), (across - em * 0.5, across + em * 0.5))
        }
    }
}

/// Where each character was printed already, by cells a little larger than the tolerance.
#[derive(Default)]
struct Seen(HashMap<(char, i32, i32), (f32, f32)>);

impl Seen {
    /// Whether the same character stands on this spot already; remembers it if not.
    fn before(&mut self, glyph: &Glyph, tolerance: f32) -> bool {
        let reach = (glyph.em * tolerance).max(0.5);
        let centre = glyph.rect.center();
        // Four pixels is below the width of readable characters, so a cell holds one printing.
        let cell = |value: f32| (value / 4.0).floor() as i32;
        let (from_x, to_x) = (cell(centre.x - reach), cell(centre.x + reach));
        let (from_y, to_y) = (cell(centre.y - reach), cell(centre.y + reach));
        let near = |at: Option<&(f32, f32)>| {
            at.is_some_and(|at| (at.0 - centre.x).abs() <= reach && (at.1 - centre.y).abs() <= reach)
        };
        // A letter so large that its tolerance spans many cells is not body text printed twice.
        let small = (to_x - from_x) < 8 && (to_y - from_y) < 8;
        let twice = small
            && glyph.rect.area() > 0.0
            && (from_x..=to_x).any(|x| (from_y..=to_y).any(|y| near(self.0.get(&(glyph.char, x, y)))));
        if !twice {
            self.0.insert((glyph.char, cell(centre.x), cell(centre.y)), (centre.x, centre.y));
        }
        twice
    }
}

/// Joins `glyph` with the accent or letter before it, when the two are one character drawn in two parts.
fn composed(out: &mut [Glyph], glyph: &Glyph) -> bool {
    let Some(last) = out.last_mut() else { return false };
    if is_combining_mark(glyph.char) {
        // A combining mark follows its letter in Unicode, wherever it is drawn.
        return compose(last.char, glyph.char).map(|whole| last.char = whole).is_some();
    }
    let overlap = last.along.1.min(glyph.along.1) - last.along.0.max(glyph.along.0);
    let narrower = (last.along.1 - last.along.0).min(glyph.along.1 - glyph.along.0);
    let stacked = overlap > 0.5 * narrower
        && narrower > 0.0
        && last.angle == glyph.angle
        && (last.middle() - glyph.middle()).abs() < glyph.em;
    let accent_first = combining(last.char).and_then(|mark| compose(undotted(glyph.char), mark));
    let letter_first = combining(glyph.char).and_then(|mark| compose(undotted(last.char), mark));
    match (stacked, accent_first.or(letter_first)) {
        (true, Some(whole)) => {
            let rect = last.rect.union(&glyph.rect);
            let along = (last.along.0.min(glyph.along.0), last.along.1.max(glyph.along.1));
            let across = (last.across.0.min(glyph.across.0), last.across.1.max(glyph.across.1));
            *last = Glyph { char: whole, rect, along, across, ..*glyph };
            true
        }
        _ => false,
    }
}

/// TeX sets accents over `ı` and `ȷ`.
fn undotted(char: char) -> char {
    match char {
        'ı' => 'i',
        'ȷ' => 'j',
        other => other,
    }
}

/// The combining mark that looks like a free-standing accent.
fn combining(accent: char) -> Option<char> {
    Some(match accent {
        '`' => '\u{300}',
        '´' => '\u{301}',
        '^' | 'ˆ' => '\u{302}',
        '~' | '˜' => '\u{303}',
        '¯' | 'ˉ' => '\u{304}',
        '˘' => '\u{306}',
        '˙' => '\u{307}',
        '¨' => '\u{308}',
        '˚' => '\u{30a}',
        '˝' => '\u{30b}',
        'ˇ' => '\u{30c}',
        '¸' => '\u{327}',
        '˛' => '\u{328}',
        _ => return None,
    })
}

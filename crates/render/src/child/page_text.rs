//! Characters and fonts of a page.
//!
//! The box of a character is pdfium's *loose* one: along the text from origin to origin, across it from
//! descender to ascender, scaled to the font size. So the boxes of a line share top and bottom whatever
//! letters it has, touch inside a word, and leave a gap only where there is a space.

use std::{collections::HashMap, ffi::c_int};

use quire_proto::{
    Rect,
    page_text::{Font, PageText, TextChar},
};

use super::{
    pdfium::{self, Object, Page, TextLayer},
    transform::Affine,
};

/// Characters of one page; more are cut off.
const MAX_CHARS: c_int = 200_000;

/// Fonts of one page; more share the last one.
const MAX_FONTS: usize = 2_000;

/// Adds the characters and fonts of `page`, placed by `map`.
pub(super) fn describe(page: &Page<'_>, map: &Affine, text: &mut PageText) {
    let Some(layer) = page.text() else { return };
    let length = layer.len();
    text.truncated |= length > MAX_CHARS;
    let mut styles = Styles { layer: &layer, map, by_object: HashMap::new(), by_font: HashMap::new() };
    let mut last = Style::default();
    let mut high_surrogate = None;
    for index in 0..length.min(MAX_CHARS) {
        let generated = layer.is_generated(index);
        // Generated characters have no object: they look like what they follow.
        let style = match layer.object(index) {
            Some(object) => styles.of(&object, index, &mut text.fonts),
            None => last,
        };
        last = style;
        let hyphen = layer.is_hyphen(index);
        let Some(unicode) = scalar(layer.unicode(index), hyphen, generated, &mut high_surrogate) else {
            continue;
        };
        let unmapped = !generated && layer.is_unmapped(index);
        let rect = rect(&layer, index, map);
        let Style { font, size, angle, invisible } = style;
        text.chars.push(TextChar {
            unicode,
            rect,
            font,
            size,
            angle,
            generated,
            hyphen,
            unmapped,
            invisible,
        });
    }
    if text.fonts.is_empty() && !text.chars.is_empty() {
        text.fonts.push(Font::default());
    }
}

/// The character for what pdfium says; `None` for the first half of a pair, and for the carriage returns that it
/// puts before its line feeds.
fn scalar(unit: u32, hyphen: bool, generated: bool, high_surrogate: &mut Option<u32>) -> Option<char> {
    let high = high_surrogate.take();
    match unit {
        // pdfium's mark for a hyphen at a line end.
        _ if hyphen => Some('-'),
        0x0d if generated => None,
        0xd800..0xdc00 => {
            *high_surrogate = Some(unit);
            None
        }
        0xdc00..0xe000 => {
            let pair = high.map(|high| 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
            Some(pair.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER))
        }
        0 => Some(char::REPLACEMENT_CHARACTER),
        _ => Some(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
    }
}

/// The loose box; the tight one where a font's metrics make the loose one useless.
fn rect(layer: &TextLayer<'_>, index: c_int, map: &Affine) -> Rect {
    let usable = |edges: &[f64; 4]| {
        edges.iter().all(|edge| edge.is_finite()) && edges[2] > edges[0] && edges[3] > edges[1]
    };
    let edges = layer.loose_box(index).filter(usable).or_else(|| layer.tight_box(index)).unwrap_or_default();
    let rect = map.apply_box(edges);
    let finite = [rect.x0, rect.y0, rect.x1, rect.y1].iter().all(|edge| edge.is_finite());
    if finite { rect } else { Rect::default() }
}

/// What all characters of a text object share.
#[derive(Clone, Copy, Default)]
struct Style {
    font: u16,
    size: f32,
    angle: f32,
    invisible: bool,
}

/// Styles found so far: asked for once for each text object, not for each character.
struct Styles<'a> {
    layer: &'a TextLayer<'a>,
    map: &'a Affine,
    by_object: HashMap<usize, Style>,
    by_font: HashMap<usize, u16>,
}

impl Styles<'_> {
    fn of(&mut self, object: &Object<'_>, index: c_int, fonts: &mut Vec<Font>) -> Style {
        if let Some(style) = self.by_object.get(&object.id()) {
            return *style;
        }
        let matrix = self.layer.matrix(index).unwrap_or(Affine::IDENTITY);
        let size = self.layer.font_size(index).abs() * matrix.c.hypot(matrix.d);
        let (dx, dy) = self.map.direction(matrix.a, matrix.b);
        // The image's y axis points down, so this counts clockwise.
        let angle = dy.atan2(dx).to_degrees().rem_euclid(360.0);
        let finite = |number: f64| if number.is_finite() { number as f32 } else { 0.0 };
        let style = Style {
            font: self.font(object, fonts),
            size: finite(size),
            angle: finite(angle),
            invisible: object.is_invisible_text(),
        };
        self.by_object.insert(object.id(), style);
        style
    }

    fn font(&mut self, object: &Object<'_>, fonts: &mut Vec<Font>) -> u16 {
        let font = object.font();
        let id = font.as_ref().map_or(0, pdfium::Font::id);
        let by_font = &mut self.by_font;
        *by_font.entry(id).or_insert_with(|| {
            if fonts.len() < MAX_FONTS {
                fonts.push(font.map(|font| describe_font(&font)).unwrap_or_default());
            }
            fonts.len() as u16 - 1
        })
    }
}

// Flags of a font descriptor.
const FIXED_PITCH: u32 = 1;
const ITALIC: u32 = 1 << 6;
const FORCE_BOLD: u32 = 1 << 18;

fn describe_font(font: &pdfium::Font<'_>) -> Font {
    let name = font.name();
    // "ABCDEF+Name" is a subset of "Name".
    let name = match name.split_once('+') {
        Some((prefix, rest)) if prefix.len() == 6 => rest.to_owned(),
        _ => name,
    };
    let lower = name.to_lowercase();
    let flags = font.flags();
    Font {
        weight: weight(&lower, flags, font.weight()),
        italic: flags & ITALIC != 0
            || font.slant() != 0
            || contains_any(&lower, &["italic", "oblique", "slanted"]),
        monospace: flags & FIXED_PITCH != 0
            || contains_any(&lower, &["mono", "courier", "typewriter", "cmtt", "sftt", "consol"]),
        name,
    }
}

/// The weight: by the name if it says so, for many producers write any stem width.
fn weight(lower_name: &str, flags: u32, guessed: u16) -> u16 {
    const BOLD: [&str; 9] = ["bold", "black", "heavy", "demi", "-medi", "cmbx", "cmssbx", "sfbx", "sfbt"];
    let says_bold = contains_any(lower_name, &BOLD) || flags & FORCE_BOLD != 0;
    match guessed.min(1000) {
        guessed if says_bold => guessed.max(700),
        guessed if contains_any(lower_name, &["regular", "light", "roman", "book"]) => guessed.min(400),
        guessed => guessed,
    }
}

fn contains_any(text: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| text.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_surrogates_are_one_character() {
        let mut high = None;

        assert_eq!(scalar(0xd83d, false, false, &mut high), None);
        assert_eq!(scalar(0xde00, false, false, &mut high), Some('\u{1f600}'));
        assert_eq!(scalar(0xde00, false, false, &mut high), Some('\u{fffd}'));
        assert_eq!(scalar(0, false, false, &mut high), Some('\u{fffd}'));
    }

    #[test]
    fn a_bold_name_outweighs_the_stems() {
        assert_eq!(weight("nimbusromno9l-medi", 0, 0), 700);
        assert_eq!(weight("cmbx10", 0, 570), 700);
        assert_eq!(weight("cmr10", 0, 345), 345);
        assert_eq!(weight("liberationserif-regular", 0, 700), 400);
    }
}

//! From the glyphs of one line to its words, text and style.

use std::collections::HashMap;

use quire_proto::{
    Rect,
    page_text::{Font, PageText},
    record::{FontStyle, Line, Word},
};
use unicode_normalization::UnicodeNormalization;

use super::{
    LineParams,
    glyph::Glyph,
    marks::{self, Part},
    run::Run,
};

/// Spaces that one gap of a monospaced line may become.
const MAX_SPACES: usize = 40;

/// A glyph whose box is this many times as high as its font is not trusted to be so high.
const TALL: f32 = 1.8;

/// The line of one run; `None` when nothing in it is visible.
pub(super) fn line(run: &Run, glyphs: &[Glyph], text: &PageText, params: &LineParams) -> Option<Line> {
    let visible: Vec<&Glyph> = run.glyphs.iter().map(|&i| &glyphs[i]).filter(|g| !g.is_space()).collect();
    let style = style(&visible, text);
    let pieces = marks::parted(split(run, glyphs, params));
    let usual = usual_extent(&visible);
    let words: Vec<Word> = pieces.iter().filter_map(|piece| word(piece, usual)).collect();
    let rect = Rect::around(words.iter().map(|word| &word.rect))?;
    let text = joined(&pieces, style.monospace);
    Some(Line { text, rect, confidence: None, words, font: Some(style) })
}

/// The visible glyphs of each word.
fn split<'a>(run: &Run, glyphs: &'a [Glyph], params: &LineParams) -> Vec<Vec<&'a Glyph>> {
    let letter_gap = letter_gap(run, glyphs);
    let mut words: Vec<Vec<&Glyph>> = Vec::new();
    let mut spaced = true;
    for glyph in run.glyphs.iter().map(|&index| &glyphs[index]) {
        if glyph.is_space() {
            spaced = true;
            continue;
        }
        let before = words.last().and_then(|word| word.last().copied());
        let begins = match before {
            None => true,
            Some(before) if wide(before) && wide(glyph) => gap(before, glyph) > before.em.max(glyph.em) * 0.6,
            Some(before) => {
                spaced || gap(before, glyph) > letter_gap + params.word_gap * before.em.max(glyph.em)
            }
        };
        match words.last_mut() {
            Some(word) if !begins => word.push(glyph),
            _ => words.push(vec![glyph]),
        }
        spaced = false;
    }
    words
}

fn gap(before: &Glyph, after: &Glyph) -> f32 {
    if before.rtl || after.rtl { 0.0 } else { after.along.0 - before.along.1 }
}

/// The usual distance of letters: above nothing only where a line is spaced out.
fn letter_gap(run: &Run, glyphs: &[Glyph]) -> f32 {
    let mut gaps: Vec<f32> = run
        .glyphs
        .windows(2)
        .map(|pair| (&glyphs[pair[0]], &glyphs[pair[1]]))
        .filter(|(a, b)| !a.is_space() && !b.is_space())
        .map(|(a, b)| gap(a, b))
        .collect();
    gaps.sort_unstable_by(f32::total_cmp);
    gaps.get(gaps.len() / 2).copied().filter(|_| gaps.len() >= 4).unwrap_or(0.0).max(0.0)
}

/// Chinese, Japanese and full-width characters, which are written without spaces.
fn wide(glyph: &Glyph) -> bool {
    matches!(glyph.char,
        '\u{2e80}'..='\u{312f}' | '\u{31a0}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

fn word(part: &Part<'_>, usual: (f32, f32)) -> Option<Word> {
    let text = spelled(&part.glyphs);
    let boxes: Vec<Rect> = part.glyphs.iter().map(|glyph| levelled(glyph, usual)).collect();
    let rect = Rect::around(&boxes)?;
    (!text.is_empty()).then_some(Word { text, rect, raised: part.raised, ..Word::default() })
}

/// Medians of where the glyphs of a line begin and end in height.
fn usual_extent(glyphs: &[&Glyph]) -> (f32, f32) {
    let median = |edge: fn(&Glyph) -> f32| {
        let mut edges: Vec<f32> = glyphs.iter().map(|glyph| edge(glyph)).collect();
        let middle = edges.len() / 2;
        if edges.is_empty() { 0.0 } else { *edges.select_nth_unstable_by(middle, f32::total_cmp).1 }
    };
    (median(|glyph| glyph.across.0), median(|glyph| glyph.across.1))
}

/// The box of a glyph. Fonts of symbols may claim several lines for a bullet: it gets the height of its neighbours.
fn levelled(glyph: &Glyph, (top, bottom): (f32, f32)) -> Rect {
    let Rect { y0, y1, .. } = glyph.rect;
    if glyph.angle != 0 || y1 - y0 <= TALL * glyph.em || bottom <= top {
        return glyph.rect;
    }
    Rect { y0: y0.max(top).min(bottom), y1: y1.min(bottom).max(top), ..glyph.rect }
}

/// The characters in NFC, ligatures and the forms of Arabic letters written out.
fn spelled(glyphs: &[&Glyph]) -> String {
    let mut raw = String::with_capacity(glyphs.len());
    for glyph in glyphs {
        match ligature(glyph.char) {
            Some(letters) => raw.push_str(letters),
            None if is_presentation_form(glyph.char) => raw.extend(std::iter::once(glyph.char).nfkc()),
            None => raw.push(glyph.char),
        }
    }
    raw.nfc().filter(|char| !char.is_whitespace()).collect()
}

/// Hebrew and Arabic letters as they look in their place in a word; two of the forms are whole sentences.
fn is_presentation_form(char: char) -> bool {
    matches!(char, '\u{fb1d}'..='\u{fdf9}' | '\u{fe70}'..='\u{fefc}')
}

fn ligature(char: char) -> Option<&'static str> {
    Some(match char {
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' => "ſt",
        'ﬆ' => "st",
        _ => return None,
    })
}

/// The words with one space between them; monospaced lines keep their columns.
fn joined(pieces: &[Part<'_>], monospace: bool) -> String {
    let mut out = String::new();
    let mut before: Option<&Glyph> = None;
    for Part { glyphs, begins, .. } in pieces {
        let (Some(first), Some(last)) = (glyphs.first(), glyphs.last()) else { continue };
        let text = spelled(glyphs);
        if text.is_empty() {
            continue;
        }
        if let Some(before) = before.filter(|_| *begins) {
            let spaces = if monospace { columns(before, first) } else { 1 };
            out.extend(std::iter::repeat_n(' ', spaces));
        }
        out.push_str(&text);
        before = Some(last);
    }
    out
}

/// How many characters of a monospaced font fit between two glyphs.
fn columns(before: &Glyph, after: &Glyph) -> usize {
    let advance = (after.em * 0.6).max(1.0);
    let count = (gap(before, after) / advance).round();
    if count.is_finite() { (count as usize).clamp(1, MAX_SPACES) } else { 1 }
}

/// How most of the glyphs are set.
fn style(glyphs: &[&Glyph], text: &PageText) -> FontStyle {
    let mut sizes: HashMap<i32, usize> = HashMap::new();
    let mut fonts: HashMap<u16, usize> = HashMap::new();
    for glyph in glyphs {
        *sizes.entry((glyph.size_pt * 10.0).round() as i32).or_default() += 1;
        *fonts.entry(glyph.font).or_default() += 1;
    }
    let size_pt =
        sizes.iter().max_by_key(|&(&size, &n)| (n, size)).map_or(0.0, |(&size, _)| size as f32 / 10.0);
    let share = |test: fn(&Font) -> bool| {
        let of_kind = |font: u16| text.fonts.get(usize::from(font)).is_some_and(test);
        2 * fonts.iter().filter(|&(&font, _)| of_kind(font)).map(|(_, n)| n).sum::<usize>() > glyphs.len()
    };
    FontStyle { size_pt, bold: share(is_bold), italic: share(is_italic), monospace: share(is_monospace) }
}

fn names(font: &Font, marks: &[&str]) -> bool {
    let name = font.name.to_lowercase();
    marks.iter().any(|mark| name.contains(mark))
}

fn is_bold(font: &Font) -> bool {
    font.weight >= 600 || names(font, &["bold", "black", "heavy", "medi", "cmbx"])
}

fn is_italic(font: &Font) -> bool {
    font.italic || names(font, &["italic", "oblique", "ital", "cmti", "slant"])
}

fn is_monospace(font: &Font) -> bool {
    font.monospace
        || names(
            font,
            &[
                "courier",
                "mono",
                "consol",
                "typewriter",
                "menlo",
                "cmtt",
                "cmsltt",
                "sftt",
                "ectt",
                "nimbusmon",
            ],
        )
}

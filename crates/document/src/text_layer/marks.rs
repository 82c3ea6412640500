//! Marks of notes: small figures, letters and signs above the line, behind a word or before a note.
//!
//! They touch the word they stand at, so that white space does not part the two; what does is how they are set.

use super::glyph::Glyph;

/// A mark is at most this large, in relation to the line …
const SMALL: f32 = 0.85;

/// … and its middle at least this much of the line's em above that of the line.
const RAISED: f32 = 0.1;

/// Most figures or signs of a mark.
const LONGEST: usize = 3;

/// Part of a word.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    /// Its visible glyphs, at least one.
    pub(super) glyphs: Vec<&'a Glyph>,
    /// Whether it is the mark of a note.
    pub(super) raised: bool,
    /// Whether it begins a word; otherwise it touches the part before it.
    pub(super) begins: bool,
}

/// Cuts the marks of notes off the words of one line.
pub(super) fn parted<'a>(words: Vec<Vec<&'a Glyph>>) -> Vec<Part<'a>> {
    let Some(line) = Level::of(&words) else {
        return words.into_iter().map(|glyphs| Part { glyphs, raised: false, begins: true }).collect();
    };
    words.into_iter().flat_map(|word| parts(word, &line)).collect()
}

/// Size and height of most of a line.
struct Level {
    em: f32,
    middle: f32,
}

impl Level {
    fn of(words: &[Vec<&Glyph>]) -> Option<Self> {
        let mut ems: Vec<f32> = words.iter().flatten().map(|glyph| glyph.em).collect();
        ems.sort_unstable_by(f32::total_cmp);
        let em = *ems.get(ems.len() / 2)?;
        let usual = words.iter().flatten().filter(|glyph| glyph.em > em * SMALL);
        let mut middles: Vec<f32> = usual.map(|glyph| glyph.middle()).collect();
        middles.sort_unstable_by(f32::total_cmp);
        let middle = *middles.get(middles.len() / 2)?;
        Some(Self { em, middle })
    }

    fn is_below(&self, glyph: &Glyph) -> bool {
        glyph.em <= self.em * SMALL && self.middle - glyph.middle() >= self.em * RAISED
    }
}

fn parts<'a>(word: Vec<&'a Glyph>, line: &Level) -> Vec<Part<'a>> {
    let Some((from, to)) = mark(&word, line) else {
        return vec![Part { glyphs: word, raised: false, begins: true }];
    };
    let ranges = [(0, from, false), (from, to, true), (to, word.len(), false)];
    ranges
        .into_iter()
        .filter(|(from, to, _)| from < to)
        .map(|(from, to, raised)| Part { glyphs: word[from..to].to_vec(), raised, begins: from == 0 })
        .collect()
}

/// Where the mark of a note stands in `word`: at its beginning, or at its end but for punctuation.
fn mark(word: &[&Glyph], line: &Level) -> Option<(usize, usize)> {
    let raised: Vec<bool> = word.iter().map(|glyph| line.is_below(glyph)).collect();
    let from = raised.iter().position(|raised| *raised)?;
    let to = from + raised[from..].iter().take_while(|raised| **raised).count();
    let last = word.get(from.checked_sub(1).unwrap_or(usize::MAX)).map(|glyph| glyph.char);
    // A figure above a figure is a power, and a letter behind one an ordinal.
    let year = from >= 4 && word[..from].iter().all(|glyph| glyph.char.is_ascii_digit());
    let after_word = last.is_none_or(|last| !last.is_numeric() || year);
    let rest = &word[to..];
    let ends = from == 0 || rest.iter().all(|glyph| !glyph.char.is_alphanumeric());
    let only = |test: fn(char) -> bool| word[from..to].iter().all(|glyph| test(glyph.char));
    let figures = only(char::is_numeric) || only(|c| "*†‡§¶‖".contains(c));
    let letter = to - from == 1 && only(|c| c.is_ascii_lowercase());
    let counts = to - from <= LONGEST && figures || letter;
    (after_word && ends && counts).then_some((from, to))
}

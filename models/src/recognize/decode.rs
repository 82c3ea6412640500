//! The best class per column into text, with the boxes of its words.
//!
//! A character's column is known to eight pixels only; the edges of words are taken from the gaps in the ink
//! between the columns of their characters.

use super::{
    Alphabet, COLUMN_WIDTH, CtcPath, LineImage,
    spaces::{self, SpaceParams},
};

/// A line that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecognizedLine {
    /// Its text, words separated by single spaces.
    pub text: String,
    /// Mean confidence of its characters, 0 to 1; 0 when there are none.
    pub confidence: f32,
    /// Its words from left to right; joined they are the text without its spaces.
    pub words: Vec<RecognizedWord>,
}

/// A word of a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecognizedWord {
    /// Its text.
    pub text: String,
    /// Where it begins, as a share of the line's width, 0 to 1.
    pub start: f32,
    /// Where it ends, as a share of the line's width, 0 to 1.
    pub end: f32,
    /// Mean confidence of its characters, 0 to 1.
    pub confidence: f32,
}

/// A character and where the network saw it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Character<'a> {
    pub(super) symbol: &'a str,
    /// Middle of its columns, in pixels of the line.
    pub(super) center: f32,
    pub(super) confidence: f32,
    /// A space stands before it.
    pub(super) after_space: bool,
}

/// Reads `path`, the network's answer for `line`.
pub fn decode(path: &CtcPath, alphabet: &Alphabet, line: &LineImage, params: &SpaceParams) -> RecognizedLine {
    let mut characters = collapse(path, alphabet, line.width() as f32);
    let ink = line.ink_columns();
    spaces::insert(&mut characters, &ink, params);
    let groups: Vec<&[Character]> = characters.chunk_by(|_, next| !next.after_space).collect();
    let edges = edges(&groups, &ink);
    let width = ink.len().max(1) as f32;
    let words: Vec<_> = groups.iter().zip(edges).map(|(group, edge)| word(group, edge, width)).collect();
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    RecognizedLine { text: texts.join(" "), confidence: mean_confidence(&characters), words }
}

/// Drops blanks and repetitions; spaces become a mark on the character behind them.
fn collapse<'a>(path: &CtcPath, alphabet: &'a Alphabet, width: f32) -> Vec<Character<'a>> {
    let mut characters: Vec<Character> = Vec::new();
    let mut after_space = false;
    let columns: Vec<(u32, f32)> =
        path.classes.iter().copied().zip(path.probabilities.iter().copied()).collect();
    let mut first = 0;
    for run in columns.chunk_by(|a, b| a.0 == b.0) {
        let center = ((first as f32 + run.len() as f32 / 2.0) * COLUMN_WIDTH as f32).min(width);
        first += run.len();
        let (class, confidence) = run[0];
        let symbol = alphabet.symbol(class);
        if symbol.is_empty() {
            continue;
        }
        if symbol.trim().is_empty() {
            after_space = true;
            continue;
        }
        let confidence = if confidence.is_finite() { confidence.clamp(0.0, 1.0) } else { 0.0 };
        characters.push(Character { symbol, center, confidence, after_space });
        after_space = false;
    }
    if let Some(character) = characters.first_mut() {
        character.after_space = false;
    }
    characters
}

/// Begin and end of every word in pixels, increasing.
fn edges(groups: &[&[Character]], ink: &[bool]) -> Vec<(f32, f32)> {
    let width = ink.len() as f32;
    let first_ink = ink.iter().position(|&column| column).unwrap_or(0) as f32;
    let last_ink = ink.iter().rposition(|&column| column).map_or(width, |x| x as f32 + 1.0);
    let mut start = groups.first().and_then(|group| group.first()).map_or(0.0, |c| first_ink.min(c.center));
    let mut edges = Vec::with_capacity(groups.len());
    for pair in groups.windows(2) {
        let (Some(left), Some(right)) = (pair[0].last(), pair[1].first()) else { continue };
        let gap = spaces::widest_gap(ink, left.center, right.center);
        edges.push((start, gap.0));
        start = gap.1;
    }
    if let Some(last) = groups.last().and_then(|group| group.last()) {
        edges.push((start, last_ink.max(last.center).max(start)));
    }
    edges
}

fn word(group: &[Character], (start, end): (f32, f32), width: f32) -> RecognizedWord {
    RecognizedWord {
        text: group.iter().map(|character| character.symbol).collect(),
        start: (start / width).clamp(0.0, 1.0),
        end: (end / width).clamp(0.0, 1.0),
        confidence: mean_confidence(group),
    }
}

fn mean_confidence(characters: &[Character]) -> f32 {
    let sum: f32 = characters.iter().map(|character| character.confidence).sum();
    if characters.is_empty() { 0.0 } else { sum / characters.len() as f32 }
}

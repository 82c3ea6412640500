//! Spaces that the network did not write.
//!
//! The network was trained mostly on Chinese: it joins Latin words now and then, and never writes the gap between
//! Latin and Chinese. The ink knows: a gap clearly wider than the gaps between the letters of the same line is a
//! space. Between two Chinese characters there never is one.

use super::decode::Character;

/// When a gap in the ink between two characters is a space. Pixels are those of a line 48 high at natural width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpaceParams {
    /// Narrower gaps between letters are never spaces, in pixels. Default 10.
    pub min_gap: f32,
    /// In a line without written spaces, a space is this many times wider than the usual gap between letters.
    /// Default 3.
    pub over_letter_gap: f32,
    /// In a line with spaces written by the network, a space is at least this share of the way from the usual
    /// gap between letters to the usual written space. Default 0.6.
    pub towards_written: f32,
    /// Beside punctuation, which stands loosely in fonts of one width, a space must be this many times wider.
    /// Default 1.5.
    pub beside_punctuation: f32,
    /// Gaps between a Chinese, Japanese or other unspaced letter and one of a spaced script are spaces from this
    /// many pixels on. Default 9.
    pub mixed_gap: f32,
}

impl Default for SpaceParams {
    fn default() -> Self {
        Self {
            min_gap: 10.0,
            over_letter_gap: 3.0,
            towards_written: 0.6,
            beside_punctuation: 1.5,
            mixed_gap: 9.0,
        }
    }
}

impl SpaceParams {
    /// The same gaps in lines whose width is `squeeze` times their natural width.
    #[must_use]
    pub(super) fn squeezed(&self, squeeze: f32) -> Self {
        Self { min_gap: self.min_gap * squeeze, mixed_gap: self.mixed_gap * squeeze, ..*self }
    }
}

/// Marks the characters that stand behind an unwritten space.
pub(super) fn insert(characters: &mut [Character], ink: &[bool], params: &SpaceParams) {
    let gaps: Vec<f32> = characters
        .windows(2)
        .map(|pair| {
            let (from, to) = widest_gap(ink, pair[0].center, pair[1].center);
            to - from
        })
        .collect();
    let Some(letter_space) = letter_space(characters, &gaps, params) else { return };
    for (index, gap) in gaps.into_iter().enumerate() {
        let (left, right) = (characters[index].symbol, characters[index + 1].symbol);
        let least = least_gap(left, right, letter_space, params);
        characters[index + 1].after_space |= least.is_some_and(|least| gap >= least);
    }
}

/// Whether a gap in the ink between two characters is a space, without a line of others to compare it with.
pub(super) fn are_apart(left: char, right: char, gap: f32, params: &SpaceParams) -> bool {
    let mut buffers = [[0; 4]; 2];
    let [first, second] = &mut buffers;
    least_gap(left.encode_utf8(first), right.encode_utf8(second), params.min_gap, params)
        .is_some_and(|least| gap >= least)
}

/// From which gap on two characters are apart, when letters are from `letters` on; none for what is never apart.
fn least_gap(left: &str, right: &str, letters: f32, params: &SpaceParams) -> Option<f32> {
    match boundary(left, right) {
        Boundary::Letters => Some(letters),
        Boundary::Punctuation => Some(letters * params.beside_punctuation),
        Boundary::Mixed => Some(params.mixed_gap),
        Boundary::Unspaced => None,
    }
}

/// From which gap on letters of this line are apart.
fn letter_space(characters: &[Character], gaps: &[f32], params: &SpaceParams) -> Option<f32> {
    let median_of = |spaces: bool| {
        let chosen =
            gaps.iter().zip(characters.iter().skip(1)).filter(|(_, right)| right.after_space == spaces);
        median(chosen.map(|(gap, _)| *gap).collect())
    };
    let letter = median_of(false)?;
    let space = match median_of(true) {
        Some(written) => letter + (written - letter).max(0.0) * params.towards_written,
        None => letter * params.over_letter_gap,
    };
    Some(space.max(params.min_gap))
}

fn median(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

/// What meets between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Boundary {
    /// Two letters or digits of scripts with spaces.
    Letters,
    /// The same, but one is punctuation that clings to its neighbour.
    Punctuation,
    /// A letter of a script without spaces and one of a script with spaces.
    Mixed,
    /// Nothing that spaces are put between.
    Unspaced,
}

fn boundary(left: &str, right: &str) -> Boundary {
    match (is_spaced(left), is_spaced(right)) {
        (true, true) if clings_right(left) || clings_left(right) => Boundary::Punctuation,
        (true, true) => Boundary::Letters,
        (false, true) if is_letter(left) => Boundary::Mixed,
        (true, false) if is_letter(right) => Boundary::Mixed,
        _ => Boundary::Unspaced,
    }
}

fn clings_left(symbol: &str) -> bool {
    matches!(symbol, "." | "," | ";" | ":" | ")" | "_" | "-" | "/" | "'" | "\u{2019}")
}

fn clings_right(symbol: &str) -> bool {
    matches!(symbol, "." | "(" | "_" | "-" | "/" | "'" | "\u{2019}")
}

fn is_letter(symbol: &str) -> bool {
    symbol.chars().all(char::is_alphabetic)
}

/// Whether words of this character's script are separated by spaces: all but Han, kana and their punctuation.
fn is_spaced(symbol: &str) -> bool {
    let unspaced = |c: char| {
        matches!(u32::from(c),
            0x2e80..=0x9fff | 0xf900..=0xfaff | 0xfe30..=0xfe4f | 0xff00..=0xffef | 0x20000..)
    };
    !symbol.chars().any(unspaced)
}

/// The widest stretch without ink between two columns; where there is none, the middle, without width.
pub(super) fn widest_gap(ink: &[bool], from: f32, to: f32) -> (f32, f32) {
    let start = (from.max(0.0) as usize).min(ink.len());
    let end = (to.max(0.0) as usize).clamp(start, ink.len());
    let mut best: Option<(usize, usize)> = None;
    let mut at = start;
    for stretch in ink[start..end].chunk_by(|a, b| a == b) {
        let next = at + stretch.len();
        let wider = best.is_none_or(|(left, right)| stretch.len() > right - left);
        if !stretch[0] && wider {
            best = Some((at, next));
        }
        at = next;
    }
    let middle = (start + end) as f32 / 2.0;
    best.map_or((middle, middle), |(left, right)| (left as f32, right as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ink(picture: &str) -> Vec<bool> {
        picture.bytes().map(|byte| byte == b'#').collect()
    }

    #[test]
    fn the_widest_gap_between_two_columns_is_found() {
        let ink = ink("##..##....##");

        assert_eq!(widest_gap(&ink, 0.0, 12.0), (6.0, 10.0));
        assert_eq!(widest_gap(&ink, 0.0, 5.0), (2.0, 4.0));
        assert_eq!(widest_gap(&ink, 4.0, 6.0), (5.0, 5.0), "no gap: the middle");
        assert_eq!(widest_gap(&ink, 50.0, -3.0), (12.0, 12.0), "columns that are not there");
    }

    #[test]
    fn scripts_without_spaces_are_known() {
        assert!(["a", "é", "7", ".", "я", "α"].into_iter().all(is_spaced));
        assert!(!["中", "の", "。", "，", "𠀀"].into_iter().any(is_spaced));
    }

    #[test]
    fn only_letters_of_two_scripts_are_a_mixed_boundary() {
        assert_eq!(boundary("中", "a"), Boundary::Mixed);
        assert_eq!(boundary("7", "中"), Boundary::Mixed);
        assert_eq!(boundary("。", "a"), Boundary::Unspaced);
        assert_eq!(boundary("中", "文"), Boundary::Unspaced);
        assert_eq!(boundary("a", "."), Boundary::Punctuation);
        assert_eq!(boundary("é", "b"), Boundary::Letters);
    }
}

//! Spaces that the network did not write.
//!
//! The network was trained mostly on Chinese and often joins Latin words. The ink knows better: a gap that is
//! clearly wider than the gaps between the letters of the same line is a space.

use super::decode::Character;

/// When a gap in the ink between two characters is a space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpaceParams {
    /// Narrower gaps are never spaces, in pixels of the line (48 high). Default 7.
    pub min_gap: f32,
    /// A space is this many times wider than the line's usual gap between letters. Default 2.5.
    pub over_letter_gap: f32,
    /// With spaces written by the network in the same line, this share of the way from the usual letter gap
    /// to the usual written space is a space. Default 0.6.
    pub towards_written: f32,
}

impl Default for SpaceParams {
    fn default() -> Self {
        Self { min_gap: 7.0, over_letter_gap: 2.5, towards_written: 0.6 }
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
    let Some(threshold) = threshold(characters, &gaps, params) else { return };
    for (index, gap) in gaps.into_iter().enumerate() {
        let between_words = is_spaced(characters[index].symbol) && is_spaced(characters[index + 1].symbol);
        if between_words && gap >= threshold {
            characters[index + 1].after_space = true;
        }
    }
}

fn threshold(characters: &[Character], gaps: &[f32], params: &SpaceParams) -> Option<f32> {
    let of = |spaces: bool| {
        let chosen = gaps.iter().zip(&characters[1..]).filter(move |(_, right)| right.after_space == spaces);
        median(chosen.map(|(gap, _)| *gap).collect())
    };
    let letter = if characters.len() > 1 { of(false) } else { None }?;
    let threshold = match of(true) {
        Some(written) => letter + (written - letter).max(0.0) * params.towards_written,
        None => letter * params.over_letter_gap,
    };
    Some(threshold.max(params.min_gap))
}

fn median(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Whether words of this character's script are separated by spaces.
fn is_spaced(symbol: &str) -> bool {
    symbol.chars().all(|c| !matches!(u32::from(c), 0x2e80..=0x9fff | 0xf900..=0xfaff | 0xfe30..=0xfe4f | 0xff00..=0xffef | 0x20000..))
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
}

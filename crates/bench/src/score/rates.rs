//! Error rates and similarities of two texts.
//!
//! Distances are bit-parallel and banded by a first guess, so that two texts of 640,000 characters
//! are compared in seconds.

use std::collections::HashMap;

use rapidfuzz::distance::{indel, lcs_seq, levenshtein};
use serde::{Deserialize, Serialize};

use super::text;

/// Error rates of a text against the truth; 0 is perfect, and more than 1 is possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Character error rate: edits over the characters of the truth.
    pub cer: f64,
    /// The same after joining words broken at line ends.
    pub cer_dehyphenated: f64,
    /// Word error rate.
    pub wer: f64,
}

/// Compares a text with the truth, as `score.py` does. `None` when the truth is empty.
pub fn rates(truth: &str, text: &str) -> Option<Rates> {
    let (expected, actual) = (text::normalise(truth), text::normalise(text));
    if expected.is_empty() {
        return None;
    }
    let joined = [truth, text].map(|text| text::normalise(&text::join_hyphenated(text)));
    Some(Rates {
        cer: character_error_rate(&expected, &actual),
        cer_dehyphenated: character_error_rate(&joined[0], &joined[1]),
        wer: word_error_rate(&expected, &actual),
    })
}

/// Share of the characters of two texts that they have in common in the same order, 0 to 1.
pub fn similarity(a: &str, b: &str) -> f64 {
    indel::normalized_similarity(a.chars(), b.chars())
}

/// Share of the characters of `source` that `text` has in the same order, 0 to 1.
pub fn kept(source: &str, text: &str) -> f64 {
    let total = source.chars().count();
    if total == 0 { 1.0 } else { lcs_seq::similarity(source.chars(), text.chars()) as f64 / total as f64 }
}

/// Share of the characters of `source` that `text` has in any order, 0 to 1.
pub fn present(source: &str, text: &str) -> f64 {
    let mut free: HashMap<char, usize> = HashMap::new();
    text.chars().for_each(|c| *free.entry(c).or_default() += 1);
    let total = source.chars().count();
    let found = source.chars().filter(|c| match free.get_mut(c) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    });
    if total == 0 { 1.0 } else { found.count() as f64 / total as f64 }
}

/// Edit distance over the longer length, 0 (equal) to 1.
pub fn normalised_distance(a: &str, b: &str) -> f64 {
    levenshtein::normalized_distance(a.chars(), b.chars())
}

fn character_error_rate(truth: &str, text: &str) -> f64 {
    let length = truth.chars().count();
    edits(truth.chars(), text.chars(), length) as f64 / length.max(1) as f64
}

fn word_error_rate(truth: &str, text: &str) -> f64 {
    let mut numbers = HashMap::new();
    let mut number = |word| {
        let next = numbers.len() as u64;
        *numbers.entry(word).or_insert(next)
    };
    let truth: Vec<u64> = text::words(truth).into_iter().map(&mut number).collect();
    let text: Vec<u64> = text::words(text).into_iter().map(&mut number).collect();
    edits(truth.iter().copied(), text.iter().copied(), truth.len()) as f64 / truth.len().max(1) as f64
}

/// Most texts are within a tenth of the truth: the hint narrows the band, and never changes the answer.
fn edits<T>(
    truth: impl Clone + DoubleEndedIterator<Item = T>,
    text: impl Clone + DoubleEndedIterator<Item = T>,
    length: usize,
) -> usize
where
    T: rapidfuzz::HashableChar + Copy + PartialEq,
{
    let args = levenshtein::Args::default().score_hint(length / 10 + 31);
    levenshtein::distance_with_args(truth, text, &args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_truth_has_no_rate() {
        assert_eq!(rates(" \n", "text"), None);
    }

    #[test]
    fn kept_counts_the_source_and_not_what_was_added() {
        assert_eq!(kept("abcd", "xaxbxcx"), 0.75);
    }

    #[test]
    fn present_counts_each_character_once_and_in_any_order() {
        assert_eq!(present("aabc", "cba"), 0.75);
    }
}

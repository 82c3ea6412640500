//! How a text differs from the truth, word by word: the shortest edit script (Myers, 1986).

/// A word, and which of the two texts has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit<'t> {
    /// Both have it.
    Same(&'t str),
    /// Only the truth has it.
    Missing(&'t str),
    /// Only the text has it.
    Extra(&'t str),
}

/// Beyond as many edits the rest is not compared, as memory grows with their square.
const MOST: usize = 6_000;

/// The words of both texts, in order.
pub fn words<'t>(truth: &[&'t str], text: &[&'t str]) -> Vec<Edit<'t>> {
    let same = truth.iter().zip(text).take_while(|(a, b)| a == b).count();
    let mut edits: Vec<Edit<'t>> = truth[..same].iter().map(|word| Edit::Same(word)).collect();
    let (truth, text) = (&truth[same..], &text[same..]);
    match furthest(truth, text) {
        Some(trace) => edits.extend(back(truth, text, &trace)),
        None => {
            edits.extend(truth.iter().map(|word| Edit::Missing(word)));
            edits.extend(text.iter().map(|word| Edit::Extra(word)));
        }
    }
    edits
}

/// For each number of edits `d`, how far into the truth each diagonal `-d, -d + 2, ..., d` comes.
///
/// A diagonal is the place in the truth minus that in the text.
fn furthest(truth: &[&str], text: &[&str]) -> Option<Vec<Vec<usize>>> {
    let mut trace: Vec<Vec<usize>> = Vec::new();
    for d in 0..=MOST.min(truth.len() + text.len()) {
        let mut reached = Vec::with_capacity(d + 1);
        for at in 0..=d {
            let mut x = trace.last().map_or(0, |last| step(last, at).0);
            let mut y = x + d - 2 * at;
            while x < truth.len() && y < text.len() && truth[x] == text[y] {
                (x, y) = (x + 1, y + 1);
            }
            reached.push(x);
            if x >= truth.len() && y >= text.len() {
                trace.push(reached);
                return Some(trace);
            }
        }
        trace.push(reached);
    }
    None
}

/// Where diagonal `at` begins after one more edit, and whether that edit is a word of the text.
fn step(last: &[usize], at: usize) -> (usize, bool) {
    let extra = at == 0 || (at < last.len() && last[at - 1] < last[at]);
    (if extra { last[at] } else { last[at - 1] + 1 }, extra)
}

/// From the ends of both texts back to their beginnings.
fn back<'t>(truth: &[&'t str], text: &[&'t str], trace: &[Vec<usize>]) -> Vec<Edit<'t>> {
    let (mut x, mut y) = (truth.len(), text.len());
    let mut edits = Vec::new();
    for d in (1..trace.len()).rev() {
        let (begin, extra) = step(&trace[d - 1], (x + d - y) / 2);
        while x > begin {
            (x, y) = (x - 1, y - 1);
            edits.push(Edit::Same(truth[x]));
        }
        if extra {
            y -= 1;
            edits.push(Edit::Extra(text[y]));
        } else {
            x -= 1;
            edits.push(Edit::Missing(truth[x]));
        }
    }
    edits.extend(truth[..x].iter().rev().map(|word| Edit::Same(word)));
    edits.reverse();
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edits<'t>(truth: &'t str, text: &'t str) -> Vec<Edit<'t>> {
        let [truth, text] = [truth, text].map(|text| text.split_whitespace().collect::<Vec<_>>());
        words(&truth, &text)
    }

    fn joined(edits: &[Edit<'_>], keep: impl Fn(&Edit<'_>) -> bool) -> String {
        let words = edits.iter().filter(|edit| keep(edit)).map(|edit| match edit {
            Edit::Same(word) | Edit::Missing(word) | Edit::Extra(word) => *word,
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_word_that_was_read_differently_is_missing_and_extra() {
        use Edit::{Extra, Missing, Same};

        assert_eq!(edits("a b c", "a x c"), [Same("a"), Missing("b"), Extra("x"), Same("c")]);
        assert_eq!(edits("b c", "a b c d"), [Extra("a"), Same("b"), Same("c"), Extra("d")]);
        assert_eq!(edits("", ""), []);
    }

    #[test]
    fn both_texts_can_be_read_off_the_edits() {
        let (truth, text) =
            ("the quick fox jumps over the lazy dog", "quick the fox over jumped the dog dog");

        let edits = edits(truth, text);

        let of_truth = |edit: &Edit<'_>| !matches!(edit, Edit::Extra(_));
        let of_text = |edit: &Edit<'_>| !matches!(edit, Edit::Missing(_));
        assert_eq!(joined(&edits, of_truth), truth);
        assert_eq!(joined(&edits, of_text), text);
    }
}

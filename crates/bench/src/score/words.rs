//! Which words of a text are right, whatever their order on the page.

use std::collections::HashMap;

use super::edits::{self, Edit};

/// Whether each word of `text` is one of `truth`: at its place in the shortest edit script, or else as a word of
/// the truth that the script leaves over. A word is counted once, and a column that is read too early is no misread word.
pub fn right(truth: &[&str], text: &[&str]) -> Vec<bool> {
    let edits = edits::words(truth, text);
    let mut left: HashMap<&str, usize> = HashMap::new();
    for edit in &edits {
        if let Edit::Missing(word) = edit {
            *left.entry(word).or_default() += 1;
        }
    }
    let judged = edits.iter().filter_map(|edit| match edit {
        Edit::Same(_) => Some(true),
        Edit::Missing(_) => None,
        Edit::Extra(word) => Some(take(&mut left, word)),
    });
    judged.collect()
}

fn take(left: &mut HashMap<&str, usize>, word: &str) -> bool {
    match left.get_mut(word) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(truth: &str, text: &str) -> Vec<bool> {
        let [truth, text] = [truth, text].map(|text| text.split(' ').collect::<Vec<_>>());
        right(&truth, &text)
    }

    #[test]
    fn a_misread_word_is_wrong_and_a_moved_one_is_right() {
        assert_eq!(judged("the quick brown fox", "the qulck brown fox"), [true, false, true, true]);
        assert_eq!(judged("left one right two", "right two left one"), [true; 4]);
    }

    #[test]
    fn each_word_of_the_truth_is_found_once() {
        assert_eq!(judged("a b", "b b b").iter().filter(|right| **right).count(), 1);
    }
}

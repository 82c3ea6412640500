//! Recognised lines of Hebrew and Arabic: a network reads what stands there from left to right, a person does not.

use quire_document::bidi::{self, Class, Direction};
use quire_models::recognize::{RecognizedLine, RecognizedWord};

/// `line`, which was read from left to right, in logical order, if most of its letters run from right to left.
///
/// Words stay where they are on the line; those of a passage that runs from left to right keep their order.
pub(super) fn ordered(line: RecognizedLine) -> RecognizedLine {
    if !is_rtl(&line) {
        return line;
    }
    // Characters with the number of their word; spaces have none.
    let mut chars: Vec<(char, Option<usize>)> = Vec::with_capacity(line.text.len());
    for (at, word) in line.words.iter().enumerate() {
        if at > 0 {
            chars.push((' ', None));
        }
        chars.extend(word.text.chars().map(|char| (char, Some(at))));
    }
    let classes: Vec<Class> = chars.iter().map(|(char, _)| Class::of(*char)).collect();
    let mut words: Vec<(usize, RecognizedWord)> = Vec::with_capacity(line.words.len());
    for placed in bidi::logical(&classes) {
        let (char, word) = chars[placed.at];
        let char = if placed.right { bidi::mirrored(char) } else { char };
        match (words.last_mut(), word) {
            (_, None) => {}
            (Some((last, whole)), Some(word)) if *last == word => whole.text.push(char),
            (_, Some(word)) => {
                words.push((word, RecognizedWord { text: char.into(), ..line.words[word].clone() }));
            }
        }
    }
    let words: Vec<RecognizedWord> = words.into_iter().map(|(_, word)| word).collect();
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    RecognizedLine { text, words, ..line }
}

/// `line`, whose words a network that writes gave in logical order and shares of the line from its beginning: it begins
/// at the right if most of its letters run from there.
pub(super) fn placed(mut line: RecognizedLine) -> RecognizedLine {
    if is_rtl(&line) {
        line.words.iter_mut().for_each(|word| (word.start, word.end) = (1.0 - word.end, 1.0 - word.start));
    }
    line
}

/// Whether most letters of `line` run from right to left.
pub(super) fn is_rtl(line: &RecognizedLine) -> bool {
    Direction::of(line.text.chars()).is_rtl()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str]) -> RecognizedLine {
        let share = 1.0 / words.len() as f32;
        let word = |(at, text): (usize, &&str)| RecognizedWord {
            text: (*text).to_owned(),
            start: share * at as f32,
            end: share * (at + 1) as f32,
            confidence: 0.9,
        };
        let words: Vec<RecognizedWord> = words.iter().enumerate().map(word).collect();
        let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        RecognizedLine { text, confidence: 0.9, words }
    }

    #[test]
    fn what_was_read_from_left_to_right_comes_into_logical_order() {
        let visual = line(&[".הרסמ", "Acme", "Ltd", "תרבח", "(317", "שיא)"]);

        let logical = ordered(visual.clone());

        assert_eq!(logical.text, "(איש 317) חברת Acme Ltd מסרה.");
        assert_eq!(
            logical.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
            logical.text
        );
        assert_eq!(logical.words[0].start, visual.words[5].start);
        assert_eq!(logical.words[3].start, visual.words[1].start);
    }

    #[test]
    fn lines_from_left_to_right_stay() {
        let visual = line(&["the", "word", "םולש"]);

        assert_eq!(ordered(visual.clone()), visual);
        assert_eq!(placed(visual.clone()), visual);
    }

    #[test]
    fn what_a_network_writes_begins_at_the_right() {
        let written = placed(line(&["שלום", "רב"]));

        assert_eq!((written.words[0].start, written.words[0].end), (0.5, 1.0));
    }
}

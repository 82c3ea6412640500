//! Words broken at line ends: whether the hyphen there belongs to the word.
//!
//! No dictionary is asked, as none knows the words of a document as well as the document: what stands unbroken elsewhere
//! in it decides, then the habits of its language, then what is most frequent.

use std::collections::HashMap;

use quire_proto::record::PageRecord;

use crate::clean;

/// Most different words that are remembered: those of a long book, in 4 MB.
const MOST_WORDS: usize = 50_000;

/// What has more characters is no word.
const LONGEST: usize = 40;

/// How two parts of a line end meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    /// One word: `exam|ple`.
    Joined,
    /// One word with a hyphen: `Jean-|Luc`.
    Hyphenated,
    /// Two words, the first of which lacks its end: `Vor- |und Nachteile`.
    Apart,
}

/// What is known about the words of a document: those on the pages so far, and the language at hand.
#[derive(Debug, Default)]
pub(crate) struct Hyphens {
    words: HashMap<Box<str>, u32>,
    language: Option<String>,
}

impl Hyphens {
    /// Remembers the unbroken words of a page.
    pub(crate) fn read(&mut self, page: &PageRecord) {
        for block in page.blocks.iter().filter(|block| !block.kind.is_furniture()) {
            let mut goes_on = false;
            for line in block.all_lines() {
                let text = clean::printable(&line.text);
                let ends_broken = text.trim_end().ends_with(is_break);
                let mut words: Vec<&str> = text.split_whitespace().collect();
                if ends_broken {
                    words.pop();
                }
                words.into_iter().skip(usize::from(goes_on)).for_each(|word| self.add(word));
                goes_on = ends_broken;
            }
        }
    }

    fn add(&mut self, printed: &str) {
        for word in printed.split(|c| !in_word(c)) {
            let word = folded(word);
            if !(3..=LONGEST).contains(&word.chars().count()) || word.contains(clean::is_wide) {
                continue;
            }
            let full = self.words.len() >= MOST_WORDS;
            match self.words.get_mut(word.as_str()) {
                Some(count) => *count = count.saturating_add(1),
                None if full => {}
                None => {
                    self.words.insert(word.into(), 1);
                }
            }
        }
    }

    /// The texts that follow are in `language`.
    pub(crate) fn speak(&mut self, language: Option<&str>) {
        self.language = language.map(str::to_owned);
    }

    fn speaks(&self, language: &str) -> bool {
        self.language.as_deref() == Some(language)
    }

    /// The hyphen at the end of `text`, which breaks a word that goes on with `next`; none when it is no hyphen or
    /// breaks no word.
    pub(crate) fn at_end(&self, text: &str, next: &str) -> Option<char> {
        let mut from_end = text.chars().rev();
        let (hyphen, before) = (from_end.next()?, from_end.next());
        let after_letter = before.is_some_and(char::is_alphanumeric);
        let before_letter = next.starts_with(char::is_alphabetic);
        let breaks = match hyphen {
            '\u{ad}' => true,
            '-' | '\u{2010}' => after_letter,
            // The mark of typewriters, and the double hyphen of blackletter, which reads as an equals sign.
            '¬' | '⸗' => after_letter && before_letter,
            '=' => after_letter && before_letter && self.speaks("de"),
            _ => false,
        };
        breaks.then_some(hyphen)
    }

    /// How `text`, without its `hyphen`, and `next` meet.
    pub(crate) fn joint(&self, text: &str, hyphen: char, next: &str) -> Joint {
        if matches!(hyphen, '\u{ad}' | '¬') {
            return Joint::Joined;
        }
        let left = text.rsplit(|c| !in_word(c)).next().unwrap_or_default();
        let right = next.split(|c| !in_word(c)).next().unwrap_or_default().trim_end_matches('-');
        let count = |word: &str| self.words.get(word).copied().unwrap_or(0);
        let (one, two) = (folded(&format!("{left}{right}")), folded(&format!("{left}-{right}")));
        match count(&one).cmp(&count(&two)) {
            std::cmp::Ordering::Greater => Joint::Joined,
            std::cmp::Ordering::Less => Joint::Hyphenated,
            std::cmp::Ordering::Equal => self.by_habit(left, right),
        }
    }

    /// Without a word to go by: a hyphen stays before a capital or a digit, in a word that has one already
    /// (`state-of-|the-art`) and behind a single letter, and where the language has it there.
    fn by_habit(&self, left: &str, right: &str) -> Joint {
        let language = self.language.as_deref().unwrap_or_default();
        if conjunctions(language).contains(&right) {
            return Joint::Apart;
        }
        let is_compound = left.contains(['-', '\u{2010}']) || left.ends_with(|c: char| c.is_ascii_digit());
        let is_part = right.starts_with(char::is_lowercase) && left.chars().count() > 1;
        if !is_part || is_compound || is_clitic(language, left, right) {
            Joint::Hyphenated
        } else {
            Joint::Joined
        }
    }
}

/// Words before which the end of another is left out: `pre- and postwar`.
fn conjunctions(language: &str) -> &'static [&'static str] {
    match language {
        "de" => &["und", "oder", "bzw", "sowie", "bis"],
        "en" => &["and", "or"],
        "nl" => &["en", "of"],
        "da" | "nb" => &["og", "eller"],
        "sv" => &["och", "eller"],
        _ => &[],
    }
}

/// Whether `right` is a word that French hangs on with a hyphen: `donne-moi`, `a-t-il`, `celui-ci`. Words that are ends of
/// others as often (`vil-le`, `Fran-ce`) are not among them.
fn is_clitic(language: &str, left: &str, right: &str) -> bool {
    const HUNG_ON: [&str; 13] =
        ["t", "y", "il", "ils", "on", "elle", "elles", "moi", "toi", "nous", "vous", "même", "mêmes"];
    let is_shown = matches!(right, "ci" | "là") && matches!(left, "celui" | "celle" | "ceux" | "celles");
    let first = right.split('-').next().unwrap_or_default();
    language == "fr" && (HUNG_ON.contains(&first) || is_shown)
}

/// What a line may end with in the middle of a word.
pub(crate) fn is_break(c: char) -> bool {
    matches!(c, '-' | '\u{ad}' | '\u{2010}' | '¬' | '⸗' | '=')
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

/// In lower case, with one kind of hyphen, none at its ends.
fn folded(word: &str) -> String {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hyphens(language: &str, words: &str) -> Hyphens {
        let mut hyphens = Hyphens::default();
        hyphens.speak(Some(language));
        words.split(' ').for_each(|word| hyphens.add(word));
        hyphens
    }

    #[test]
    fn the_words_of_the_document_decide() {
        let known = hyphens("en", "Well-known, (on-line) “multiuser”");

        assert_eq!(known.joint("a well", '-', "known fact"), Joint::Hyphenated);
        assert_eq!(known.joint("Multi", '-', "user."), Joint::Joined);
        assert_eq!(known.joint("the multi", '-', "tude"), Joint::Joined);
    }

    #[test]
    fn the_more_frequent_form_of_two_is_believed() {
        let known = hyphens("en", "email e-mail e-mail");

        assert_eq!(known.joint("e", '-', "mail"), Joint::Hyphenated);
    }

    #[test]
    fn each_language_has_its_habits() {
        let joint = |language, left, right| hyphens(language, "").joint(left, '-', right);

        assert_eq!(joint("de", "Vor", "und Nachteile"), Joint::Apart);
        assert_eq!(joint("de", "Fein", "unddreißig"), Joint::Joined);
        assert_eq!(joint("fr", "donnez", "moi le pain"), Joint::Hyphenated);
        assert_eq!(joint("fr", "a", "t-il"), Joint::Hyphenated);
        assert_eq!(joint("fr", "avec celui", "ci."), Joint::Hyphenated);
        assert_eq!(joint("fr", "mer", "ci"), Joint::Joined);
        assert_eq!(joint("fr", "la pla", "ge."), Joint::Joined);
        assert_eq!(joint("fr", "informa", "tion"), Joint::Joined);
        assert_eq!(joint("it", "informazio", "ne"), Joint::Joined);
    }

    #[test]
    fn only_german_breaks_words_with_two_strokes() {
        assert_eq!(hyphens("de", "").at_end("Selbst=", "verschuldet"), Some('='));
        assert_eq!(hyphens("en", "").at_end("x=", "y"), None);
        assert_eq!(hyphens("de", "").at_end("x =", "y"), None);
        assert_eq!(hyphens("en", "").at_end("exam¬", "ple"), Some('¬'));
    }

    #[test]
    fn memory_is_bounded() {
        let mut hyphens = Hyphens::default();

        (0..MOST_WORDS + 10).for_each(|number| hyphens.add(&format!("word{number}")));

        assert_eq!(hyphens.words.len(), MOST_WORDS);
    }
}

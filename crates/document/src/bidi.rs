//! Writing direction: which way a text runs, and the logical order of a line that is known from left to right.
//!
//! A line of Hebrew or Arabic is read from right to left, but for the numbers and foreign words in it. What is drawn tells
//! where characters stand, not in which order they are read. The way back is the Unicode Bidirectional Algorithm
//! (UAX #9) turned round, for lines that run from right to left and without explicit marks: its rules W1 to W7 say what
//! belongs to a number, N0 to N2 to which side spaces and punctuation fall, L2 what is reversed.
//!
//! What must stay true: the order is a permutation of what came.

use quire_proto::record::{Block, Line};

/// Which way most of a text runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// As Latin does; also where there are no letters.
    #[default]
    LeftToRight,
    /// As Hebrew and Arabic do.
    RightToLeft,
}

impl Direction {
    /// The direction of most letters.
    pub fn of(letters: impl Iterator<Item = char>) -> Self {
        let (mut right, mut left) = (0_usize, 0_usize);
        for char in letters.filter(|char| char.is_alphabetic()) {
            *(if is_rtl(char) { &mut right } else { &mut left }) += 1;
        }
        if right > left { Self::RightToLeft } else { Self::LeftToRight }
    }

    /// The direction of most letters of `lines`.
    pub fn of_lines<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Self {
        Self::of(lines.into_iter().flat_map(|line| line.text.chars()))
    }

    /// The direction of most letters of `blocks`.
    pub fn of_blocks(blocks: &[Block]) -> Self {
        Self::of_lines(blocks.iter().flat_map(Block::all_lines))
    }

    /// Whether lines begin at the right.
    pub fn is_rtl(self) -> bool {
        self == Self::RightToLeft
    }
}

/// Whether `char` is of a script that runs from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko and older ones.
pub fn is_rtl(char: char) -> bool {
    matches!(char,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

/// Whether it is of the Arabic script or one of those that treat numbers alike.
fn is_arabic(char: char) -> bool {
    matches!(char, '\u{600}'..='\u{7bf}' | '\u{860}'..='\u{8ff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// What a character, or several that belong together, is to the order of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Letters from right to left.
    Right,
    /// The same, of a script that keeps signs apart from the numbers behind it.
    Arabic,
    /// Letters from left to right.
    Left,
    /// Figures, which run from left to right everywhere.
    Number,
    /// `.`, `,`, `:`, `/`: part of a number between two figures.
    Separator,
    /// `+` and `-`: the same, but not in Arabic.
    Sign,
    /// `%`, `$`: part of a number beside it, but not in Arabic.
    Unit,
    /// A bracket.
    Bracket,
    /// Spaces and other punctuation.
    Neutral,
}

impl Class {
    /// The class of a character.
    pub fn of(char: char) -> Self {
        match char {
            '0'..='9' | '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => Self::Number,
            '.' | ',' | ':' | '/' | '\u{a0}' | '\u{66b}' | '\u{66c}' => Self::Separator,
            '+' | '-' | '\u{2212}' => Self::Sign,
            '%' | '#' | '$' | '€' | '£' | '¥' | '₪' | '°' | '‰' => Self::Unit,
            char if mirrored(char) != char => Self::Bracket,
            char if is_arabic(char) => Self::Arabic,
            char if is_rtl(char) => Self::Right,
            char if char.is_alphanumeric() => Self::Left,
            _ => Self::Neutral,
        }
    }

    /// Whether it runs from right to left.
    pub const fn is_right(self) -> bool {
        matches!(self, Self::Right | Self::Arabic)
    }
}

/// The bracket that stands for `char` in text of the other direction; other characters stay.
pub fn mirrored(char: char) -> char {
    const PAIRS: [(char, char); 6] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>'), ('«', '»'), ('‹', '›')];
    let partner = |&(open, close): &(char, char)| match char {
        char if char == open => Some(close),
        char if char == close => Some(open),
        _ => None,
    };
    PAIRS.iter().find_map(partner).unwrap_or(char)
}

/// Whether `char` is a bracket that opens.
pub(crate) fn opens(char: char) -> bool {
    "([{<«‹".contains(char)
}

/// Something in its place of the logical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its number from the left.
    pub at: usize,
    /// Whether it runs from right to left, so that a bracket is drawn as the opposite one.
    pub right: bool,
}

/// The logical order of a line that runs from right to left, given what stands on it from left to right.
pub fn logical(visual: &[Class]) -> Vec<Placed> {
    let mut order = Vec::with_capacity(visual.len());
    let mut arabic = false;
    let mut end = visual.len();
    while let Some(last) = end.checked_sub(1) {
        if visual[last].is_right() {
            arabic = visual[last] == Class::Arabic;
            order.push(Placed { at: last, right: true });
            end = last;
        } else {
            let start = visual[..end].iter().rposition(|class| class.is_right()).map_or(0, |at| at + 1);
            stretch(visual, start, end, arabic, &mut order);
            end = start;
        }
    }
    order
}

/// Orders `visual[start..end]`, in which nothing runs from right to left.
fn stretch(visual: &[Class], start: usize, end: usize, arabic: bool, order: &mut Vec<Placed>) {
    let (first, last) = foreign(visual, start, end).unwrap_or((end, end));
    numbers(visual, last, end, arabic, order);
    order.extend((first..last).map(|at| Placed { at, right: false }));
    numbers(visual, start, first, arabic, order);
}

/// From where to where words from left to right reach, with the numbers and punctuation between them.
fn foreign(visual: &[Class], start: usize, end: usize) -> Option<(usize, usize)> {
    let part = &visual[start..end];
    part.contains(&Class::Left).then_some(())?;
    let counts = |class: &Class| matches!(class, Class::Left | Class::Number);
    let (mut first, mut last) = (part.iter().position(counts)?, part.iter().rposition(counts)? + 1);
    let brackets = part[first..last].iter().filter(|class| **class == Class::Bracket).count();
    if brackets % 2 == 1 && part.get(last) == Some(&Class::Bracket) {
        last += 1;
    } else if brackets % 2 == 1 && first > 0 && part[first - 1] == Class::Bracket {
        first -= 1;
    }
    Some((start + first, start + last))
}

/// Orders what is only numbers and punctuation: each number from left to right, all else from right to left.
fn numbers(visual: &[Class], start: usize, end: usize, arabic: bool, order: &mut Vec<Placed>) {
    let mut end = end;
    while end > start {
        let from = number(&visual[start..end], arabic).map_or(end - 1, |length| end - length);
        let right = end - from == 1 && visual[from] != Class::Number;
        order.extend((from..end).map(|at| Placed { at, right }));
        end = from;
    }
}

/// How much of the end of `part` is one number.
fn number(part: &[Class], arabic: bool) -> Option<usize> {
    let units = |upto: usize| {
        let unit = |class: &&Class| !arabic && **class == Class::Unit;
        part[..upto].iter().rev().take_while(unit).count()
    };
    let mut from = part.len() - units(part.len());
    let joins = |class: Class| class == Class::Separator || !arabic && class == Class::Sign;
    if part.get(from.checked_sub(1)?) != Some(&Class::Number) {
        return None;
    }
    loop {
        from -= part[..from].iter().rev().take_while(|class| **class == Class::Number).count();
        match &part[..from] {
            [.., Class::Number, between] if joins(*between) => from -= 1,
            _ => break,
        }
    }
    Some(part.len() - from + units(from))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The logical text of `visual`; capitals stand for letters of `script`.
    fn read(visual: &str, script: Class) -> String {
        let chars: Vec<char> = visual.chars().collect();
        let class = |char: &char| if char.is_ascii_uppercase() { script } else { Class::of(*char) };
        let classes: Vec<Class> = chars.iter().map(class).collect();
        let shown = |placed: &Placed| {
            if placed.right { mirrored(chars[placed.at]) } else { chars[placed.at] }
        };
        logical(&classes).iter().map(shown).collect()
    }

    #[test]
    fn words_are_reversed_and_foreign_words_and_numbers_are_not() {
        for (visual, expected) in [
            (".CBA", "ABC."),
            ("FED abc def CBA", "ABC abc def DEF"),
            ("FED 1,250.5 CBA", "ABC 1,250.5 DEF"),
            ("1914 317 CBA", "ABC 317 1914"),
            ("FED abc 12 CBA", "ABC abc 12 DEF"),
            ("(FED) CBA", "ABC (DEF)"),
            ("FED 12-B", "B-12 DEF"),
        ] {
            assert_eq!(read(visual, Class::Right), expected, "{visual}");
        }
    }

    #[test]
    fn brackets_stay_with_the_words_that_they_are_about() {
        assert_eq!(read("FED abc (def) CBA", Class::Right), "ABC abc (def) DEF");
        assert_eq!(read("FED (abc) CBA", Class::Right), "ABC (abc) DEF");
    }

    #[test]
    fn signs_and_units_are_part_of_numbers_but_not_in_arabic() {
        assert_eq!(read("10-12 CBA", Class::Right), "ABC 10-12");
        assert_eq!(read("10-12 CBA", Class::Arabic), "ABC 12-10");
        assert_eq!(read("50% CBA", Class::Right), "ABC 50%");
        assert_eq!(read("%50 CBA", Class::Arabic), "ABC 50%");
    }

    #[test]
    fn most_letters_say_which_way_a_text_runs() {
        assert!(Direction::of("חברת Acme מסרה".chars()).is_rtl());
        assert!(!Direction::of("the word שלום".chars()).is_rtl());
        assert!(!Direction::of("12 % ,".chars()).is_rtl());
    }

    proptest! {
        #[test]
        fn the_order_is_a_permutation(visual in "[A-C a-c0-2.,%()+-]{0,40}") {
            let classes: Vec<Class> = visual.chars()
                .map(|char| if char.is_ascii_uppercase() { Class::Right } else { Class::of(char) }).collect();

            let mut order: Vec<usize> = logical(&classes).iter().map(|placed| placed.at).collect();

            order.sort_unstable();
            prop_assert_eq!(order, (0..visual.len()).collect::<Vec<_>>());
        }
    }
}

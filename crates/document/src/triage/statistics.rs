//! Counting the characters of a text layer, to tell text from glyph soup.

use quire_proto::page_text::TextChar;
use unicode_normalization::UnicodeNormalization;

use super::{Evidence, TriageParams};

/// Counts over the visible characters on the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Statistics {
    /// Characters that are not white space.
    pub(super) visible: usize,
    /// Those drawn invisibly.
    pub(super) invisible: usize,
    meaningless: usize,
    alphanumeric: usize,
    /// Dots, lines and dashes, which say nothing for or against.
    leaders: usize,
    latin: usize,
    vowels: usize,
    /// `(cid:` as text: what some producers write for a glyph without meaning.
    cids: usize,
}

impl Statistics {
    pub(super) fn of(page: &Evidence<'_>) -> Self {
        let mut all = Self::default();
        let mut last = [' '; 5];
        for char in page.text.chars.iter().filter(|char| is_on_page(char, page)) {
            all.count(char);
            last.rotate_left(1);
            last[4] = char.unicode;
            all.cids += usize::from(last == ['(', 'c', 'i', 'd', ':']);
        }
        all
    }

    fn count(&mut self, char: &TextChar) {
        let c = char.unicode;
        if char.generated || c.is_whitespace() || matches!(c, '\u{2}' | '\u{ad}') {
            return;
        }
        self.visible += 1;
        self.invisible += usize::from(char.invisible);
        self.meaningless += usize::from(is_meaningless(c) || (char.unmapped && !c.is_ascii_graphic()));
        self.alphanumeric += usize::from(c.is_alphanumeric());
        self.leaders += usize::from(matches!(c, '.' | '_' | '-' | '·' | '…' | '–' | '—' | '│' | '─' | '*'));
        let base = c.nfd().next().unwrap_or(c).to_ascii_lowercase();
        if base.is_ascii_lowercase() {
            self.latin += 1;
            self.vowels += usize::from(matches!(base, 'a' | 'e' | 'i' | 'o' | 'u' | 'y'));
        }
    }

    /// Whether the characters do not read as text.
    pub(super) fn is_garbled(&self, params: &TriageParams) -> bool {
        let share = |part: usize, of: usize| part as f32 / of.max(1) as f32;
        let text = self.visible.saturating_sub(self.leaders);
        let vowels = share(self.vowels, self.latin);
        let (least, most) = params.vowels;
        share(self.meaningless, self.visible) > params.meaningless
            || share(self.cids * 8, self.visible) > params.meaningless
            || (text >= params.enough_chars && share(self.alphanumeric, text) < params.least_alphanumeric)
            || (self.latin >= params.enough_chars.max(100) && !(least..=most).contains(&vowels))
    }
}

/// Characters outside the page, or without a believable place on it, are not read by anyone;
/// a character without a box is given the benefit of the doubt.
fn is_on_page(char: &TextChar, page: &Evidence<'_>) -> bool {
    let c = char.rect.center();
    !(c.x.is_finite() && c.y.is_finite())
        || ((-1.0..=page.width + 1.0).contains(&c.x) && (-1.0..=page.height + 1.0).contains(&c.y))
}

/// Replacement, private use, controls, non-characters. The bullets of symbol fonts have a known meaning.
fn is_meaningless(c: char) -> bool {
    match c {
        '\u{f0b7}' | '\u{f0a7}' => false,
        '\u{fffd}' | '\u{fffe}' | '\u{ffff}' => true,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => true,
        c => c.is_control(),
    }
}

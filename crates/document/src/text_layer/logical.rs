//! Lines of Hebrew and Arabic: pieces of one printed line join, and their glyphs come into logical order.
//!
//! pdfium gives them in logical order as far as it can tell from the order of drawing, which is not far where numbers,
//! brackets and foreign words stand between. Words are taken as they come; in which order they and the punctuation between
//! them are read, their places say (`bidi`).
//!
//! What must stay true: every glyph that is visible is in exactly one run, and lines without such letters stay as they are.

use unicode_normalization::char::is_combining_mark;

use super::{LineParams, glyph::Glyph, glyph::Space, run, run::Run};
use crate::{
    bidi::{self, Class, Direction, Placed},
    disjoint::Disjoint,
};

/// A gap as wide as this, in em, is a space where the file has one beside a word, and between two words.
const SPACE: f32 = 0.08;

/// Runs on one height that each run is held against: piles of text on one spot are not lines.
const PILE: usize = 256;

/// `runs` with those of right-to-left lines joined and put into logical order, and their brackets as a reader writes them.
pub(super) fn ordered(runs: Vec<Run>, glyphs: &mut Vec<Glyph>, params: &LineParams) -> Vec<Run> {
    if !glyphs.iter().any(|glyph| glyph.rtl) {
        return runs;
    }
    // Stands between two words; the file's own spaces lie elsewhere.
    let space = glyphs.len();
    glyphs.push(Glyph { char: ' ', space: Space::Inferred, rtl: false, ..glyphs[0] });
    let runs: Vec<Run> = runs.into_iter().map(|run| Run::of(run.glyphs, glyphs)).collect();
    let page = Direction::of(glyphs.iter().map(|glyph| glyph.char));
    let reversed = reverses_ligatures(glyphs);
    let mut out = Vec::with_capacity(runs.len());
    for group in groups(runs, glyphs, page, params) {
        let letters = || group.iter().flat_map(|run| &run.glyphs).map(|&at| glyphs[at].char);
        let own = page.is_rtl() && letters().any(|char| char.is_alphabetic() && bidi::is_rtl(char));
        if !own && !Direction::of(letters()).is_rtl() {
            out.extend(group);
            continue;
        }
        let mut atoms: Vec<Atom> = group.iter().flat_map(|run| atoms(run, glyphs, reversed)).collect();
        atoms.sort_by(|a, b| (a.along.0 + a.along.1).total_cmp(&(b.along.0 + b.along.1)));
        out.push(line(&atoms, glyphs, space, params));
    }
    out
}

/// Runs of one printed line, in file order.
fn groups(runs: Vec<Run>, glyphs: &[Glyph], page: Direction, params: &LineParams) -> Vec<Vec<Run>> {
    let rtl: Vec<bool> = runs.iter().map(|run| run.glyphs.iter().any(|&at| glyphs[at].rtl)).collect();
    let mut order: Vec<usize> = (0..runs.len()).collect();
    let top = |at: usize| glyphs[runs[at].ends.0].middle();
    order.sort_by(|&a, &b| top(a).total_cmp(&top(b)));
    let mut lines = Disjoint::new(runs.len());
    for (from, &a) in order.iter().enumerate() {
        let em = glyphs[runs[a].ends.0].em;
        let near = order[from + 1..].iter().take(PILE).take_while(|b| top(**b) - top(a) <= 2.0 * em);
        for &b in near {
            let next = a.abs_diff(b) == 1;
            let mixed = rtl[a] || rtl[b] || next && page.is_rtl();
            if mixed && meet(&runs[a], &runs[b], next, glyphs, params) {
                lines.join(a, b);
            }
        }
    }
    lines.sets(runs)
}

/// Whether two runs stand beside each other on one line, `next` when one is drawn after the other.
fn meet(a: &Run, b: &Run, next: bool, glyphs: &[Glyph], params: &LineParams) -> bool {
    let (first, second) = (&glyphs[a.ends.1], &glyphs[b.ends.0]);
    let em = first.em.max(second.em);
    let gap = (b.along.0 - a.along.1).max(a.along.0 - b.along.1);
    let reach = if next { params.line_gap } else { params.join_gap };
    first.angle == second.angle && run::same_height(first, second, params) && gap > -em && gap <= reach * em
}

/// What stays together: a word, a number or a sign.
struct Atom {
    glyphs: Vec<usize>,
    class: Class,
    along: (f32, f32),
    /// Whether the file has a space before or behind it.
    spaced: bool,
}

/// The atoms of a run, in file order.
fn atoms(run: &Run, glyphs: &[Glyph], reversed: bool) -> Vec<Atom> {
    let mut out: Vec<Atom> = Vec::new();
    let mut spaced = false;
    for &at in &run.glyphs {
        let glyph = &glyphs[at];
        if glyph.is_space() {
            spaced = true;
            out.iter_mut().rev().take(1).for_each(|atom| atom.spaced = true);
            continue;
        }
        match out.last_mut() {
            Some(atom) if !spaced && atom.takes(glyph, glyphs) => atom.push(at, glyph),
            _ => {
                out.push(Atom { glyphs: vec![at], class: Class::of(glyph.char), along: glyph.along, spaced })
            }
        }
        spaced = false;
    }
    out.iter_mut().filter(|atom| atom.class.is_right()).for_each(|atom| atom.straighten(glyphs, reversed));
    out
}

impl Atom {
    /// Whether `next`, which follows in the file without a space, is more of it.
    fn takes(&self, next: &Glyph, glyphs: &[Glyph]) -> bool {
        let last = self.glyphs.last().map(|&at| &glyphs[at]);
        let follows = last.is_some_and(|last| (next.along.0 - last.along.1).abs() < 0.5 * next.em);
        match (self.class, Class::of(next.char)) {
            _ if is_combining_mark(next.char) => true,
            (Class::Right | Class::Arabic, Class::Right | Class::Arabic) => true,
            (Class::Left, Class::Left) | (Class::Number, Class::Number) => follows,
            _ => false,
        }
    }

    fn push(&mut self, at: usize, glyph: &Glyph) {
        self.glyphs.push(at);
        if !is_combining_mark(glyph.char) {
            self.along = (self.along.0.min(glyph.along.0), self.along.1.max(glyph.along.1));
        }
    }

    /// Puts the letters of a word into logical order, which they are not in where each is drawn by itself.
    fn straighten(&mut self, glyphs: &[Glyph], reversed: bool) {
        let middle = |at: usize| glyphs[at].along.0 + glyphs[at].along.1;
        if let [first, .., last] = self.glyphs[..]
            && middle(first) < middle(last)
        {
            self.glyphs.reverse();
        }
        if reversed {
            let one = |a: &usize, b: &usize| glyphs[*a].rect == glyphs[*b].rect;
            self.glyphs.chunk_by_mut(one).for_each(<[usize]>::reverse);
        }
    }
}

/// Whether the letters of ligatures, which share one box, come from left to right: lam-alef tells, the usual one.
fn reverses_ligatures(glyphs: &[Glyph]) -> bool {
    let is_alef = |char: char| matches!(char, 'ا' | 'أ' | 'إ' | 'آ' | 'ٱ');
    let (mut right, mut wrong) = (0_usize, 0_usize);
    for [a, b] in glyphs.array_windows().filter(|[a, b]| a.rect == b.rect) {
        right += usize::from(a.char == 'ل' && is_alef(b.char));
        wrong += usize::from(is_alef(a.char) && b.char == 'ل');
    }
    wrong > right
}

/// The run of `atoms`, which come from left to right.
fn line(atoms: &[Atom], glyphs: &mut [Glyph], space: usize, params: &LineParams) -> Run {
    // Spaces are items of their own, without an atom.
    let mut items: Vec<Option<&Atom>> = Vec::with_capacity(2 * atoms.len());
    for atom in atoms {
        if let Some(Some(before)) = items.last()
            && are_apart(before, atom, glyphs, params)
        {
            items.push(None);
        }
        items.push(Some(atom));
    }
    let classes: Vec<Class> =
        items.iter().map(|item| item.map_or(Class::Neutral, |atom| atom.class)).collect();
    let order = bidi::logical(&classes);
    shape_brackets(&order, &items, glyphs);
    let placed = order.iter().flat_map(|placed| match items[placed.at] {
        Some(atom) => atom.glyphs.as_slice(),
        None => std::slice::from_ref(&space),
    });
    Run::of(placed.copied().collect(), glyphs)
}

/// Whether a space stands between two neighbours.
fn are_apart(left: &Atom, right: &Atom, glyphs: &[Glyph], params: &LineParams) -> bool {
    let em = |atom: &Atom| atom.glyphs.first().map_or(1.0, |&at| glyphs[at].em);
    let (gap, em) = (right.along.0 - left.along.1, em(left).max(em(right)));
    // Letters of one word are one atom.
    let words = left.class == right.class && matches!(left.class, Class::Left | Class::Right | Class::Arabic);
    gap > params.word_gap * em || (left.spaced || right.spaced || words) && gap > SPACE * em
}

/// Gives brackets the shape that they have for a reader of `order`: files differ in whether they name what is drawn or
/// what is meant, and pdfium turns some of them.
///
/// One that opens stands behind a space and before a word, one that closes the other way round; between two words it
/// closes what is open.
fn shape_brackets(order: &[Placed], items: &[Option<&Atom>], glyphs: &mut [Glyph]) {
    let atom = |at: usize| order.get(at).and_then(|placed| items[placed.at]);
    let mut open: Vec<char> = Vec::new();
    for at in 0..order.len() {
        let Some(bracket) = atom(at).filter(|atom| atom.class == Class::Bracket) else { continue };
        let Some(glyph) = bracket.glyphs.first().and_then(|&at| glyphs.get_mut(at)) else { continue };
        let (char, pair) = (glyph.char, bidi::mirrored(glyph.char));
        let (opening, closing) = if bidi::opens(char) { (char, pair) } else { (pair, char) };
        let behind = at.checked_sub(1).and_then(atom).is_some();
        glyph.char = match (behind, atom(at + 1).is_some()) {
            (false, false) => char,
            (false, true) => opening,
            (true, false) => closing,
            (true, true) if open.contains(&opening) => closing,
            (true, true) => opening,
        };
        if glyph.char == opening {
            open.push(opening);
        } else {
            open.retain(|open| *open != opening);
        }
    }
}

#[cfg(test)]
mod tests {
    use quire_proto::{
        Rect,
        page_text::{Font, PageText, TextChar},
        record::Line,
    };

    /// `visual` as it is drawn, each character five pixels wide; the file has them in this order.
    fn drawn(visual: &str, y: f32) -> Vec<TextChar> {
        let char = |(at, unicode): (usize, char)| TextChar {
            unicode,
            rect: Rect::new(10.0 + 5.0 * at as f32, y, 15.0 + 5.0 * at as f32, y + 12.0),
            size: 10.0,
            ..TextChar::default()
        };
        visual.chars().enumerate().map(char).collect()
    }

    fn lines(chars: Vec<TextChar>) -> Vec<Line> {
        let fonts = vec![Font { name: "Times".into(), ..Font::default() }];
        super::super::lines(&PageText { chars, fonts, ..PageText::default() }, 72.0)
    }

    fn texts(chars: Vec<TextChar>) -> Vec<String> {
        lines(chars).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn foreign_words_numbers_and_brackets_stand_where_they_are_read() {
        let visual = ".(1,250 ךותמ) שיא Acme Ltd 317 לש 12-ב";
        let logical = "ב-12 של Acme Ltd 317 איש (מתוך 1,250).";
        let from_the_right: Vec<TextChar> = drawn(visual, 10.0).into_iter().rev().collect();

        assert_eq!(texts(drawn(visual, 10.0)), [logical], "drawn from the left");
        assert_eq!(texts(from_the_right), [logical], "drawn from the right");
        let named = visual.replace('(', "[").replace(')', "(").replace('[', ")");
        assert_eq!(texts(drawn(&named, 10.0)), [logical], "brackets as meant");
    }

    #[test]
    fn words_have_their_boxes_in_logical_order() {
        let line = &lines(drawn("בר םולש", 10.0))[0];

        let words: Vec<(&str, f32)> =
            line.words.iter().map(|word| (word.text.as_str(), word.rect.x0)).collect();
        assert_eq!(words, [("שלום", 25.0), ("רב", 10.0)]);
    }

    #[test]
    fn columns_from_right_to_left_stay_apart() {
        let gap = " ".repeat(12);

        let mut chars = drawn(&format!("םולש{gap}"), 10.0);
        chars.truncate(4);
        let right = drawn(&format!("{gap}הנוי"), 10.0).split_off(12);
        chars.extend(right);

        assert_eq!(texts(chars), ["שלום", "יונה"]);
    }

    #[test]
    fn a_line_from_left_to_right_keeps_its_order_with_a_hebrew_word_in_it() {
        let mut chars = drawn("the word ", 10.0);
        let hebrew: Vec<TextChar> = drawn("the word םולש is", 10.0)[9..13].iter().rev().copied().collect();
        chars.extend(hebrew);
        chars.extend(&drawn("the word םולש is", 10.0)[13..]);

        assert_eq!(texts(chars), ["the word שלום is"]);
    }

    #[test]
    fn letters_of_ligatures_come_in_order_and_forms_become_letters() {
        let mut chars = drawn("ةملاك", 10.0);
        // Lam-alef is one glyph; pdfium gives its letters from left to right.
        chars[2].rect = chars[3].rect;
        let chars: Vec<TextChar> = [4, 2, 3, 1, 0].map(|at| chars[at]).to_vec();
        assert_eq!(texts(chars)[0].chars().take(3).collect::<String>(), "كلا");

        assert_eq!(texts(drawn("\u{fee1}\u{fefc}\u{feb3}", 10.0)), ["سلام"]);
    }
}

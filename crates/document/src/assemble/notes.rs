//! Footnotes and the marks in the text that refer to them.
//!
//! A mark is believed only where both are there: small above the line in the text, and at the beginning of a note on
//! the same page.

use quire_proto::{
    Rect,
    record::{Block, BlockKind, Line, Word},
};

/// Most figures or signs of a mark.
const LONGEST: usize = 3;

/// Notes of a page that are looked for in its text; more are no notes.
const MOST_NOTES: usize = 200;

/// Signs that mark notes.
const SIGNS: &str = "*†‡§¶‖";

/// Letters of a word that is no unit: the figure above `m` is a power.
const WORD: usize = 3;

/// Whether `block` is more of the note `above`, although it was taken for another one: every note begins with its mark.
pub(super) fn is_one_note(above: &Block, block: &Block) -> bool {
    let marked = |block: &Block| block.lines.first().and_then(leading).is_some();
    marked(above) && !marked(block) && is_below(above, block)
}

/// Makes text right below a note one too: on scans, where sizes are not known well enough to tell.
pub(super) fn go_on(blocks: &mut [Block]) {
    for at in 1..blocks.len() {
        let (above, block) = (&blocks[at - 1], &blocks[at]);
        let textual = matches!(block.kind, BlockKind::Paragraph | BlockKind::ListItem);
        if textual && above.kind == BlockKind::Footnote && is_right_below(above, block) {
            (blocks[at].kind, blocks[at].list) = (BlockKind::Footnote, None);
        }
    }
}

/// Whether both are notes, the second right below the first.
fn is_below(above: &Block, block: &Block) -> bool {
    let notes = above.kind == BlockKind::Footnote && block.kind == BlockKind::Footnote;
    notes && is_right_below(above, block)
}

/// Whether no more than a blank line is between them.
fn is_right_below(above: &Block, block: &Block) -> bool {
    let height = block.lines.first().map_or(0.0, |line| line.rect.height());
    let gap = block.rect.y0 - above.rect.y1;
    gap.abs() < height && block.rect.overlap_x(&above.rect) > 0.5 * block.rect.width()
}

/// Says what each note is marked with, and ties the marks in the text to it.
pub(super) fn tie(blocks: &mut [Block]) {
    for block in blocks.iter_mut().filter(|block| block.kind == BlockKind::Footnote) {
        block.note = block.lines.first().and_then(leading);
    }
    let notes: Vec<(u32, String)> =
        blocks.iter().filter_map(|block| Some((block.id, block.note.clone()?))).collect();
    for (at, (note, mark)) in notes.iter().enumerate().take(MOST_NOTES) {
        let known = notes[..at].iter().any(|(_, other)| plain(other) == plain(mark));
        if !known {
            refer(blocks, *note, &plain(mark));
        }
    }
}

/// The mark that a note begins with.
pub(crate) fn leading(line: &Line) -> Option<String> {
    let text = line.text.trim_start();
    let first = line.words.first()?;
    if first.raised {
        return text.starts_with(first.text.as_str()).then(|| first.text.clone());
    }
    let mark = mark_at(text.chars())?;
    let rest = text[mark.len()..].chars().next();
    let parted = rest.is_some_and(|next| next.is_whitespace() || ".)".contains(next));
    (parted || mark.chars().all(|c| !c.is_ascii_digit())).then_some(mark)
}

/// Figures or signs at the beginning of `chars`.
fn mark_at(chars: impl Iterator<Item = char>) -> Option<String> {
    let chars: Vec<char> = chars.take(LONGEST + 1).collect();
    let first = *chars.first()?;
    let same = |c: &&char| if SIGNS.contains(first) { **c == first } else { digit(**c).is_some() };
    let mark: String = chars.iter().take_while(same).collect();
    let count = mark.chars().count();
    (1..=LONGEST).contains(&count).then_some(mark)
}

/// `²` and `2` are one mark.
fn plain(mark: &str) -> String {
    mark.chars().map(|c| digit(c).unwrap_or(c)).collect()
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '¹' => Some('1'),
        '²' => Some('2'),
        '³' => Some('3'),
        '\u{2070}'..='\u{2079}' => char::from_digit(c as u32 - 0x2070, 10),
        _ => None,
    }
}

/// Lets the words of the text that are `mark` refer to `note`.
fn refer(blocks: &mut [Block], note: u32, mark: &str) {
    let texts = blocks.iter_mut().filter(|block| is_text(block.kind));
    let mut lines: Vec<&mut Line> = texts.flat_map(Block::all_lines_mut).collect();
    for line in &mut lines {
        part(line, mark);
    }
    let found: Vec<(usize, usize)> = (0..lines.len())
        .flat_map(|line| (0..lines[line].words.len()).map(move |word| (line, word)))
        .filter(|&(line, word)| {
            lines[line].words[word].raised && plain(&lines[line].words[word].text) == mark
        })
        .collect();
    let sure = |&&(line, word): &&(usize, usize)| is_sure(&lines[line].words, word);
    let sure: Vec<(usize, usize)> = found.iter().filter(sure).copied().collect();
    let referring = if sure.is_empty() { found.into_iter().take(1).collect() } else { sure };
    for (line, word) in referring {
        lines[line].words[word].note = Some(note);
    }
}

/// Kinds whose words may refer to notes: a sign in a listing or formula is no mark.
const fn is_text(kind: BlockKind) -> bool {
    use BlockKind::{Caption, Heading, ListItem, Paragraph, Quote, Table};
    matches!(kind, Paragraph | Quote | ListItem | Heading | Caption | Table)
}

/// Whether the mark stands behind a word that is no unit, or behind the end of a sentence.
fn is_sure(words: &[Word], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|at| words.get(at)) else { return true };
    before.text.chars().count() >= WORD || !before.text.ends_with(char::is_alphanumeric)
}

/// Cuts signs and raised figures that are characters of their own (`word*`, `word²`) off the words of `line`.
fn part(line: &mut Line, mark: &str) {
    let cut = |word: &Word| -> Option<usize> {
        let body = word.text.trim_end_matches(|c: char| ".,;:!?)\"”»".contains(c));
        let tail: String =
            body.chars().rev().take_while(|c| is_sign(*c)).collect::<Vec<_>>().into_iter().rev().collect();
        let at = body.len() - tail.len();
        (!word.raised && at > 0 && plain(&tail) == mark).then_some(at)
    };
    if line.words.iter().all(|word| cut(word).is_none()) {
        return;
    }
    let words = std::mem::take(&mut line.words);
    line.words = words
        .into_iter()
        .flat_map(|word| match cut(&word) {
            Some(at) => halves(&word, at, mark),
            None => vec![word],
        })
        .collect();
}

/// Signs, and figures that are above the line by themselves.
fn is_sign(c: char) -> bool {
    SIGNS.contains(c) || digit(c).is_some_and(|plain| plain != c)
}

/// `word` before and behind its byte `at`, where the mark begins; boxes by numbers of characters.
fn halves(word: &Word, at: usize, mark: &str) -> Vec<Word> {
    let end = at + word.text[at..].chars().take(mark.chars().count()).map(char::len_utf8).sum::<usize>();
    let all = word.text.chars().count().max(1) as f32;
    let x = |byte: usize| word.rect.x0 + word.rect.width() * word.text[..byte].chars().count() as f32 / all;
    let part = |from: usize, to: usize, raised: bool| Word {
        text: word.text[from..to].to_owned(),
        rect: Rect { x0: x(from), x1: x(to), ..word.rect },
        raised,
        ..word.clone()
    };
    let parts = [part(0, at, false), part(at, end, true), part(end, word.text.len(), false)];
    parts.into_iter().filter(|part| !part.text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::finish::joined, *};

    /// A block of one line; words in brackets are set above the line.
    fn block(id: u32, kind: BlockKind, text: &str) -> Block {
        let word = |(at, shown): (usize, &str)| {
            let rect = Rect::new(100.0 * at as f32, 0.0, 100.0 * at as f32 + 80.0, 20.0);
            let text = shown.trim_matches(['[', ']']).to_owned();
            Word { raised: text != shown, text, rect, ..Word::default() }
        };
        let words: Vec<Word> = text.split(' ').enumerate().map(word).collect();
        let text = text.replace(" [", "").replace(['[', ']'], "");
        let line = Line { text, words, ..Line::default() };
        Block { id, lines: vec![line], ..Block::new(kind, Rect::default()) }
    }

    /// Marks of the notes, and for each word that refers to one the word and the block.
    fn tied(blocks: &[(BlockKind, &str)]) -> (Vec<String>, Vec<(String, u32)>) {
        let blocks = (1..).zip(blocks).map(|(id, (kind, text))| block(id, *kind, text));
        let mut blocks: Vec<Block> = blocks.collect();
        tie(&mut blocks);
        let words = blocks.iter().flat_map(|block| &block.lines).flat_map(|line| &line.words);
        let references = words.filter_map(|word| Some((word.text.clone(), word.note?))).collect();
        (blocks.iter().filter_map(|block| block.note.clone()).collect(), references)
    }

    use BlockKind::{Footnote, Paragraph};

    #[test]
    fn marks_refer_to_the_note_that_begins_with_them() {
        let (marks, references) = tied(&[
            (Paragraph, "a word [1] and another [2] there"),
            (Footnote, "[1] See"),
            (Footnote, "2 Ibid"),
        ]);

        assert_eq!(marks, ["1", "2"]);
        assert_eq!(references, [("1".to_owned(), 2), ("2".to_owned(), 3)]);
    }

    #[test]
    fn signs_and_figures_that_are_above_the_line_by_themselves_are_marks() {
        let (marks, references) = tied(&[
            (Paragraph, "a word*, and another\u{b2} there"),
            (Footnote, "* See"),
            (Footnote, "2 Ibid"),
        ]);

        assert_eq!(marks, ["*", "2"]);
        assert_eq!(references, [("*".to_owned(), 2), ("\u{b2}".to_owned(), 3)]);
    }

    #[test]
    fn a_note_has_all_of_its_lines() {
        let at = |y: f32, text: &str| {
            let rect = Rect::new(0.0, y, 500.0, y + 18.0);
            let mut block = Block { rect, ..block(1, Footnote, text) };
            block.lines[0].rect = rect;
            block
        };
        let texts = |blocks: Vec<Block>| -> Vec<usize> {
            joined(blocks, is_one_note).iter().map(|block| block.lines.len()).collect()
        };

        assert_eq!(
            texts(vec![at(0.0, "[1] See"), at(20.0, "there"), at(40.0, "[2] Ibid"), at(60.0, "and on")]),
            [2, 2]
        );
        assert_eq!(texts(vec![at(0.0, "[1] See"), at(80.0, "far below")]), [1, 1]);
        assert_eq!(texts(vec![at(0.0, "no mark"), at(20.0, "there")]), [1, 1]);
    }

    #[test]
    fn a_square_metre_does_not_refer_to_note_two() {
        let (_, references) = tied(&[(Paragraph, "40 m [2] of a word [2] there"), (Footnote, "[2] See")]);

        assert_eq!(references.len(), 1);

        let (marks, references) =
            tied(&[(Paragraph, "plain 2 and [3]"), (Footnote, "2 See"), (Footnote, "2024 was")]);

        assert_eq!((marks.len(), references.len()), (1, 0));
    }
}

//! Footnotes: which are linked on a page, and the labels that Markdown knows them by.
//!
//! Numbers of notes begin anew on pages and in chapters, labels may not. A number that is larger than all before it
//! is its own label; others are counted with their page.

use quire_proto::record::{Block, BlockKind, Line, PageRecord};
use unicode_normalization::UnicodeNormalization;

use super::table::Layout;
use crate::clean;

/// Stand around a label until the text is escaped: no text of a page has control characters.
const OPEN: char = '\u{1}';
const CLOSE: char = '\u{2}';

/// Labels of the notes of the page at hand.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The largest number that was a label.
    last: u32,
    labels: Vec<(u32, String)>,
}

impl Notes {
    /// Labels the notes of `page` that its text refers to.
    pub(super) fn turn(&mut self, page: &PageRecord) {
        self.labels.clear();
        let referred: Vec<u32> = page.blocks.iter().flat_map(lines).flat_map(referred).collect();
        for note in page.blocks.iter().filter(|note| note.note.is_some() && referred.contains(&note.id)) {
            let number = note.note.as_deref().and_then(number);
            let label = match number {
                Some(number) if number > self.last => {
                    self.last = number;
                    number.to_string()
                }
                _ => format!("{}-{}", page.page, note.id),
            };
            self.labels.push((note.id, label));
        }
    }

    /// The label of the note that block `id` is.
    pub(super) fn label(&self, id: u32) -> Option<&str> {
        self.labels.iter().find(|(note, _)| *note == id).map(|(_, label)| label.as_str())
    }

    /// The text of `line` with labels in place of its marks.
    pub(super) fn printable(&self, line: &Line) -> String {
        let label = |word: &quire_proto::record::Word| word.note.and_then(|note| self.label(note));
        if line.words.iter().all(|word| label(word).is_none()) {
            return clean::printable(&line.text);
        }
        let (mut out, mut rest) = (String::with_capacity(line.text.len()), line.text.as_str());
        for word in &line.words {
            // Words that are not those of the text say nothing about it.
            let Some((space, after)) =
                rest.split_once(word.text.as_str()).filter(|(space, _)| space.trim().is_empty())
            else {
                return clean::printable(&line.text);
            };
            out.push_str(&clean::printable(space));
            match label(word) {
                Some(label) => out.extend([OPEN].into_iter().chain(label.chars()).chain([CLOSE])),
                None => out.push_str(&clean::printable(&word.text)),
            }
            rest = after;
        }
        out + &clean::printable(rest)
    }
}

/// Escaped text with its labels as Markdown has them.
pub(super) fn labelled(escaped: &str) -> String {
    escaped.replace(OPEN, "[^").replace(CLOSE, "]")
}

/// The lines of a block whose marks become labels: HTML has none.
fn lines(block: &Block) -> Vec<&Line> {
    use BlockKind::{Caption, Heading, ListItem, Paragraph, Quote, Table};
    match (block.kind, &block.table) {
        (Paragraph | Quote | ListItem | Heading | Caption, _) => block.lines.iter().collect(),
        (Table, Some(table)) if Layout::of(table) != Layout::Html => {
            table.cells.iter().flat_map(|cell| &cell.lines).collect()
        }
        _ => Vec::new(),
    }
}

/// The number that a mark is; figures may be above the line by themselves.
fn number(mark: &str) -> Option<u32> {
    mark.nfkc().collect::<String>().parse().ok()
}

fn referred(line: &Line) -> impl Iterator<Item = u32> {
    line.words.iter().filter_map(|word| word.note)
}

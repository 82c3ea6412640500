//! What the words of a block are written with: the labels of notes, and what is known about hyphens.

use quire_proto::record::{Block, Line, PageRecord};

use super::notes::Notes;
use crate::{clean, hyphen::Hyphens};

/// See above.
#[derive(Debug, Default)]
pub(super) struct Wording {
    pub(super) notes: Notes,
    pub(super) hyphens: Hyphens,
}

impl Wording {
    /// Goes on to `page`.
    pub(super) fn turn(&mut self, page: &PageRecord) {
        self.notes.turn(page);
        self.hyphens.read(page);
    }

    /// The lines as one running text, with labels in place of marks.
    pub(super) fn running(&self, lines: &[Line]) -> String {
        clean::joined(lines.iter().map(|line| self.notes.printable(line)), &self.hyphens)
    }

    /// The lines as one running text, marks as they are printed.
    pub(super) fn plain(&self, lines: &[Line]) -> String {
        clean::running(lines, &self.hyphens)
    }

    /// The text of a note without its mark.
    pub(super) fn note(&self, note: &Block) -> String {
        let text = self.plain(&note.lines);
        let mark = note.note.as_deref().unwrap_or_default();
        let text = text.trim_start().strip_prefix(mark).unwrap_or(&text);
        text.trim_start_matches(|c: char| c.is_whitespace() || ".)".contains(c)).to_owned()
    }
}

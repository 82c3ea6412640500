//! What may go on: a paragraph or item that is not written yet, or a table that is not closed yet.

use quire_proto::{
    PageNumber,
    record::{Block, BlockKind, Continued, PageRecord},
};

use super::{lines, table::Layout};
use crate::hyphen::Hyphens;

/// A held-back paragraph longer than this is written without waiting for more.
const MAX_HELD: usize = 1 << 16;

/// Floats that may stand within a paragraph or table.
const MAX_FLOATS: usize = 24;

/// A block of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    page: PageNumber,
    block: u32,
}

impl At {
    pub(super) const fn of(block: &Block, page: &PageRecord) -> Self {
        Self { page: page.page, block: block.id }
    }
}

impl From<Continued> for At {
    fn from(continued: Continued) -> Self {
        Self { page: continued.page, block: continued.block }
    }
}

/// What the next blocks may continue, and floats that stand between.
#[derive(Debug)]
pub(super) struct Held {
    /// What it is.
    pub(super) kind: BlockKind,
    /// As much of it as is kept.
    pub(super) body: Body,
    /// What is written after it.
    pub(super) floats: Vec<Float>,
    /// The block it came from last.
    at: At,
}

/// Text is kept, a table is written already but for its end.
#[derive(Debug)]
pub(super) enum Body {
    /// A paragraph or item, not escaped yet.
    Text { prefix: String, text: String },
    /// Rows may follow.
    Table(Layout),
}

/// A block that stands within a paragraph, or after a table.
#[derive(Debug)]
pub(super) struct Float {
    pub(super) kind: BlockKind,
    pub(super) text: String,
    /// How a table is laid out; its end is missing in `text`.
    pub(super) table: Option<Layout>,
    pub(super) at: At,
}

impl Held {
    pub(super) const fn new(kind: BlockKind, body: Body, at: At) -> Self {
        Self { kind, body, floats: Vec::new(), at }
    }

    /// Whether the rest of it stands further down on `page`.
    pub(super) fn is_awaited(&self, page: &PageRecord) -> bool {
        page.blocks.iter().filter_map(|block| block.continues).any(|continued| At::from(continued) == self.at)
    }

    /// Whether a float more finds room.
    pub(super) fn has_room(&self) -> bool {
        self.floats.len() < MAX_FLOATS
    }

    /// Takes `text` of the block `at` in, if it goes on with the text held.
    pub(super) fn append(
        &mut self,
        continues: Option<Continued>,
        text: &str,
        at: At,
        hyphens: &Hyphens,
    ) -> bool {
        match &mut self.body {
            Body::Text { text: held, .. }
                if held.len() < MAX_HELD && continues.map(At::from) == Some(self.at) =>
            {
                lines::append(held, text, hyphens);
                self.at = at;
                true
            }
            _ => false,
        }
    }

    /// The layout of the table that is written already, if `continues` means it; from now on it ends with `at`.
    pub(super) fn written_table(&mut self, continues: Continued, at: At) -> Option<Layout> {
        match self.body {
            Body::Table(layout) if At::from(continues) == self.at => {
                self.at = at;
                Some(layout)
            }
            _ => None,
        }
    }

    /// The table among the floats that `continues` means.
    pub(super) fn floating_table(&mut self, continues: Continued) -> Option<&mut Float> {
        self.floats.iter_mut().find(|float| float.table.is_some() && float.at == At::from(continues))
    }
}

//! Outline: what only the whole document shows.
//!
//! ```text
//!  records, page by page ──▶ OutlineBuilder ──▶ Outline ──▶ records again, page by page, before export
//! ```
//!
//! Heading levels that agree over the document, headers and footers known by their
//! repetition, paragraphs and tables that go on over columns and pages. What is kept while
//! pages pass grows with the number of distinct sizes and running titles, never with the
//! number of pages.

mod continued;
mod joined_table;
mod ladder;
mod listed;
mod running;

use std::collections::BTreeMap;

use quire_proto::record::{Block, BlockKind, PageRecord};

use crate::blocks::heading;
use continued::Open;
use ladder::{Ladder, Style};
use running::Running;

/// Collects what pages show about their document.
#[derive(Clone, Debug, Default)]
pub struct OutlineBuilder {
    /// Characters of running text by size in half points.
    body: BTreeMap<u16, u64>,
    styles: BTreeMap<Style, ladder::Seen>,
    running: Running,
}

impl OutlineBuilder {
    /// Takes note of one page; pages come in order.
    pub fn add(&mut self, page: &PageRecord) {
        self.running.add(page);
        let listed = listed::headings(page);
        for (at, block) in page.blocks.iter().enumerate() {
            let Some(style) = Style::of(block) else { continue };
            let level = listed.iter().find(|(listed, _)| *listed == at).map(|(_, level)| *level);
            match block.kind {
                BlockKind::Heading => self.styles.entry(style).or_default().count(depth(block), level),
                _ if level.is_some() => self.styles.entry(style).or_default().count(depth(block), level),
                BlockKind::Paragraph | BlockKind::Quote | BlockKind::ListItem => {
                    let chars: u64 = block.lines.iter().map(|line| line.text.len() as u64).sum();
                    *self.body.entry(style.half_points).or_default() += chars;
                }
                _ => {}
            }
        }
    }

    /// The outline of the pages added.
    pub fn finish(self) -> Outline {
        let body = self.body.iter().max_by_key(|(_, chars)| **chars).map_or(0, |(size, _)| *size);
        Outline {
            ladder: Ladder::new(&self.styles),
            running: self.running,
            open: Open::default(),
            body_half_points: body,
        }
    }
}

/// What the whole document says about its pages.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    ladder: Ladder,
    running: Running,
    open: Open,
    body_half_points: u16,
}

impl Outline {
    /// Size of most of the running text in points; `None` when there was none.
    pub fn body_size_pt(&self) -> Option<f32> {
        (self.body_half_points > 0).then(|| f32::from(self.body_half_points) / 2.0)
    }

    /// Sets heading levels, marks headers, footers and page numbers, and ties what goes on to what it goes on with.
    /// Pages come in order.
    pub fn apply(&mut self, page: &mut PageRecord) {
        for (at, kind) in self.running.furniture(page) {
            let block = &mut page.blocks[at];
            block.kind = kind;
            block.level = None;
            block.list = None;
        }
        for block in page.blocks.iter_mut().filter(|block| block.kind == BlockKind::Heading) {
            if let Some(style) = Style::of(block) {
                block.level = Some(self.ladder.level(style, depth(block)));
            }
        }
        for (at, level) in listed::headings(page) {
            let block = &mut page.blocks[at];
            block.kind = BlockKind::Heading;
            block.list = None;
            block.level = Some(self.ladder.listed(level));
        }
        self.open.tie(page);
    }
}

/// Depth of the block's number, as `2.1` is 2.
fn depth(block: &Block) -> Option<u8> {
    block.lines.first().and_then(|line| heading::depth(&line.text))
}

#[cfg(test)]
mod tests;

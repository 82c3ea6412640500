//! Lists over two pages: the first items of a page may be nested in the last ones of the page before.
//!
//! Margins of left and right pages differ, so that indents are counted from the left edge of the page's text.

use quire_proto::record::{Block, BlockKind, PageMode, PageRecord};

/// Indents that differ by less than this many points are one.
const SAME_INDENT: f32 = 6.0;

/// Deepest nesting.
const DEEPEST: usize = 7;

/// The items that are open at the end of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenList {
    /// Their indents in points, outermost first.
    indents: Vec<f32>,
}

impl OpenList {
    /// Nests the items that `page` begins with in those open; then those at its end are open.
    pub(super) fn tie(&mut self, page: &mut PageRecord) {
        let Some(indents) = indents(page) else {
            self.indents.clear();
            return;
        };
        let mut begins = true;
        for (at, indent) in indents {
            let block = &mut page.blocks[at];
            // A paragraph that goes on, or is indented, is part of an item.
            let inner = block.continues.is_some();
            self.indents.retain(|open| *open < indent - SAME_INDENT || inner);
            begins &= block.kind == BlockKind::ListItem || inner;
            let Some(item) = &mut block.list else { continue };
            let depth = self.indents.len().min(DEEPEST) as u8;
            if begins {
                item.depth = item.depth.max(depth);
            }
            self.indents.push(indent);
        }
    }
}

/// The text blocks of a page by their indents in points; `None` where nothing can be said: on scans, which may be
/// crooked, and on turned pages.
fn indents(page: &PageRecord) -> Option<Vec<(usize, f32)>> {
    let dpi = page.size.map(|size| size.dpi).filter(|dpi| *dpi > 1.0)?;
    if page.mode == PageMode::Ocr || page.rotation.degrees() != 0 {
        return None;
    }
    let is_text = |block: &Block| {
        matches!(
            block.kind,
            BlockKind::Paragraph | BlockKind::ListItem | BlockKind::Heading | BlockKind::Quote
        )
    };
    let x = |block: &Block| block.lines.first().map(|line| line.rect.x0);
    let texts = || page.blocks.iter().enumerate().filter(|(_, block)| is_text(block));
    let running = texts().filter(|(_, block)| block.kind != BlockKind::Heading);
    let left = running.filter_map(|(_, block)| x(block)).fold(f32::INFINITY, f32::min);
    Some(texts().filter_map(|(at, block)| Some((at, (x(block)? - left) * 72.0 / dpi))).collect())
}

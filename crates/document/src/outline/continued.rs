//! Continuations: paragraphs and tables that go on after a column or page, whatever stands between.
//!
//! ```text
//!  blocks in reading order ──▶ the paragraph left open ──▶ does this one go on with it?
//!                          └─▶ the table at the end of a page ──▶ has the first of the next its columns?
//! ```
//!
//! Blocks are not merged: each stays on its page, and says which one it goes on with.

use quire_proto::{
    PageNumber, Rect,
    record::{Block, BlockKind, Continued, PageMode, PageRecord, PageStatus},
};

use super::joined_table::OpenTable;
use crate::{bidi::Direction, mirror::Mirror};

/// Text that differs more in size is not the same paragraph …
const SAME_SIZE: f32 = 1.08;

/// … and on scans, where sizes are measured to about a tenth, this much more.
const SAME_SIZE_SCANNED: f32 = 1.2;

/// A first line that begins this many of its heights right of the others begins a paragraph.
const INDENT: f32 = 0.6;

/// What is narrower than this share of the paragraph beside it is no column of the same text.
const NARROWER: f32 = 0.8;

/// Figures, notes and boxes that may stand within a paragraph.
const MAX_BETWEEN: usize = 24;

/// What may still go on after the pages seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    paragraph: Option<OpenParagraph>,
    table: Option<OpenTable>,
}

impl Open {
    /// Ties the blocks of `page`, whose kinds are final, to what they go on with.
    pub(super) fn tie(&mut self, page: &mut PageRecord) {
        if page.status == PageStatus::Failed {
            *self = Self::default();
            return;
        }
        let continued = OpenTable::go_on(&mut self.table, page);
        if let Some((at, continued)) = continued {
            page.blocks[at].continues = Some(continued);
        }
        let direction = Direction::of_blocks(&page.blocks);
        let seen: Vec<Seen> = (0..page.blocks.len()).map(|at| Seen::of(page, at, direction)).collect();
        for (at, seen) in seen.into_iter().enumerate().filter(|(_, seen)| !seen.kind.is_furniture()) {
            page.blocks[at].continues = page.blocks[at].continues.or(self.paragraph(seen));
        }
    }

    /// What the block `seen` goes on with; from then on it is the open one.
    fn paragraph(&mut self, seen: Seen) -> Option<Continued> {
        let open = self.paragraph.take();
        match (seen.kind, open) {
            (BlockKind::Paragraph | BlockKind::Quote, open) if seen.text.is_empty() => self.paragraph = open,
            (BlockKind::Paragraph | BlockKind::Quote, Some(open)) if open.goes_on(&seen) => {
                self.paragraph = Some(OpenParagraph::new(seen));
                let (page, block) = open.seen.at;
                return Some(Continued { page, block, repeated_rows: 0 });
            }
            (BlockKind::Paragraph, Some(open)) if open.passes(&seen) => self.paragraph = open.passed(),
            (BlockKind::Paragraph | BlockKind::Quote | BlockKind::ListItem, _) => {
                self.paragraph = Some(OpenParagraph::new(seen));
            }
            (BlockKind::Figure | BlockKind::Table | BlockKind::Caption | BlockKind::Footnote, Some(open)) => {
                self.paragraph = open.passed()
            }
            _ => {}
        }
        None
    }
}

/// A block as it matters here, with upright boxes, in the mirror where lines begin at the right.
#[derive(Clone, Debug)]
struct Seen {
    at: (PageNumber, u32),
    kind: BlockKind,
    rect: Rect,
    text: Ends,
    /// Whether it has more than one line: titles and labels have one.
    several: bool,
    /// Whether its last line reaches as far as the others.
    full: bool,
    /// Whether its first line begins right of the others.
    indented: bool,
    size: f32,
    /// How much larger the rest of one paragraph may be.
    same_size: f32,
}

/// How a text begins and ends.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    first: Option<char>,
    sentence_over: bool,
    hyphen: bool,
}

impl Ends {
    fn of(block: &Block) -> Self {
        let text = |line: &quire_proto::record::Line| line.text.trim().to_owned();
        let mut lines = block.lines.iter().map(text).filter(|text| !text.is_empty());
        let Some(begin) = lines.next() else { return Self::default() };
        let end = lines.next_back().unwrap_or_else(|| begin.clone());
        Self {
            first: begin.chars().find(|c| !"\"'“‘«(".contains(*c)).or(begin.chars().next()),
            sentence_over: ends_sentence(&end),
            hyphen: end.ends_with(['-', '\u{ad}', '\u{2010}']),
        }
    }

    const fn is_empty(self) -> bool {
        self.first.is_none()
    }
}

impl Seen {
    fn of(page: &PageRecord, at: usize, direction: Direction) -> Self {
        let block = &page.blocks[at];
        let (width, height) =
            page.size.map_or((0.0, 0.0), |size| (size.width_px as f32, size.height_px as f32));
        let upright = |rect: Rect| {
            let rect = page.rotation.apply_rect(rect, width, height);
            if direction.is_rtl() { Mirror::page(0.0).rect(&rect) } else { rect }
        };
        let rect = upright(block.rect);
        let lines: Vec<Rect> = block.lines.iter().map(|line| upright(line.rect)).collect();
        let several = lines.len() > 1;
        let left = lines.iter().skip(1).map(|line| line.x0).fold(f32::INFINITY, f32::min);
        Self {
            at: (page.page, block.id),
            kind: block.kind,
            rect,
            text: Ends::of(block),
            several,
            full: several && lines.last().is_some_and(|line| rect.x1 - line.x1 < line.height()),
            indented: lines.first().is_some_and(|line| line.x0 - left > INDENT * line.height()),
            size: block.lines.first().and_then(|line| line.font).map_or(0.0, |font| font.size_pt),
            same_size: if page.mode == PageMode::Ocr { SAME_SIZE_SCANNED } else { SAME_SIZE },
        }
    }
}

/// A paragraph or item whose sentence may go on.
#[derive(Clone, Debug)]
struct OpenParagraph {
    seen: Seen,
    /// How many blocks have stood between.
    between: usize,
}

impl OpenParagraph {
    const fn new(seen: Seen) -> Self {
        Self { seen, between: 0 }
    }

    /// Whether `next` is the rest of this paragraph: no sentence has ended, and the next word is in lower case or, in
    /// the next column or on the next page, follows a line that was full.
    fn goes_on(&self, next: &Seen) -> bool {
        let (large, small) = (self.seen.size.max(next.size), self.seen.size.min(next.size));
        let quoted = |seen: &Seen| seen.kind == BlockKind::Quote;
        if quoted(&self.seen) != quoted(next)
            || self.seen.text.sentence_over
            || large > small * next.same_size
        {
            return false;
        }
        let moved = self.seen.at.0 != next.at.0 || next.rect.y1 < self.seen.rect.y0;
        // A stamp or label at the end of a page is not what the next page goes on with.
        if moved && self.seen.rect.width() < 0.5 * next.rect.width() {
            return false;
        }
        let fills = moved && self.seen.full && next.several && !next.indented;
        self.seen.text.hyphen || next.text.first.is_some_and(char::is_lowercase) || fills
    }

    /// Whether `next` stands in a box beside this paragraph, which may go on below the box: it is smaller or narrower.
    fn passes(&self, next: &Seen) -> bool {
        let beside = self.seen.at.0 == next.at.0 && next.rect.overlap_x(&self.seen.rect) <= 0.0;
        let smaller = next.size * next.same_size < self.seen.size;
        let narrower = next.rect.width() < NARROWER * self.seen.rect.width();
        beside && (smaller || narrower) && self.seen.full
    }

    /// It after one more block that is not its rest.
    fn passed(self) -> Option<Self> {
        let open = !self.seen.text.sentence_over && self.between < MAX_BETWEEN;
        open.then_some(Self { between: self.between + 1, ..self })
    }
}

fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| "\"'”’»)]*".contains(c) || c.is_whitespace());
    text.ends_with(['.', '!', '?', ':', ';', '…', '。', '！', '？', '：', '；', '؟', '؛', '۔'])
}

//! Markdown: CommonMark with GFM tables, as a person would have typed the document.
//!
//! ```text
//!  blocks ──▶ furniture left out ──▶ paragraph that may go on ─┬─▶ joined with its continuation ──▶ out
//!                                     floats met meanwhile ────┘
//! ```
//!
//! A paragraph is held back until the next one shows whether it continues it over a
//! column or page. Nothing else is kept, so memory does not grow with the document.

mod escape;
mod lines;
mod list;
mod table;

use std::io;

use quire_proto::{
    PageNumber, Rect,
    record::{Block, BlockKind, Mark, PageMode, PageRecord, PageStatus},
};

use crate::{
    clean,
    hyphen::{self, Hyphens},
};
use list::Lists;

/// A held-back paragraph longer than this is written without waiting for more.
const MAX_HELD: usize = 1 << 16;

/// Text that differs more in size is not the same paragraph …
const SAME_SIZE: f32 = 1.08;

/// … and on scans, where sizes are measured to about a tenth, this much more.
const SAME_SIZE_SCANNED: f32 = 1.2;

/// Floats that may stand within a paragraph.
const MAX_FLOATS: usize = 24;

/// How Markdown is written.
#[derive(Clone, Debug, Default)]
pub struct MarkdownOptions {
    /// Folder of the pictures relative to the file, such as `report.assets`.
    pub assets: String,
    /// Mark where pages begin with a comment; paragraphs then end with their page.
    pub page_breaks: bool,
}

/// Writes pages as one Markdown document.
#[derive(Debug)]
pub struct MarkdownWriter<W> {
    out: W,
    options: MarkdownOptions,
    lists: Lists,
    held: Option<Held>,
    last: Option<BlockKind>,
    hyphens: Hyphens,
}

/// The paragraph or item that the next block may continue, and floats that stand between them.
#[derive(Debug)]
struct Held {
    kind: BlockKind,
    /// Escaped already; hard breaks included.
    prefix: String,
    text: String,
    floats: Vec<(BlockKind, String)>,
    /// Page and box of the block it came from last, and whether that block's last line was full.
    page: PageNumber,
    rect: Rect,
    full: bool,
    size: f32,
}

impl<W: io::Write> MarkdownWriter<W> {
    /// A writer to `out`.
    pub fn new(out: W, options: MarkdownOptions) -> Self {
        Self { out, options, lists: Lists::default(), held: None, last: None, hyphens: Hyphens::default() }
    }

    /// Writes one page; pages come in order.
    pub fn page(&mut self, page: &PageRecord) -> io::Result<()> {
        if self.options.page_breaks {
            self.flush()?;
            self.emit(BlockKind::Figure, &format!("<!-- page {} -->", page.page))?;
        }
        if page.status == PageStatus::Failed {
            self.flush()?;
            return self.emit(BlockKind::Figure, &failure(page));
        }
        self.hyphens.read(page);
        for block in page.blocks.iter().filter(|block| !block.kind.is_furniture()) {
            self.hyphens.speak(block.language.as_deref().or(page.language.as_deref()));
            self.block(block, page)?;
        }
        Ok(())
    }

    /// Writes what is held back, flushes, and hands the output back.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn block(&mut self, block: &Block, page: &PageRecord) -> io::Result<()> {
        match block.kind {
            BlockKind::Paragraph => self.running(block, page),
            BlockKind::ListItem => {
                self.flush()?;
                let item = self.lists.enter(block);
                self.hold(block, page, item.prefix, lines::broken(block, &item.marker, &self.hyphens))
            }
            kind => {
                let text = self.standing(block, page);
                let floats = matches!(
                    kind,
                    BlockKind::Figure | BlockKind::Table | BlockKind::Caption | BlockKind::Footnote
                );
                match &mut self.held {
                    Some(held) if floats && !ends_sentence(&held.text) && held.floats.len() < MAX_FLOATS => {
                        held.floats.push((kind, text));
                        Ok(())
                    }
                    _ => {
                        self.flush()?;
                        self.lists.leave();
                        self.emit(kind, &text)
                    }
                }
            }
        }
    }

    /// A paragraph: the continuation of the one held back, or the next to be held.
    fn running(&mut self, block: &Block, page: &PageRecord) -> io::Result<()> {
        let text = lines::broken(block, "", &self.hyphens);
        if text.is_empty() {
            return Ok(());
        }
        if let Some(held) = &mut self.held
            && held.text.len() < MAX_HELD
            && held.goes_on(block, page, &text)
        {
            lines::append(&mut held.text, &text, &self.hyphens);
            (held.page, held.rect, held.full) = (page.page, block.rect, lines::ends_full(block));
            return Ok(());
        }
        if let Some(held) = &mut self.held
            && held.passes(block, page)
        {
            held.floats.push((block.kind, lines::render(&text, "")));
            return Ok(());
        }
        self.flush()?;
        self.lists.leave();
        self.hold(block, page, String::new(), text)
    }

    /// The text of a block that stands by itself.
    fn standing(&self, block: &Block, page: &PageRecord) -> String {
        match block.kind {
            BlockKind::Heading => heading(block, &self.hyphens),
            BlockKind::Code => lines::fenced(block),
            BlockKind::Table => {
                block.table.as_ref().map(|table| table::render(table, &self.hyphens)).unwrap_or_default()
            }
            BlockKind::Formula if block.latex.is_some() => formula(block),
            BlockKind::Figure | BlockKind::Formula => self.picture(block, page),
            _ => escape::line(&clean::running(&block.lines, &self.hyphens)),
        }
    }

    /// A link to the picture; its text where there is none.
    fn picture(&self, block: &Block, page: &PageRecord) -> String {
        let Some(asset) = block.figure.as_ref().and_then(|figure| figure.asset.as_deref()) else {
            return lines::render(&lines::broken(block, "", &self.hyphens), "");
        };
        let alt = match page.blocks.iter().find(|caption| caption.caption_of == Some(block.id)) {
            Some(caption) => clean::running(&caption.lines, &self.hyphens),
            None if block.kind == BlockKind::Formula => clean::running(&block.lines, &self.hyphens),
            None => block.mark.map(|mark| marked(mark, block, &self.hyphens)).unwrap_or_default(),
        };
        let folder =
            if self.options.assets.is_empty() { String::new() } else { format!("{}/", self.options.assets) };
        format!("![{}]({})", alt_text(&alt), escape::target(&format!("{folder}{asset}")))
    }

    fn hold(&mut self, block: &Block, page: &PageRecord, prefix: String, text: String) -> io::Result<()> {
        self.flush()?;
        let full = lines::ends_full(block);
        self.held = Some(Held {
            kind: block.kind,
            prefix,
            text,
            floats: Vec::new(),
            page: page.page,
            rect: block.rect,
            full,
            size: size(block),
        });
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(held) = self.held.take() else { return Ok(()) };
        self.emit(held.kind, &lines::render(&held.text, &held.prefix))?;
        for (kind, text) in held.floats {
            self.lists.leave();
            self.emit(kind, &text)?;
        }
        Ok(())
    }

    /// Items follow each other directly, everything else after a blank line.
    fn emit(&mut self, kind: BlockKind, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let tight = self.last == Some(BlockKind::ListItem) && kind == BlockKind::ListItem;
        if self.last.is_some() && !tight {
            self.out.write_all(b"\n")?;
        }
        self.last = Some(kind);
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")
    }
}

/// Size of the block's first line in points, zero where unknown.
fn size(block: &Block) -> f32 {
    block.lines.first().and_then(|line| line.font).map_or(0.0, |font| font.size_pt)
}

fn heading(block: &Block, hyphens: &Hyphens) -> String {
    let text = escape::heading(&clean::running(&block.lines, hyphens));
    let level = usize::from(block.level.unwrap_or(2).clamp(1, 6));
    if text.is_empty() { text } else { format!("{} {text}", "#".repeat(level)) }
}

/// Between dollar signs, none of which may stand inside.
fn formula(block: &Block) -> String {
    let latex = block.latex.as_deref().unwrap_or_default();
    format!("$$\n{}\n$$", clean::printable(latex).replace("$$", "").trim())
}

fn failure(page: &PageRecord) -> String {
    let why = page.failure.as_ref().map_or_else(
        || "unknown reason".to_owned(),
        |failure| {
            format!("{}, {}", failure.class.name().replace('_', " "), clean::printable(&failure.message))
        },
    );
    format!("> [page {} could not be read: {}]", page.page, escape::inline(why.trim()))
}

/// `stamp: RECEIVED 3 MAY`.
fn marked(mark: Mark, block: &Block, hyphens: &Hyphens) -> String {
    let text = clean::running(&block.lines, hyphens);
    if text.is_empty() { mark.as_str().to_owned() } else { format!("{}: {text}", mark.as_str()) }
}

/// Brackets would end the alternative text.
fn alt_text(text: &str) -> String {
    escape::inline(text).replace(['[', ']'], "")
}

impl Held {
    /// Whether `text` of `block` is the rest of this paragraph: no sentence has ended, and the next word is in
    /// lower case or, in the next column or on the next page, follows a line that was full.
    fn goes_on(&self, block: &Block, page: &PageRecord, text: &str) -> bool {
        let size = size(block);
        if ends_sentence(&self.text) || self.size.max(size) > self.size.min(size) * same_size(page) {
            return false;
        }
        let hyphen = self.text.ends_with(|c| c != '=' && hyphen::is_break(c));
        let first = text.chars().find(|c| !"\"'“‘«(".contains(*c));
        let moved = self.page != page.page || block.rect.y1 < self.rect.y0;
        // A stamp or label at the end of a page is not what the next page goes on with.
        if moved && self.rect.width() < 0.5 * block.rect.width() {
            return false;
        }
        hyphen || first.is_some_and(char::is_lowercase) || (moved && self.full && lines::is_several(block))
    }

    /// Whether `block` is smaller text in a box beside this paragraph, which may go on below the box.
    fn passes(&self, block: &Block, page: &PageRecord) -> bool {
        let beside = self.page == page.page && block.rect.overlap_x(&self.rect) <= 0.0;
        let smaller = size(block) * same_size(page) < self.size;
        beside && smaller && self.full && !ends_sentence(&self.text) && self.floats.len() < MAX_FLOATS
    }
}

/// How much larger text of one paragraph may be than the rest of it.
fn same_size(page: &PageRecord) -> f32 {
    if page.mode == PageMode::Ocr { SAME_SIZE_SCANNED } else { SAME_SIZE }
}

fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| "\"'”’»)]*".contains(c) || c.is_whitespace());
    text.ends_with(['.', '!', '?', ':', ';', '…', '。', '！', '？', '：', '；'])
}

#[cfg(test)]
mod tests;

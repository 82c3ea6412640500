//! Markdown: CommonMark with GFM tables, as a person would have typed the document.
//!
//! ```text
//!  blocks ──▶ furniture left out ──▶ paragraph that may go on ─┬─▶ joined with its continuation ──▶ out
//!                                     floats met meanwhile ────┘
//! ```
//!
//! A paragraph is held back until the next blocks show whether one of them continues it
//! over a column or page; a table is written and left open. Nothing else is kept, so memory
//! does not grow with the document.

mod escape;
mod held;
mod lines;
mod list;
mod notes;
mod table;
mod wording;

use std::io;

use quire_proto::record::{Block, BlockKind, Mark, PageRecord, PageStatus, Table};

use crate::clean;
use held::{At, Body, Float, Held};
use lines::QUOTE;
use list::Lists;
use table::Layout;
use wording::Wording;

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
    wording: Wording,
    held: Option<Held>,
    last: Option<BlockKind>,
}

impl<W: io::Write> MarkdownWriter<W> {
    /// A writer to `out`.
    pub fn new(out: W, options: MarkdownOptions) -> Self {
        Self { out, options, lists: Lists::default(), wording: Wording::default(), held: None, last: None }
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
        self.wording.turn(page);
        for block in page.blocks.iter().filter(|block| !block.kind.is_furniture()) {
            self.wording.hyphens.speak(block.language.as_deref().or(page.language.as_deref()));
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
        let at = At::of(block, page);
        match (block.kind, &block.table) {
            (BlockKind::Paragraph | BlockKind::Quote, _) => self.running(block, page),
            (BlockKind::ListItem, _) => {
                self.flush()?;
                let item = self.lists.enter(block);
                let text = lines::broken(block, &item.marker, &self.wording);
                self.held = Some(Held::new(block.kind, Body::Text { prefix: item.prefix, text }, at));
                Ok(())
            }
            (BlockKind::Table, Some(table)) => self.table(block, table, at),
            (kind, _) => {
                let text = self.standing(block, page);
                let floats = matches!(kind, BlockKind::Figure | BlockKind::Caption | BlockKind::Footnote);
                match &mut self.held {
                    Some(held) if floats && held.has_room() => {
                        held.floats.push(Float { kind, text, table: None, at });
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

    /// A paragraph: the continuation of the one held back, a box within it, or the next to be held.
    fn running(&mut self, block: &Block, page: &PageRecord) -> io::Result<()> {
        let (text, at, kind) = (lines::broken(block, "", &self.wording), At::of(block, page), block.kind);
        if text.is_empty() {
            return Ok(());
        }
        if let Some(held) = &mut self.held {
            if held.append(block.continues, &text, at, &self.wording.hyphens) {
                return Ok(());
            }
            if held.is_awaited(page) && held.has_room() {
                held.floats.push(Float { kind, text: lines::render(&text, ""), table: None, at });
                return Ok(());
            }
        }
        self.flush()?;
        self.lists.leave();
        let prefix = if kind == BlockKind::Quote { QUOTE.to_owned() } else { String::new() };
        self.held = Some(Held::new(kind, Body::Text { prefix, text }, at));
        Ok(())
    }

    /// A table: more rows of the one before the break, a float in a paragraph, or the next that may get more rows.
    fn table(&mut self, block: &Block, table: &Table, at: At) -> io::Result<()> {
        let (layout, kind) = (Layout::of(table), block.kind);
        if let (Some(held), Some(continues)) = (&mut self.held, block.continues) {
            let skip = continues.repeated_rows;
            if let Some(more) =
                held.written_table(continues, at).and_then(|held| held.more(table, skip, &self.wording))
            {
                return writeln!(self.out, "{more}");
            }
            if let Some(float) = held.floating_table(continues)
                && let Some(more) = float.table.and_then(|layout| layout.more(table, skip, &self.wording))
            {
                float.text = format!("{}\n{more}", float.text);
                float.at = at;
                return Ok(());
            }
        }
        let text = layout.begin(table, &self.wording);
        match &mut self.held {
            Some(held) if matches!(held.body, Body::Text { .. }) && held.has_room() => {
                held.floats.push(Float { kind, text, table: Some(layout), at });
                Ok(())
            }
            _ => {
                self.flush()?;
                self.lists.leave();
                self.emit(kind, &text)?;
                self.held = Some(Held::new(kind, Body::Table(layout), at));
                Ok(())
            }
        }
    }

    /// The text of a block that stands by itself.
    fn standing(&self, block: &Block, page: &PageRecord) -> String {
        match block.kind {
            BlockKind::Heading => self.heading(block),
            BlockKind::Footnote => self.footnote(block),
            BlockKind::Caption => notes::labelled(&escape::line(&self.wording.running(&block.lines))),
            BlockKind::Code => lines::fenced(block),
            BlockKind::Formula if block.latex.is_some() => formula(block),
            BlockKind::Figure | BlockKind::Formula => self.picture(block, page),
            _ => escape::line(&self.wording.plain(&block.lines)),
        }
    }

    /// A note with the label that the text refers to it by; otherwise as printed.
    fn footnote(&self, block: &Block) -> String {
        match self.wording.notes.label(block.id) {
            Some(label) => format!("[^{label}]: {}", escape::line(&self.wording.note(block))),
            None => escape::line(&self.wording.plain(&block.lines)),
        }
    }

    fn heading(&self, block: &Block) -> String {
        let text = notes::labelled(&escape::heading(&self.wording.running(&block.lines)));
        let level = usize::from(block.level.unwrap_or(2).clamp(1, 6));
        if text.is_empty() { text } else { format!("{} {text}", "#".repeat(level)) }
    }

    /// A link to the picture; its text where there is none.
    fn picture(&self, block: &Block, page: &PageRecord) -> String {
        let Some(asset) = block.figure.as_ref().and_then(|figure| figure.asset.as_deref()) else {
            return lines::render(&lines::broken(block, "", &self.wording), "");
        };
        let alt = match page.blocks.iter().find(|caption| caption.caption_of == Some(block.id)) {
            Some(caption) => self.wording.plain(&caption.lines),
            None if block.kind == BlockKind::Formula => self.wording.plain(&block.lines),
            None => block.mark.map(|mark| marked(mark, block, &self.wording)).unwrap_or_default(),
        };
        let folder =
            if self.options.assets.is_empty() { String::new() } else { format!("{}/", self.options.assets) };
        format!("![{}]({})", alt_text(&alt), escape::target(&format!("{folder}{asset}")))
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(held) = self.held.take() else { return Ok(()) };
        match held.body {
            Body::Text { prefix, text } => self.emit(held.kind, &lines::render(&text, &prefix))?,
            Body::Table(layout) => self.out.write_all(layout.end().as_bytes())?,
        }
        for float in held.floats {
            self.lists.leave();
            self.emit(float.kind, &float.text)?;
            self.out.write_all(float.table.map_or("", Layout::end).as_bytes())?;
        }
        Ok(())
    }

    /// Items follow each other directly, everything else after a blank line; paragraphs of a quote stay in it.
    fn emit(&mut self, kind: BlockKind, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let tight = self.last == Some(BlockKind::ListItem) && kind == BlockKind::ListItem;
        let quoted = self.last == Some(BlockKind::Quote) && kind == BlockKind::Quote;
        if self.last.is_some() && !tight {
            self.out.write_all(if quoted { b">\n".as_slice() } else { b"\n" })?;
        }
        self.last = Some(kind);
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")
    }
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
fn marked(mark: Mark, block: &Block, wording: &Wording) -> String {
    let text = wording.plain(&block.lines);
    if text.is_empty() { mark.as_str().to_owned() } else { format!("{}: {text}", mark.as_str()) }
}

/// Brackets would end the alternative text.
fn alt_text(text: &str) -> String {
    escape::inline(text).replace(['[', ']'], "")
}

#[cfg(test)]
mod tests;

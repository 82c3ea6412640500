//! Plain text: everything on the page in reading order, one line per printed line.

use std::io;

use quire_proto::record::{Block, BlockKind, PageRecord, Table};
use unicode_normalization::UnicodeNormalization;

use crate::clean;

/// Writes pages as plain text in NFC, with a form feed between them.
///
/// Headers, footers, numbers of pages and lines and the text in figures are part of it. A blank
/// line separates blocks; a page that failed is empty, so that form feeds still count pages.
#[derive(Debug)]
pub struct TextWriter<W> {
    out: W,
    pages: u64,
}

impl<W: io::Write> TextWriter<W> {
    /// A writer to `out`.
    pub const fn new(out: W) -> Self {
        Self { out, pages: 0 }
    }

    /// Writes one page; pages come in order.
    pub fn page(&mut self, page: &PageRecord) -> io::Result<()> {
        if self.pages > 0 {
            self.out.write_all(b"\x0c")?;
        }
        self.pages += 1;
        let mut last: Option<BlockKind> = None;
        for block in &page.blocks {
            let text = block_text(block);
            if text.is_empty() {
                continue;
            }
            let item_after_item = last == Some(BlockKind::ListItem) && block.kind == BlockKind::ListItem;
            if last.is_some() && !item_after_item {
                self.out.write_all(b"\n")?;
            }
            self.out.write_all(text.as_bytes())?;
            last = Some(block.kind);
        }
        Ok(())
    }

    /// Flushes, and hands the output back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

fn block_text(block: &Block) -> String {
    let mut text = String::new();
    if let Some(table) = &block.table {
        table_rows(table, &mut text);
    }
    for line in &block.lines {
        push_line(&mut text, &line.text);
    }
    text
}

/// One line per row, cells separated by tabs; a cell's own lines are joined by spaces.
fn table_rows(table: &Table, text: &mut String) {
    let mut row = None;
    let mut line = String::new();
    for cell in &table.cells {
        if row.is_some_and(|row| row != cell.row) {
            push_line(text, &line);
            line.clear();
        } else if row.is_some() {
            line.push('\u{1f}');
        }
        row = Some(cell.row);
        let words: Vec<&str> = cell.lines.iter().map(|line| line.text.as_str()).collect();
        line.push_str(&clean::printable(&words.join(" ")));
    }
    push_line(text, &line);
}

/// Unit separators stand for tabs until the control characters are gone.
fn push_line(text: &mut String, line: &str) {
    let cells: Vec<String> =
        line.split('\u{1f}').map(|cell| clean::printable(cell).trim().nfc().collect()).collect();
    let line = cells.join("\t");
    if !line.trim().is_empty() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use quire_proto::{
        DocumentId, PageNumber,
        record::{Cell, Line, ModeReason, PageMode, PageStatus},
    };

    use super::*;

    fn line(text: &str) -> Line {
        Line { text: text.into(), ..Line::default() }
    }

    fn block(kind: BlockKind, lines: &[&str]) -> Block {
        let lines = lines.iter().map(|text| line(text)).collect();
        Block { id: 1, lines, ..Block::new(kind, quire_proto::Rect::default()) }
    }

    fn page(blocks: Vec<Block>) -> PageRecord {
        PageRecord {
            mode: PageMode::Text,
            mode_reason: ModeReason::CleanTextLayer,
            blocks,
            ..PageRecord::empty(DocumentId::of(b"test"), PageNumber::FIRST, PageStatus::Done)
        }
    }

    fn written(pages: &[PageRecord]) -> String {
        let mut writer = TextWriter::new(Vec::new());
        pages.iter().for_each(|page| writer.page(page).unwrap());
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn everything_is_there_line_by_line() {
        let first = page(vec![
            block(BlockKind::PageHeader, &["Header"]),
            block(BlockKind::Paragraph, &["exam-", "ple\u{7}"]),
            block(BlockKind::ListItem, &["• one"]),
            block(BlockKind::ListItem, &["• two"]),
        ]);
        let second = page(vec![block(BlockKind::Paragraph, &["cafe\u{301}"])]);

        assert_eq!(written(&[first, second]), "Header\n\nexam-\nple\n\n• one\n• two\n\x0ccaf\u{e9}\n");
    }

    #[test]
    fn a_table_is_rows_of_cells() {
        let cell = |row, column, text: &str| Cell { row, column, lines: vec![line(text)], ..Cell::default() };
        let table = Table {
            rows: 2,
            columns: 2,
            header_rows: 1,
            cells: vec![cell(0, 0, "a"), cell(0, 1, "b"), cell(1, 0, ""), cell(1, 1, "d")],
        };

        let text = written(&[page(vec![Block { table: Some(table), ..block(BlockKind::Table, &[]) }])]);

        assert_eq!(text, "a\tb\n\td\n");
    }

    #[test]
    fn a_failed_page_is_empty_and_still_counted() {
        let pages = [page(vec![]), page(vec![block(BlockKind::Paragraph, &["x"])])];

        assert_eq!(written(&pages), "\x0cx\n");
    }
}

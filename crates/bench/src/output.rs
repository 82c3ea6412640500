//! What an engine wrote for a document: text, Markdown, page records.

use std::path::{Path, PathBuf};

use quire_proto::record::{Block, BlockKind, PageRecord};
use serde::Deserialize;

use crate::{
    corpus::read_json,
    score::{
        headings::Heading,
        table::{self, Node},
        text,
        tree::Tree,
    },
};

/// A directory that holds `<id>.txt`, `<id>.md` and `<id>.json`, or some of them.
pub struct Output {
    root: PathBuf,
}

/// The JSON output of a document; only what is scored.
#[derive(Deserialize)]
struct DocumentFile {
    pages: Vec<PageRecord>,
}

impl Output {
    /// Outputs in a directory.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// The text of a document: `<id>.txt`, or `<id>.md` without its markup.
    pub fn text(&self, id: &str) -> Option<String> {
        self.read(id, "txt").or_else(|| Some(text::plain(&self.markdown(id)?)))
    }

    /// The Markdown of a document.
    pub fn markdown(&self, id: &str) -> Option<String> {
        self.read(id, "md")
    }

    /// The page records of a document.
    pub fn records(&self, id: &str) -> anyhow::Result<Option<Vec<PageRecord>>> {
        let path = self.root.join(format!("{id}.json"));
        if !path.is_file() {
            return Ok(None);
        }
        Ok(Some(read_json::<DocumentFile>(&path)?.pages))
    }

    /// Bytes that are not UTF-8 are an engine's fault and count as errors, not as a missing output.
    fn read(&self, id: &str, extension: &str) -> Option<String> {
        let bytes = std::fs::read(self.root.join(format!("{id}.{extension}"))).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// All tables of a document, in reading order.
pub fn tables(records: &[PageRecord]) -> Vec<Tree<Node>> {
    let blocks = records.iter().flat_map(|record| &record.blocks);
    blocks.filter_map(|block| block.table.as_ref()).map(table::from_record).collect()
}

/// The text of a document without what stands in its figures.
pub fn text_outside_figures(records: &[PageRecord]) -> String {
    let blocks = records.iter().flat_map(|record| &record.blocks);
    let lines = blocks.filter(|block| block.kind != BlockKind::Figure).flat_map(Block::all_lines);
    lines.map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// The printed lines in the cells of all tables.
pub fn cell_lines(records: &[PageRecord]) -> impl Iterator<Item = &str> {
    let tables = records.iter().flat_map(|record| &record.blocks).filter_map(|block| block.table.as_ref());
    tables.flat_map(|table| &table.cells).flat_map(|cell| &cell.lines).map(|line| line.text.as_str())
}

/// All headings of a document, in reading order.
pub fn headings(records: &[PageRecord]) -> Vec<Heading> {
    let of_page = |record: &PageRecord| -> Vec<Heading> {
        let headings = record.blocks.iter().filter(|block| block.kind == BlockKind::Heading);
        headings.map(|block| heading(block, record.page.get())).collect()
    };
    records.iter().flat_map(of_page).collect()
}

fn heading(block: &Block, page: u32) -> Heading {
    let lines: Vec<&str> = block.lines.iter().map(|line| line.text.as_str()).collect();
    Heading { level: block.level.unwrap_or(1), title: lines.join(" "), page }
}

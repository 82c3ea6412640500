//! Blocks, lines, words, tables.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{geometry::Rect, range::PageNumber};

/// A paragraph, heading, table, figure…: one thing on the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Block {
    /// Number within the page, from one, in reading order.
    pub id: u32,
    /// What it is.
    pub kind: BlockKind,
    /// Where it is, in page pixels.
    #[serde(rename = "box")]
    pub rect: Rect,
    /// Confidence of the layout model in this block, 0 to 1; absent when geometry made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// Its lines from top to bottom; empty for tables, whose lines are in the cells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// Level of a heading within the page's evidence, 1 highest; the document may shift it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Marker and depth; present exactly when `kind` is `list_item`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListItem>,
    /// Rows and cells; present exactly when `kind` is `table`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// The picture; present exactly when `kind` is `figure` or `formula`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<Figure>,
    /// The block this caption belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption_of: Option<u32>,
    /// What a person left on the page; only with a layout model that knows such things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// The formula in LaTeX; only with a model that reads formulas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latex: Option<String>,
    /// The paragraph or table that goes on here; what stands between the two belongs to neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues: Option<Continued>,
    /// The mark of a footnote as printed (`1`, `*`); it is also still the beginning of the first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The language of its text as in `PageRecord`, where it is surely another one than the page's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The script of its text as in `PageRecord`, where it is another one than the page's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
}

impl Block {
    /// A block of which only kind and place are known.
    pub const fn new(kind: BlockKind, rect: Rect) -> Self {
        Self {
            id: 0,
            kind,
            rect,
            confidence: None,
            lines: Vec::new(),
            level: None,
            list: None,
            table: None,
            figure: None,
            caption_of: None,
            mark: None,
            latex: None,
            continues: None,
            note: None,
            language: None,
            script: None,
        }
    }

    /// All its lines, those in table cells too.
    pub fn all_lines(&self) -> impl Iterator<Item = &Line> {
        let cells = self.table.iter().flat_map(|table| &table.cells);
        self.lines.iter().chain(cells.flat_map(|cell| &cell.lines))
    }

    /// The same, to be changed.
    pub fn all_lines_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        let cells = self.table.iter_mut().flat_map(|table| &mut table.cells);
        self.lines.iter_mut().chain(cells.flat_map(|cell| &mut cell.lines))
    }

    /// Takes the lines of `next`, which is one with it, and grows around them.
    pub fn append(&mut self, next: Self) {
        self.rect = self.rect.union(&next.rect);
        self.lines.extend(next.lines);
    }
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// A heading; see `level`.
    Heading,
    /// Running text.
    Paragraph,
    /// A passage set in from both sides.
    Quote,
    /// One item of a list; see `list`.
    ListItem,
    /// Preformatted text.
    Code,
    /// A table; see `table`.
    Table,
    /// A picture; see `figure`.
    Figure,
    /// The caption of a figure or table; see `caption_of`.
    Caption,
    /// A display formula: kept as a picture, its lines are the fall-back.
    Formula,
    /// A note at the foot of the page.
    Footnote,
    /// Running header: left out of running text.
    PageHeader,
    /// Running footer: left out of running text.
    PageFooter,
    /// Page number: left out of running text.
    PageNumber,
    /// The numbers of lines in a margin, one to a line: left out of running text.
    LineNumbers,
}

impl BlockKind {
    /// Whether it belongs to the page rather than to the text: headers, footers, numbers of pages and lines.
    pub const fn is_furniture(self) -> bool {
        matches!(self, Self::PageHeader | Self::PageFooter | Self::PageNumber | Self::LineNumbers)
    }
}

/// What a person left on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// A stamp or seal; the block is a figure.
    Stamp,
    /// A signature; the block is a figure.
    Signature,
    /// Writing by hand; the block is text, or a figure when nothing could be read.
    Handwriting,
}

impl Mark {
    /// In a sentence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stamp => "stamp",
            Self::Signature => "signature",
            Self::Handwriting => "handwriting",
        }
    }
}

/// The block before a break over a column or page, from the block after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Continued {
    /// Its page.
    pub page: PageNumber,
    /// Its number on that page.
    pub block: u32,
    /// Leading rows of a table that only repeat the heading of the one before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub repeated_rows: u32,
}

const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A line of text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Its text with spaces; without white space it equals the words joined.
    pub text: String,
    /// Where it is, in page pixels.
    #[serde(rename = "box")]
    pub rect: Rect,
    /// Mean confidence of its words by their lengths, 0 to 1; absent for text that was not recognised but read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// Its words, in reading order.
    pub words: Vec<Word>,
    /// How most of it is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub font: Option<FontStyle>,
}

/// A word with its box.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Word {
    /// Its text, without white space.
    pub text: String,
    /// Where it is, in page pixels.
    #[serde(rename = "box")]
    pub rect: Rect,
    /// How likely it is read rightly, 0 to 1: of words with 0.9, nine of ten are. Absent for text that was not
    /// recognised but read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// Set small above the line, as the mark of a note; it touches the word before it or after it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub raised: bool,
    /// The footnote on this page that the word refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<u32>,
}

/// How a line is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FontStyle {
    /// Size in points: the font's on text pages, estimated from the line's height on scans.
    pub size_pt: f32,
    /// Heavier than regular.
    #[serde(default)]
    pub bold: bool,
    /// Slanted.
    #[serde(default)]
    pub italic: bool,
    /// All characters have one width.
    #[serde(default)]
    pub monospace: bool,
}

/// What makes a block an item of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListItem {
    /// The marker as printed (`•`, `3.`, `(b)`); it is also still the beginning of the first line.
    pub marker: String,
    /// Whether the items are counted.
    pub ordered: bool,
    /// Nesting, 0 outermost.
    pub depth: u8,
}

/// A picture cut out of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// File name among the document's assets; absent when it was not cut out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
}

/// A table with its content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    /// Number of rows.
    pub rows: u32,
    /// Number of columns.
    pub columns: u32,
    /// Leading rows that are headings.
    pub header_rows: u32,
    /// Cells in reading order.
    pub cells: Vec<Cell>,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// Row, from zero.
    pub row: u32,
    /// Column, from zero.
    pub column: u32,
    /// Rows it spans.
    pub row_span: u32,
    /// Columns it spans.
    pub column_span: u32,
    /// Where it is, in page pixels.
    #[serde(rename = "box")]
    pub rect: Rect,
    /// Its lines from top to bottom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
}

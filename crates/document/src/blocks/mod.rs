//! Blocks: rows of text become paragraphs, headings, list items, code and captions.
//!
//! ```text
//!  lines ──▶ row (one printed row each) ──▶ flow (rows that may belong together) ──▶ split ──▶ drafts
//!           └▶ line_numbers (in the margin)               list, heading, caption, furniture say what a draft is
//! ```
//!
//! What must stay true: rows are only ever grouped, never dropped.

pub(crate) mod caption;
pub(crate) mod contents;
pub(crate) mod drawn;
pub(crate) mod flow;
pub(crate) mod furniture;
mod gutter;
pub(crate) mod heading;
pub(crate) mod line_numbers;
pub(crate) mod list;
pub(crate) mod nesting;
pub(crate) mod row;
pub(crate) mod split;

pub use line_numbers::LineNumberParams;
pub(crate) use row::Row;

/// What the grouping of rows into blocks may be tuned by; lengths are in *ems*, the size of the text at hand.
#[derive(Clone, Copy, Debug)]
pub struct BlockParams {
    /// Pieces of one printed row may be this far apart when no region says more.
    pub join_em: f32,
    /// Pieces of one printed row may be this far apart inside a region of running text.
    pub join_in_region_em: f32,
    /// A white stripe at least this wide …
    pub gutter_em: f32,
    /// … between pieces at least this wide …
    pub gutter_column_em: f32,
    /// … on at least this many printed rows is a gutter: pieces are not joined across it.
    pub gutter_rows: usize,
    /// Leftover rows this close above each other may belong together.
    pub flow_gap_em: f32,
    /// Rows that reach this much further right than the column above them are not in it.
    pub gets_wider_em: f32,
    /// A step between rows this much larger than the usual one begins a paragraph …
    pub paragraph_step: f32,
    /// … and this much where a region begins as well.
    pub region_step: f32,
    /// First-line indent that begins a paragraph.
    pub indent_em: f32,
    /// Room left at the end of a row, beyond the next word, that ends a paragraph.
    pub room_em: f32,
    /// Text this many times larger is not the same block, on text pages.
    pub size_step_text: f32,
    /// The same on scans, where sizes are guessed from box heights.
    pub size_step_scan: f32,
    /// Text this many times larger than the body is a heading, on text pages.
    pub heading_text: f32,
    /// The same on scans.
    pub heading_scan: f32,
    /// A heading has at most this many rows …
    pub heading_rows: usize,
    /// … and at most this many characters.
    pub heading_chars: usize,
    /// Text this much smaller than the body may be a footnote.
    pub footnote_ratio: f32,
    /// Size of a font in relation to the height of the box that the detector draws around a line.
    pub size_of_height: f32,
    /// The order in which the file draws is believed when the eye travels less than this share of the way that geometry leads it.
    pub drawn_travel: f32,
    /// Headers lie in this share of the page's height at its top.
    pub header_share: f32,
    /// Footers lie in this share of the page's height at its bottom.
    pub footer_share: f32,
}

impl Default for BlockParams {
    fn default() -> Self {
        Self {
            join_em: 0.9,
            join_in_region_em: 2.5,
            gutter_em: 0.25,
            gutter_column_em: 6.0,
            gutter_rows: 3,
            flow_gap_em: 1.1,
            gets_wider_em: 4.0,
            paragraph_step: 1.3,
            region_step: 1.12,
            indent_em: 0.8,
            room_em: 1.5,
            size_step_text: 1.12,
            size_step_scan: 1.4,
            heading_text: 1.13,
            heading_scan: 1.35,
            heading_rows: 4,
            heading_chars: 220,
            footnote_ratio: 0.92,
            size_of_height: 0.75,
            drawn_travel: 0.9,
            header_share: 0.12,
            footer_share: 0.13,
        }
    }
}

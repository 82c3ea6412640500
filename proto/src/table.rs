//! The structure of a table before its cells are filled.

use serde::{Deserialize, Serialize};

use crate::geometry::Rect;

/// Rows, columns and spans of one table, without text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TableStructure {
    /// Number of rows.
    pub rows: u32,
    /// Number of columns.
    pub columns: u32,
    /// Leading rows that are headings.
    pub header_rows: u32,
    /// Cells in reading order; spans never overlap.
    pub cells: Vec<StructureCell>,
    /// Confidence of the structure, 0 to 1.
    pub score: f32,
}

/// One cell's place in the grid and on the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StructureCell {
    /// Row, from zero.
    pub row: u32,
    /// Column, from zero.
    pub column: u32,
    /// Rows it spans, at least one.
    pub row_span: u32,
    /// Columns it spans, at least one.
    pub column_span: u32,
    /// Where its content is, in page pixels.
    pub rect: Rect,
}

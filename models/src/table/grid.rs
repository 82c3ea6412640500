//! A grid that is filled row by row and never holds two cells in one place.

use std::collections::HashSet;

use quire_proto::{Rect, table::StructureCell};

/// Cells placed so far.
#[derive(Debug, Default)]
pub(super) struct Grid {
    taken: HashSet<(u32, u32)>,
    pub(super) cells: Vec<StructureCell>,
}

impl Grid {
    /// Puts a cell into the first free place of `row`; spans are cut where another cell or the limit is.
    ///
    /// Returns whether there was a place.
    pub(super) fn place(
        &mut self,
        row: u32,
        (row_span, column_span): (u32, u32),
        rect: Rect,
        max: (u32, u32),
    ) -> bool {
        let Some(column) = (0..max.1).find(|&column| !self.taken.contains(&(row, column))) else {
            return false;
        };
        let free = |grid: &Self, column: u32| !grid.taken.contains(&(row, column));
        let end = (column + 1..max.1.min(column.saturating_add(column_span)))
            .take_while(|&column| free(self, column))
            .last()
            .map_or(column + 1, |last| last + 1);
        // Rows below are free: only spans from above reach into them, and those cover other columns.
        let rows = row_span.clamp(1, max.0.saturating_sub(row).max(1));
        for y in row..row + rows {
            self.taken.extend((column..end).map(|x| (y, x)));
        }
        self.cells.push(StructureCell { row, column, row_span: rows, column_span: end - column, rect });
        true
    }

    /// Whether a cell lies in `row`.
    pub(super) fn reaches(&self, row: u32) -> bool {
        self.cells.iter().any(|cell| cell.row <= row && row < cell.row + cell.row_span)
    }

    /// The cells of `rows` rows, spans cut at the last one, and the number of columns.
    pub(super) fn finish(mut self, rows: u32) -> (Vec<StructureCell>, u32) {
        for cell in &mut self.cells {
            cell.row_span = cell.row_span.min(rows.saturating_sub(cell.row)).max(1);
        }
        let columns = self.cells.iter().map(|cell| cell.column + cell.column_span).max().unwrap_or(0);
        (self.cells, columns)
    }
}

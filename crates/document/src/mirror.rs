//! Mirroring: a page that is read from right to left becomes one that is read from left to right, and back.
//!
//! Columns, blocks on one row, pieces of a line, indents and the columns of tables all count from the side on which lines
//! begin. In the mirror that is the left one, so that everything else knows one direction only.
//!
//! What must stay true: twice mirrored is where it was; text does not change.

use quire_proto::{
    Rect, Region,
    record::{Block, Cell, Line, Table},
    table::{StructureCell, TableStructure},
};

use crate::{FoundTable, PageEvidence};

/// A mirror that stands upright: `x` comes to lie at `sum - x`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mirror {
    sum: f32,
}

impl Mirror {
    /// The sides of a page of `width` pixels change places.
    pub(crate) const fn page(width: f32) -> Self {
        Self { sum: width }
    }

    pub(crate) fn rect(self, rect: &Rect) -> Rect {
        Rect { x0: self.sum - rect.x1, x1: self.sum - rect.x0, ..*rect }
    }

    pub(crate) fn rects(self, rects: &[Rect]) -> Vec<Rect> {
        rects.iter().map(|rect| self.rect(rect)).collect()
    }

    pub(crate) fn regions(self, regions: &[Region]) -> Vec<Region> {
        regions.iter().map(|region| Region { rect: self.rect(&region.rect), ..*region }).collect()
    }

    pub(crate) fn lines(self, mut lines: Vec<Line>) -> Vec<Line> {
        lines.iter_mut().for_each(|line| self.line(line));
        lines
    }

    fn line(self, line: &mut Line) {
        line.rect = self.rect(&line.rect);
        line.words.iter_mut().for_each(|word| word.rect = self.rect(&word.rect));
    }

    /// Its columns count from the other side too.
    pub(crate) fn structure(self, structure: &TableStructure) -> TableStructure {
        let cell = |cell: &StructureCell| {
            let after = cell.column.saturating_add(cell.column_span.max(1));
            let column = structure.columns.saturating_sub(after);
            StructureCell { column, rect: self.rect(&cell.rect), ..*cell }
        };
        let mut cells: Vec<StructureCell> = structure.cells.iter().map(cell).collect();
        cells.sort_by_key(|cell| (cell.row, cell.column));
        TableStructure { cells, ..structure.clone() }
    }

    /// The evidence but for its tables, which stay: `structure` has found them in the mirror.
    pub(crate) fn evidence(self, evidence: PageEvidence) -> PageEvidence {
        let table = |FoundTable { rect, structure }: FoundTable| {
            let cells = structure.cells.iter();
            let cells = cells.map(|cell| StructureCell { rect: self.rect(&cell.rect), ..*cell }).collect();
            FoundTable { rect: self.rect(&rect), structure: TableStructure { cells, ..structure } }
        };
        PageEvidence {
            lines: self.lines(evidence.lines),
            regions: self.regions(&evidence.regions),
            tables: evidence.tables.into_iter().map(table).collect(),
            rulings: self.rects(&evidence.rulings),
            images: self.rects(&evidence.images),
            ..evidence
        }
    }

    /// Boxes come back; the columns of tables stay counted from the side on which lines begin.
    pub(crate) fn blocks(self, mut blocks: Vec<Block>) -> Vec<Block> {
        for block in &mut blocks {
            block.rect = self.rect(&block.rect);
            block.all_lines_mut().for_each(|line| self.line(line));
            let cells = block.table.iter_mut().flat_map(|Table { cells, .. }| cells);
            cells.for_each(|cell: &mut Cell| cell.rect = self.rect(&cell.rect));
        }
        blocks
    }
}

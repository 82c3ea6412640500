//! The last step: pieces in reading order become numbered blocks.

use quire_proto::{
    Rect, Region, RegionKind,
    record::{Block, BlockKind, Figure},
};

use super::{
    AssembleParams, BlockParams, Body, Draft, Edge, FilledTable, Flow, Page, Picture, Row, Unit, figures,
    split,
};
use crate::blocks::caption;

/// What the reading order moved: text, a table or a picture.
pub(super) enum Piece {
    /// Rows of text.
    Text(Flow),
    /// A table, with its level box.
    Table {
        /// Its box in level coordinates.
        level: Rect,
        /// The table.
        filled: FilledTable,
    },
    /// A picture.
    Picture(Picture),
}

impl Piece {
    /// As a unit of the reading order.
    pub(super) fn unit(&self) -> Unit {
        match self {
            Self::Text(flow) => flow.unit(),
            Self::Table { level, .. } => Unit { rect: *level, rows: Vec::new() },
            Self::Picture(picture) => Unit { rect: picture.level, rows: Vec::new() },
        }
    }
}

/// What finishing needs to know.
pub(super) struct Finish<'a> {
    pub(super) body: &'a Body,
    pub(super) page: &'a Page,
    pub(super) params: &'a AssembleParams,
    pub(super) regions: &'a [Region],
    pub(super) rulings: &'a [Rect],
}

impl Finish<'_> {
    /// Blocks of the page: headers, then `pieces`, then footers.
    pub(super) fn blocks(&self, pieces: Vec<Piece>, furniture: Vec<(BlockKind, Row)>) -> Vec<Block> {
        let (top, bottom): (Vec<_>, Vec<_>) = furniture.into_iter().partition(|(_, row)| {
            Edge::of(&row.rect, self.page.height, self.blocks_params()) == Some(Edge::Top)
        });
        let mut blocks = self.furniture(top);
        for piece in merged(pieces, self.blocks_params()) {
            match piece {
                Piece::Text(flow) => blocks.extend(self.text(flow)),
                Piece::Table { filled, .. } => blocks.push(table(filled)),
                Piece::Picture(picture) => blocks.push(figure(picture)),
            }
        }
        let mut blocks = listings(blocks);
        self.name_captions(&mut blocks);
        blocks.extend(self.furniture(bottom));
        for (id, block) in (1..).zip(&mut blocks) {
            block.id = id;
        }
        caption::tie(&mut blocks, 6.0 * self.body.size);
        blocks
    }

    fn blocks_params(&self) -> &BlockParams {
        &self.params.blocks
    }

    fn furniture(&self, mut rows: Vec<(BlockKind, Row)>) -> Vec<Block> {
        rows.sort_by(|a, b| {
            let row = |row: &Row| (row.rect.center().y / self.body.size.max(1.0)).round();
            row(&a.1).total_cmp(&row(&b.1)).then(a.1.rect.x0.total_cmp(&b.1.rect.x0))
        });
        rows.into_iter()
            .map(|(kind, row)| self.block(Draft { kind, rows: vec![row], list: None, level: None }))
            .collect()
    }

    /// Smaller text of a few lines just below a picture, no wider than it, is its caption.
    fn name_captions(&self, blocks: &mut [Block]) {
        let pictures: Vec<Rect> =
            blocks.iter().filter(|block| block.kind == BlockKind::Figure).map(|block| block.rect).collect();
        let largest = self.body.size * self.blocks_params().footnote_ratio * 72.0 / self.page.dpi;
        let small = |block: &Block| block.lines.iter().all(|l| l.font.is_some_and(|f| f.size_pt <= largest));
        let below = |rect: &Rect, picture: &Rect| {
            let gap = rect.y0 - picture.y1;
            gap > -self.body.size && gap < self.body.size && rect.overlap_x(picture) > 0.9 * rect.width()
        };
        for block in blocks.iter_mut().filter(|block| block.kind == BlockKind::Paragraph) {
            let few = (1..=4).contains(&block.lines.len());
            if self.body.fonts && few && small(block) && pictures.iter().any(|p| below(&block.rect, p)) {
                block.kind = BlockKind::Caption;
            }
        }
    }

    fn text(&self, flow: Flow) -> Vec<Block> {
        if flow.hint() == Some(RegionKind::Formula) && is_formula(&flow.rows) {
            let draft = Draft { kind: BlockKind::Formula, rows: flow.rows, list: None, level: None };
            return vec![Block { figure: Some(Figure::default()), ..self.block(draft) }];
        }
        if flow.hint() == Some(RegionKind::Code) {
            return vec![self.block(Draft {
                kind: BlockKind::Code,
                rows: flow.rows,
                list: None,
                level: None,
            })];
        }
        split::split(flow.rows, self.body, self.blocks_params())
            .into_iter()
            .map(|draft| self.block(self.as_footnote(draft)))
            .collect()
    }

    /// Low on the page, small text behind a note mark is a footnote, and so is either of them below a note line.
    fn as_footnote(&self, mut draft: Draft) -> Draft {
        let first = &draft.rows[0];
        let small =
            draft.rows.iter().all(|row| row.size <= self.body.size * self.blocks_params().footnote_ratio);
        let marked = first.text().starts_with(|c: char| c.is_numeric() || "*†‡§¹²³".contains(c));
        let low = first.rect.y0 > 0.6 * self.page.height;
        let textual = matches!(draft.kind, BlockKind::Paragraph | BlockKind::ListItem);
        let noted = if self.below_note_line(&first.rect) { small || marked } else { small && marked };
        let known = first.hint == Some(RegionKind::Footnote);
        if textual && (known || low && noted && self.body.fonts) {
            draft.kind = BlockKind::Footnote;
            draft.list = None;
        }
        draft
    }

    /// Whether a short rule, as printers set above notes, lies above `rect` and nothing but notes between.
    fn below_note_line(&self, rect: &Rect) -> bool {
        self.rulings.iter().any(|rule| {
            let short = rule.width() > 0.05 * self.page.width && rule.width() < 0.45 * self.page.width;
            let flat = rule.height() < 0.3 * self.body.size;
            let near = (0.0..3.0 * self.body.size).contains(&(rect.y0 - rule.y1));
            short && flat && near && (rule.x0 - rect.x0).abs() < 2.0 * self.body.size
        })
    }

    fn block(&self, draft: Draft) -> Block {
        let rect = Rect::around(draft.rows.iter().map(|row| &row.line.rect)).unwrap_or_default();
        let region = draft.rows[0].region.and_then(|at| self.regions.get(at));
        let confidence = region.map(|region| region.score);
        let mark = region.and_then(|region| figures::mark(region.kind));
        Block {
            id: 0,
            kind: draft.kind,
            rect,
            confidence,
            lines: draft.rows.into_iter().map(|row| row.line).collect(),
            level: draft.level,
            list: draft.list,
            table: None,
            figure: None,
            caption_of: None,
            mark,
            latex: None,
            language: None,
            script: None,
        }
    }
}

/// Neighbours in reading order that run into each other become one flow, however the layout model cut them.
fn merged(pieces: Vec<Piece>, params: &BlockParams) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (merged.last_mut(), piece) {
            (Some(Piece::Text(above)), Piece::Text(flow)) if above.runs_into(&flow, params) => {
                above.append(flow)
            }
            (_, piece) => merged.push(piece),
        }
    }
    merged
}

/// A listing that the model or a blank line cut is one listing.
fn listings(blocks: Vec<Block>) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        match joined.last_mut() {
            Some(above) if is_one_listing(above, &block) => {
                above.rect = above.rect.union(&block.rect);
                above.lines.extend(block.lines);
            }
            _ => joined.push(block),
        }
    }
    joined
}

fn is_one_listing(above: &Block, block: &Block) -> bool {
    let height = block.lines.first().map_or(0.0, |line| line.rect.height());
    let gap = block.rect.y0 - above.rect.y1;
    above.kind == BlockKind::Code && block.kind == BlockKind::Code && gap > -height && gap < 2.0 * height
}

/// Layout models call sentences formulas; sentences have long words.
fn is_formula(rows: &[Row]) -> bool {
    let words: Vec<&str> = rows.iter().flat_map(|row| row.text().split_whitespace()).collect();
    let long = words.iter().filter(|word| word.len() >= 4 && word.chars().all(char::is_alphabetic)).count();
    long < 6 && long * 2 < words.len().max(1)
}

fn table(filled: FilledTable) -> Block {
    Block {
        id: 0,
        kind: BlockKind::Table,
        rect: filled.rect,
        confidence: Some(filled.score),
        lines: Vec::new(),
        level: None,
        list: None,
        table: Some(filled.table),
        figure: None,
        caption_of: None,
        mark: None,
        latex: None,
        language: None,
        script: None,
    }
}

fn figure(picture: Picture) -> Block {
    let mut rows = picture.rows;
    rows.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
    Block {
        id: 0,
        kind: picture.kind,
        rect: picture.rect,
        confidence: picture.confidence,
        lines: rows.into_iter().map(|row| row.line).collect(),
        level: None,
        list: None,
        table: None,
        figure: Some(Figure::default()),
        caption_of: None,
        mark: picture.mark,
        latex: None,
        language: None,
        script: None,
    }
}

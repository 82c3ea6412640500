//! The last step: pieces in reading order become numbered blocks.

use quire_proto::{
    Rect, Region, RegionKind,
    record::{Block, BlockKind, Figure},
};

use super::{
    AssembleParams, BlockParams, Body, Draft, Edge, FilledTable, Flow, Page, Picture, Row, Unit, figures,
    notes, quotes, split,
};
use crate::blocks::{caption, heading, nesting::Nesting};

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
    /// Blocks of the page: headers, then `pieces`, then the numbers of lines, then footers.
    pub(super) fn blocks(
        &self,
        pieces: Vec<Piece>,
        furniture: Vec<(BlockKind, Row)>,
        line_numbers: Vec<Vec<Row>>,
    ) -> Vec<Block> {
        let (top, bottom): (Vec<_>, Vec<_>) = furniture.into_iter().partition(|(_, row)| {
            Edge::of(&row.rect, self.page.height, self.blocks_params()) == Some(Edge::Top)
        });
        let mut blocks = self.furniture(top);
        let mut nesting = Nesting::default();
        for piece in merged(pieces, self.blocks_params()) {
            match piece {
                Piece::Text(flow) => blocks.extend(self.text(flow, &mut nesting)),
                Piece::Table { filled, .. } => blocks.push(table(filled)),
                Piece::Picture(picture) => blocks.push(figure(picture)),
            }
        }
        let mut blocks = joined(blocks, is_one_listing);
        if !self.body.fonts {
            notes::go_on(&mut blocks);
        }
        let mut blocks = joined(joined(blocks, notes::is_one_note), is_title_of);
        self.name_captions(&mut blocks);
        quotes::name(&mut blocks, self.body.size);
        blocks.extend(
            line_numbers.into_iter().map(|rows| {
                self.block(Draft { kind: BlockKind::LineNumbers, rows, list: None, level: None })
            }),
        );
        blocks.extend(self.furniture(bottom));
        for (id, block) in (1..).zip(&mut blocks) {
            block.id = id;
        }
        caption::tie(&mut blocks, 6.0 * self.body.size);
        notes::tie(&mut blocks);
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

    fn text(&self, flow: Flow, nesting: &mut Nesting) -> Vec<Block> {
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
        let drafts = split::split(flow.rows, self.body, self.blocks_params());
        let mut drafts: Vec<Draft> = drafts.into_iter().map(|draft| self.as_footnote(draft)).collect();
        nesting.nest(&mut drafts);
        drafts.into_iter().map(|draft| self.block(draft)).collect()
    }

    /// Low on the page, small text behind a note mark is a footnote, and so is either of them below a note line.
    fn as_footnote(&self, mut draft: Draft) -> Draft {
        let first = &draft.rows[0];
        let small =
            draft.rows.iter().all(|row| row.size <= self.body.size * self.blocks_params().footnote_ratio);
        let marked = first.text().starts_with(|c: char| c.is_numeric() || "*†‡§¹²³".contains(c));
        let low = first.rect.y0 > 0.6 * self.page.height;
        // A note about a command is set like a listing, but for its mark.
        let raised = first.line.words.first().is_some_and(|word| word.raised);
        let bold = !self.body.bold && draft.rows.iter().all(|row| row.font().bold);
        let textual = matches!(draft.kind, BlockKind::Paragraph | BlockKind::ListItem) && !bold
            || draft.kind == BlockKind::Code && raised;
        let ruled = self.below_note_line(&first.rect);
        let noted = if ruled { small || marked } else { small && marked };
        let known = first.hint == Some(RegionKind::Footnote);
        if textual && (known || low && (noted && self.body.fonts || ruled && marked)) {
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
            confidence,
            lines: draft.rows.into_iter().map(|row| row.line).collect(),
            level: draft.level,
            list: draft.list,
            mark,
            ..Block::new(draft.kind, rect)
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

/// Neighbours that are one become one.
pub(super) fn joined(blocks: Vec<Block>, are_one: impl Fn(&Block, &Block) -> bool) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        match joined.last_mut() {
            Some(above) if are_one(above, &block) => above.append(block),
            _ => joined.push(block),
        }
    }
    joined
}

/// Whether the model or a blank line cut a listing in two.
fn is_one_listing(above: &Block, block: &Block) -> bool {
    let height = block.lines.first().map_or(0.0, |line| line.rect.height());
    let gap = block.rect.y0 - above.rect.y1;
    above.kind == BlockKind::Code && block.kind == BlockKind::Code && gap > -height && gap < 2.0 * height
}

/// Whether `chapter`, a line such as `Chapter 3`, is the beginning of `title`.
fn is_title_of(chapter: &Block, title: &Block) -> bool {
    let text = |block: &Block| block.lines.first().map_or(String::new(), |line| line.text.clone());
    let headings = chapter.kind == BlockKind::Heading && title.kind == BlockKind::Heading;
    let counted = chapter.lines.len() == 1 && heading::after_chapter(&text(chapter)) == Some("");
    let gap = title.rect.y0 - chapter.rect.y1;
    let below =
        gap > -0.5 * chapter.rect.height() && gap < 6.0 * chapter.rect.height().max(title.rect.height());
    headings && counted && below && heading::depth(&text(title)).is_none()
}

/// Layout models call sentences formulas; sentences have long words.
fn is_formula(rows: &[Row]) -> bool {
    let words: Vec<&str> = rows.iter().flat_map(|row| row.text().split_whitespace()).collect();
    let long = words.iter().filter(|word| word.len() >= 4 && word.chars().all(char::is_alphabetic)).count();
    long < 6 && long * 2 < words.len().max(1)
}

fn table(filled: FilledTable) -> Block {
    Block {
        confidence: Some(filled.score),
        table: Some(filled.table),
        ..Block::new(BlockKind::Table, filled.rect)
    }
}

fn figure(picture: Picture) -> Block {
    let mut rows = picture.rows;
    rows.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
    Block {
        confidence: picture.confidence,
        lines: rows.into_iter().map(|row| row.line).collect(),
        figure: Some(Figure::default()),
        mark: picture.mark,
        ..Block::new(picture.kind, picture.rect)
    }
}

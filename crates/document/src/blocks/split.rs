//! Splitting: where in a flow one block ends and the next begins.
//!
//! A row begins a block when the step to it is larger than usual, when it is set
//! differently, when it begins with a list marker, when its first line is indented,
//! or when the row before left room for its first word: printers fill their lines.

use quire_proto::{
    RegionKind,
    record::{BlockKind, ListItem},
};

use super::{
    BlockParams, Row, caption,
    heading::{self, Body},
    list,
};
use crate::bidi::is_rtl;

/// Rows above that are searched for the list item that a row may belong to.
const REACH: usize = 12;

/// A block before it has a number.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// What it is.
    pub(crate) kind: BlockKind,
    /// Its rows; never empty.
    pub(crate) rows: Vec<Row>,
    /// The list item, when it is one.
    pub(crate) list: Option<ListItem>,
    /// The level, when it is a heading.
    pub(crate) level: Option<u8>,
}

/// Splits a flow's `rows` into blocks.
pub(crate) fn split(rows: Vec<Row>, body: &Body, params: &BlockParams) -> Vec<Draft> {
    let shape = Shape::of(&rows, body);
    let starts: Vec<bool> = (0..rows.len())
        .map(|at| at == 0 || Seam { rows: &rows, at, shape: &shape, body, params }.is_start())
        .collect();
    let gaps: Vec<f32> = rows.windows(2).map(|pair| shape.step(&pair[0], &pair[1])).collect();
    let mut drafts: Vec<Draft> = Vec::new();
    let mut steps: Vec<f32> = Vec::new();
    for (at, row) in rows.into_iter().enumerate() {
        match drafts.last_mut() {
            Some(draft) if !starts[at] => draft.rows.push(row),
            _ => {
                steps.push(if at == 0 { f32::INFINITY } else { gaps[at - 1] });
                drafts.push(Draft { kind: BlockKind::Paragraph, rows: vec![row], list: None, level: None });
            }
        }
    }
    steps.push(f32::INFINITY);
    for (at, draft) in drafts.iter_mut().enumerate() {
        let alone = steps[at].min(steps[at + 1]) >= params.region_step
            || body.fonts && steps[at + 1] >= params.region_step;
        name(draft, alone, body, params);
    }
    drafts
}

/// What a flow looks like on the whole.
struct Shape {
    left: f32,
    right: f32,
    step: f32,
}

impl Shape {
    fn of(rows: &[Row], body: &Body) -> Self {
        let edge = |pick: fn(&Row) -> f32| {
            let mut edges: Vec<f32> = rows.iter().map(pick).collect();
            edges.sort_by(f32::total_cmp);
            edges
        };
        let (lefts, rights) = (edge(|row| row.rect.x0), edge(|row| row.rect.x1));
        let mut steps: Vec<f32> = rows
            .windows(2)
            .map(|pair| (pair[1].rect.center().y - pair[0].rect.center().y) / pair[0].size.max(1.0))
            .filter(|step| (0.5..2.6).contains(step))
            .collect();
        steps.sort_by(f32::total_cmp);
        // The lower third: the usual step within paragraphs, not that between them.
        let usual = steps.get(steps.len() / 3).copied().unwrap_or(if body.fonts { 1.25 } else { 1.5 });
        Self {
            left: lefts.get(lefts.len() / 10).copied().unwrap_or_default(),
            right: rights.get(rights.len() * 9 / 10).copied().unwrap_or_default(),
            step: usual,
        }
    }

    /// The step from `above` to `row` in relation to the usual one.
    fn step(&self, above: &Row, row: &Row) -> f32 {
        let size = above.size.min(row.size).max(1.0);
        (row.rect.center().y - above.rect.center().y) / size / self.step.max(0.1)
    }
}

/// The place between a row and the one above it.
#[derive(Clone, Copy)]
struct Seam<'a> {
    rows: &'a [Row],
    at: usize,
    shape: &'a Shape,
    body: &'a Body,
    params: &'a BlockParams,
}

impl Seam<'_> {
    fn row(&self) -> &Row {
        &self.rows[self.at]
    }

    fn above(&self) -> &Row {
        &self.rows[self.at - 1]
    }

    fn is_start(&self) -> bool {
        if self.row().level_with(self.above()) {
            return false;
        }
        if self.is_next_note() {
            return true;
        }
        match (self.above().font().monospace, self.row().font().monospace) {
            (true, true) => return false,
            (false, true) => return !self.is_inline_code(),
            (true, false) if self.at < 2 || !(Seam { at: self.at - 1, ..*self }).is_inline_code() => {
                return true;
            }
            _ => {}
        }
        self.is_next_entry()
            || self.step_is_large()
            || has_leader(self.above().text())
            || self.set_differently()
            || self.begins_item()
            || caption::is_explicit(self.row().text())
            || self.is_indented()
            || self.hangs()
            || self.room_was_left()
    }

    /// A name in the typewriter's face that begins a line of a paragraph is not yet a listing.
    fn is_inline_code(&self) -> bool {
        let (above, row) = (self.above(), self.row());
        row.font().monospace
            && !above.font().monospace
            && !self.step_is_large()
            && !self.ends(above)
            && !self.had_room()
            && (row.rect.x0 - above.rect.x0).abs() < self.params.indent_em * row.size
    }

    fn step_is_large(&self) -> bool {
        let step = self.shape.step(self.above(), self.row());
        let other_region = self.row().region != self.above().region;
        step > if other_region { self.params.region_step } else { self.params.paragraph_step }
    }

    fn set_differently(&self) -> bool {
        let (above, row) = (self.above(), self.row());
        let ratio = above.size.max(row.size) / above.size.min(row.size).max(0.1);
        let limit = if self.body.fonts { self.params.size_step_text } else { self.params.size_step_scan };
        let weight = above.font().bold != row.font().bold && (self.fills(above) || self.ends(above));
        let titled = (above.hint == Some(RegionKind::Title)) != (row.hint == Some(RegionKind::Title));
        ratio > limit || weight || titled
    }

    /// A bold row that stops early, or one after which the sentence is over, is not the paragraph's beginning.
    fn fills(&self, row: &Row) -> bool {
        row.rect.x1 < self.shape.right - self.params.room_em * row.size
    }

    fn ends(&self, row: &Row) -> bool {
        row.text().trim_end().ends_with([
            '.', '!', '?', ':', '…', '”', '"', '»', '。', '！', '？', '：', ')', ';', '؟', '؛', '۔',
        ])
    }

    /// The layout model draws a box around each item of a list, and one around all entries of a table of contents.
    fn is_next_entry(&self) -> bool {
        let (above, row) = (self.above(), self.row());
        match row.hint {
            Some(RegionKind::ListItem) => row.region != above.region,
            Some(RegionKind::Contents) => above.text().trim_end().ends_with(char::is_numeric),
            _ => above.hint == Some(RegionKind::ListItem),
        }
    }

    /// A row that begins with a mark above the line is a note: within text a mark stands behind a word.
    fn is_next_note(&self) -> bool {
        let figure = |c: char| matches!(c, '¹' | '²' | '³' | '\u{2074}'..='\u{2079}');
        self.row().line.words.first().is_some_and(|word| word.raised || word.text.starts_with(figure))
    }

    fn begins_item(&self) -> bool {
        let Some(item) = list::marker(self.row().text()) else { return false };
        let above_is_item =
            self.rows[..self.at].iter().rev().take(REACH).any(|row| list::marker(row.text()).is_some());
        !item.ordered || above_is_item || self.ends(self.above()) || self.fills(self.above())
    }

    fn is_indented(&self) -> bool {
        let indent = self.params.indent_em * self.row().size;
        let here = self.row().rect.x0;
        let flush = |row: &Row| row.rect.x0 < here - indent;
        let not_hanging = self.rows.get(self.at + 1).is_none_or(flush);
        flush(self.above())
            && here - self.above().rect.x0 < 6.0 * indent
            && not_hanging
            && !self.above_is_item()
    }

    fn above_is_item(&self) -> bool {
        list::marker(self.above().text()).is_some()
    }

    /// An entry whose further rows are indented: bibliographies, indexes, text after list items.
    ///
    /// The second row of a paragraph looks alike between two first-line indents, but the sentence goes on there.
    fn hangs(&self) -> bool {
        let here = self.row().rect.x0;
        let beyond = here + self.params.indent_em * self.row().size;
        let at_left = self.shape.left > here - (beyond - here);
        let over = self.ends(self.above()) || self.had_room();
        let next_hangs = over && self.rows.get(self.at + 1).is_some_and(|next| next.rect.x0 > beyond);
        self.above().rect.x0 > beyond && at_left && (next_hangs || self.leaves_items(here))
    }

    /// Whether the last list item above begins right of `x`.
    fn leaves_items(&self, x: f32) -> bool {
        let mut above = self.rows[..self.at].iter().rev().take(REACH);
        let item = above.find(|row| list::marker(row.text()).is_some());
        item.is_some_and(|item| item.rect.x0 > x + 0.3 * self.params.indent_em * item.size)
    }

    fn room_was_left(&self) -> bool {
        // Hebrew and Arabic letters have no case.
        let may_begin = |c: char| c.is_uppercase() || !c.is_alphabetic() || is_rtl(c);
        let begins = self.row().text().chars().next().is_some_and(may_begin);
        self.ends(self.above()) && begins && self.had_room()
    }

    /// Whether this row's first word would have fit on the row above.
    fn had_room(&self) -> bool {
        let room = self.shape.right - self.above().rect.x1;
        room > self.row().first_word() + self.params.room_em * self.row().size
    }
}

/// Says what a draft is.
fn name(draft: &mut Draft, alone: bool, body: &Body, params: &BlockParams) {
    let (first, last) = (&draft.rows[0], &draft.rows[draft.rows.len() - 1]);
    let chars: usize = draft.rows.iter().map(Row::chars).sum();
    let mono: usize = draft.rows.iter().filter(|row| row.font().monospace).map(Row::chars).sum();
    let item = list::marker(first.text());
    let bulleted = item.as_ref().is_some_and(|item| !item.ordered);
    let entry = matches!(first.hint, Some(RegionKind::ListItem | RegionKind::Contents));
    let numbered_title =
        !entry && !has_leader(last.text()) && heading::is_numbered_title(&draft.rows, body, params);
    if mono * 10 > chars * 7 && !numbered_title {
        draft.kind = BlockKind::Code;
    } else if is_caption(first, chars) {
        draft.kind = BlockKind::Caption;
    } else if numbered_title
        || !bulleted
            && !entry
            && !has_leader(last.text())
            && heading::is_heading(&draft.rows, body, alone, params)
    {
        draft.kind = BlockKind::Heading;
        draft.level = Some(heading::level(&draft.rows, body));
    } else if item.is_some() || first.hint == Some(RegionKind::ListItem) {
        draft.kind = BlockKind::ListItem;
        // The mark of a bullet is often too small to be recognised.
        draft.list = item.or_else(|| Some(ListItem::default()));
    }
}

/// Whether dots lead to a page number, as in a table of contents.
fn has_leader(text: &str) -> bool {
    let dots = text.trim_end().trim_end_matches(|c: char| c.is_ascii_alphanumeric()).trim_end();
    dots.ends_with("....") || dots.ends_with(". . .") || dots.ends_with("……")
}

fn is_caption(first: &Row, chars: usize) -> bool {
    let hinted = matches!(first.hint, Some(RegionKind::FigureCaption | RegionKind::TableCaption));
    (hinted && (caption::names(first.text()).is_some() || chars < 200))
        || (caption::is_explicit(first.text()) && chars < 800)
}

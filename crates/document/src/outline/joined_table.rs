//! Tables over two pages: the last thing on one page, the first on the next, with the same columns.
//!
//! Better to leave two parts apart than to join two tables: a heading of its own, a caption, or columns that stand
//! elsewhere make a table a new one.

use quire_proto::{
    PageNumber, Rect,
    record::{Block, BlockKind, Continued, PageRecord, Table},
};

use crate::blocks::caption;

/// A table that goes on reaches below this share of the page's height …
const LOW: f32 = 0.65;

/// … and its rest begins above this one.
const HIGH: f32 = 0.3;

/// Share of the narrower of two columns that must lie in the other for both to be one.
const SAME_COLUMN: f32 = 0.5;

/// From where to where the words of a column reach, in shares of the page's width; `None` for a column without any.
type Extent = Option<(f32, f32)>;

/// The table at the end of the page before.
#[derive(Clone, Debug)]
pub(super) struct OpenTable {
    at: (PageNumber, u32),
    /// Where the text of each column lies, in shares of the page's width.
    columns: Vec<Extent>,
    /// The text of its leading rows: those that are its heading, or else the first.
    heading: Vec<Vec<String>>,
    /// Whether it has a heading at all.
    headed: bool,
    /// What its caption counts it as.
    number: Option<String>,
}

impl OpenTable {
    /// The first table of `page`, by index, when it goes on with `open`; then the one at the end of `page` is open.
    pub(super) fn go_on(open: &mut Option<Self>, page: &PageRecord) -> Option<(usize, Continued)> {
        let before = open.take();
        let first = first_table(page);
        let continued = before.zip(first).and_then(|(before, (at, number))| {
            let next = Self::of(page, at)?;
            let rows = before.repeated(&next, page, at, number)?;
            let (page, block) = before.at;
            Some((before, at, Continued { page, block, repeated_rows: rows }))
        });
        let last = last_table(page).and_then(|at| Some((at, Self::of(page, at)?)));
        *open = last.filter(|(at, _)| upright(page, &page.blocks[*at].rect).y1 > LOW).map(|(at, last)| {
            match &continued {
                Some((before, first, _)) if *first == at => {
                    Self { at: last.at, columns: last.columns, ..before.clone() }
                }
                _ => last,
            }
        });
        continued.map(|(_, at, continued)| (at, continued))
    }

    fn of(page: &PageRecord, at: usize) -> Option<Self> {
        let block = &page.blocks[at];
        let table = block.table.as_ref()?;
        let captions = page.blocks.iter().filter(|caption| caption.caption_of == Some(block.id));
        let number = captions.filter_map(number).next();
        Some(Self {
            at: (page.page, block.id),
            columns: columns(page, table),
            heading: rows(table, table.header_rows.max(1)),
            headed: table.header_rows > 0,
            number,
        })
    }

    /// How many leading rows of `next` repeat the heading; `None` when it is another table.
    fn repeated(&self, next: &Self, page: &PageRecord, at: usize, number: Option<String>) -> Option<u32> {
        let block = &page.blocks[at];
        let table = block.table.as_ref()?;
        let follows = self.at.0.get().checked_add(1) == Some(page.page.get());
        let high = upright(page, &block.rect).y0 < HIGH;
        let renamed = number.is_some() && number != self.number;
        if !follows || !high || renamed || !same_columns(&self.columns, &next.columns) {
            return None;
        }
        let leading = rows(table, self.heading.len() as u32);
        let same = |(a, b): &(&Vec<String>, &Vec<String>)| a == b && a.iter().any(|text| !text.is_empty());
        let repeated = self.heading.iter().zip(&leading).take_while(same).count();
        let repeats = repeated == self.heading.len() && (repeated as u32) < table.rows;
        match (repeats, next.headed) {
            (true, _) => Some(repeated as u32),
            (false, true) => None,
            (false, false) => Some(0),
        }
    }
}

/// The table that `page` begins with, and what a caption above it counts it as.
fn first_table(page: &PageRecord) -> Option<(usize, Option<String>)> {
    let mut named = None;
    for (at, block) in page.blocks.iter().enumerate().filter(|(_, block)| !block.kind.is_furniture()) {
        match block.kind {
            BlockKind::Table => return Some((at, named)),
            BlockKind::Caption if named.is_none() => named = Some(number(block)?),
            _ => return None,
        }
    }
    None
}

/// The table that `page` ends with; only notes may stand below it.
fn last_table(page: &PageRecord) -> Option<usize> {
    let below = |block: &Block| block.kind.is_furniture() || block.kind == BlockKind::Footnote;
    let at = page.blocks.iter().rposition(|block| !below(block))?;
    (page.blocks[at].kind == BlockKind::Table).then_some(at)
}

/// What the caption of a table counts: `Table 3: …` is 3.
fn number(caption: &Block) -> Option<String> {
    let text = &caption.lines.first()?.text;
    let is_table = caption::names(text) == Some(caption::Names::Table);
    let counts = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    let number = text.trim_start().trim_start_matches(char::is_alphabetic);
    let number: String =
        number.chars().skip_while(|c| !c.is_ascii_alphanumeric()).take_while(|c| counts(*c)).collect();
    is_table.then(|| number.trim_end_matches('.').to_owned())
}

/// The text of the first `count` rows, cell by cell.
fn rows(table: &Table, count: u32) -> Vec<Vec<String>> {
    let row = |row: u32| -> Vec<String> {
        let cells = table.cells.iter().filter(|cell| cell.row == row);
        let words = |cell: &quire_proto::record::Cell| -> String {
            cell.lines.iter().flat_map(|line| line.text.split_whitespace()).collect()
        };
        cells.map(words).collect()
    };
    (0..count.min(table.rows)).map(row).collect()
}

/// Where the words of each column lie; cells over several columns say nothing.
fn columns(page: &PageRecord, table: &Table) -> Vec<Extent> {
    let mut columns: Vec<Extent> = vec![None; table.columns.min(1000) as usize];
    for cell in table.cells.iter().filter(|cell| cell.column_span <= 1) {
        let Some(column) = columns.get_mut(cell.column as usize) else { continue };
        for line in &cell.lines {
            let rect = upright(page, &line.rect);
            let (from, to) = column.unwrap_or((rect.x0, rect.x1));
            *column = Some((from.min(rect.x0), to.max(rect.x1)));
        }
    }
    columns
}

fn same_columns(above: &[Extent], below: &[Extent]) -> bool {
    let same = |(a, b): (&Extent, &Extent)| match (a, b) {
        (Some(a), Some(b)) => {
            let narrower = (a.1 - a.0).min(b.1 - b.0);
            a.1.min(b.1) - a.0.max(b.0) >= SAME_COLUMN * narrower
        }
        _ => true,
    };
    above.len() == below.len() && above.len() > 1 && above.iter().zip(below).all(same)
}

/// `rect` on the upright page, in shares of its sides.
fn upright(page: &PageRecord, rect: &Rect) -> Rect {
    let (width, height) = page.size.map_or((1.0, 1.0), |size| (size.width_px as f32, size.height_px as f32));
    let rect = page.rotation.apply_rect(*rect, width, height);
    let (width, height) =
        if page.rotation.degrees().is_multiple_of(180) { (width, height) } else { (height, width) };
    let (width, height) = (width.max(1.0), height.max(1.0));
    Rect::new(rect.x0 / width, rect.y0 / height, rect.x1 / width, rect.y1 / height)
}

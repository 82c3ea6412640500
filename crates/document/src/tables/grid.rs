//! A table's structure from its ruling lines.

use quire_proto::{
    Rect,
    record::Line,
    table::{StructureCell, TableStructure},
};

use super::{
    TableParams, align, banner, header,
    rows::{self, Item, Row},
    rules::{self, GridLine},
};

/// Most grid lines in one direction; more are hatching.
const MOST_LINES: usize = 400;
/// Most cells of a grid; more are graph paper.
const MOST_CELLS: usize = 4000;

/// The grid drawn in `region`, if its strokes make one of at least two rows and two columns.
pub fn from_rulings(
    region: &Rect,
    rulings: &[Rect],
    lines: &[Line],
    params: &TableParams,
) -> Option<TableStructure> {
    let height = rows::line_height(&rows::items(lines, region));
    let near = region.grown(height);
    let usable = rules::usable(rulings, height * 0.6, params.most_rulings);
    let inside: Vec<Rect> = usable.into_iter().filter(|rule| near.contains(rule.center())).collect();
    let group = rules::groups(inside, height * params.same_rule)
        .into_iter()
        .filter(|group| group.iter().any(rules::is_horizontal) && !group.iter().all(rules::is_horizontal))
        .max_by(|a, b| extent(a).total_cmp(&extent(b)))?;
    from_group(&group, lines, params)
}

fn extent(rules: &[Rect]) -> f32 {
    Rect::around(rules).map_or(0.0, |rect| rect.area())
}

/// The grid that one connected group of strokes draws.
pub(super) fn from_group(group: &[Rect], lines: &[Line], params: &TableParams) -> Option<TableStructure> {
    let outline = Rect::around(group)?;
    let items = rows::items(lines, &outline);
    let height = rows::line_height(&items);
    let (mut horizontal, mut vertical) = rules::grid_lines(group, height * params.same_rule);
    if horizontal.len() > MOST_LINES || vertical.len() > MOST_LINES || vertical.is_empty() {
        return None;
    }
    close(&mut vertical, outline.x0, outline.x1, height);
    close(&mut horizontal, outline.y0, outline.y1, height);
    let vertical = with_unruled_columns(vertical, &items, params);
    if vertical.len() * horizontal.len() > MOST_CELLS {
        return None;
    }
    let grid = Grid { horizontal, vertical };
    let cells = banner::without_banners(banner::with_header(grid.cells(params), &items, params));
    let cells = split_by_text(cells, &items, height, params);
    let mut structure = header::numbered(cells)?;
    structure.header_rows = header::header_rows(&structure, &items);
    (structure.rows >= 2 && structure.columns >= 2).then_some(structure)
}

/// Adds the outer lines where the table is open at its sides.
fn close(lines: &mut Vec<GridLine>, from: f32, to: f32, height: f32) {
    if lines.first().is_none_or(|first| first.at - from > height) {
        lines.insert(0, GridLine { at: from, drawn: Vec::new() });
    }
    if lines.last().is_none_or(|last| to - last.at > height) {
        lines.push(GridLine { at: to, drawn: Vec::new() });
    }
}

/// Adds the columns of figures that stand side by side between two rulings.
fn with_unruled_columns(vertical: Vec<GridLine>, items: &[Item<'_>], params: &TableParams) -> Vec<GridLine> {
    let mut out = Vec::with_capacity(vertical.len());
    for (at, line) in vertical.iter().enumerate() {
        out.push(line.clone());
        let Some(right) = vertical.get(at + 1) else { break };
        let between = |item: &&Item<'_>| (line.at..right.at).contains(&item.rect.center().x);
        let inside: Vec<Item<'_>> = items.iter().filter(between).copied().collect();
        let height = rows::line_height(&inside);
        let printed = rows::rows(inside, params);
        let figures = printed.iter().filter(|row| row.pieces.iter().filter(|p| p.is_numeric()).count() >= 2);
        if 2 * figures.count() > printed.len() && printed.len() >= 2 {
            let gutters = align::gutters(&printed, height, params);
            out.extend(gutters.iter().map(|gutter| unruled(gutter, &printed)));
        }
    }
    out
}

/// A grid line in a gutter, drawn beside the printed lines that do not cross it.
fn unruled(gutter: &(f32, f32), printed: &[Row<'_>]) -> GridLine {
    let at = (gutter.0 + gutter.1) / 2.0;
    let crossed = |row: &Row<'_>| row.pieces.iter().any(|piece| piece.rect.x0 < at && piece.rect.x1 > at);
    let bottom = |row: usize| printed.get(row + 1).map_or(printed[row].rect.y1, |next| next.rect.y0);
    let drawn = (0..printed.len()).filter(|row| !crossed(&printed[*row])).map(|row| {
        let top = printed[row].rect.y0;
        (top, bottom(row).max(top))
    });
    GridLine { at, drawn: drawn.collect() }
}

struct Grid {
    horizontal: Vec<GridLine>,
    vertical: Vec<GridLine>,
}

impl Grid {
    /// The cells: elementary cells joined wherever no ruling separates them.
    fn cells(&self, params: &TableParams) -> Vec<StructureCell> {
        let (rows, columns) = (self.horizontal.len() - 1, self.vertical.len() - 1);
        let mut taken = vec![false; rows * columns];
        let mut out = Vec::new();
        for row in 0..rows {
            for column in 0..columns {
                if taken[row * columns + column] {
                    continue;
                }
                let right = self.right_end(row, column, &taken, params);
                let below = self.lower_end(row, column, right, params);
                for r in row..below {
                    taken[r * columns + column..r * columns + right].fill(true);
                }
                out.push(StructureCell {
                    row: row as u32,
                    column: column as u32,
                    row_span: (below - row) as u32,
                    column_span: (right - column) as u32,
                    rect: self.rect(row, column, below, right),
                });
            }
        }
        out
    }

    fn rect(&self, row: usize, column: usize, below: usize, right: usize) -> Rect {
        let (x, y) = (&self.vertical, &self.horizontal);
        Rect::new(x[column].at, y[row].at, x[right].at, y[below].at)
    }

    fn right_end(&self, row: usize, column: usize, taken: &[bool], params: &TableParams) -> usize {
        let columns = self.vertical.len() - 1;
        let (top, bottom) = (self.horizontal[row].at, self.horizontal[row + 1].at);
        let open = |at: usize| self.vertical[at].covers(top, bottom) < params.closes;
        (column + 1..columns).find(|&at| taken[row * columns + at] || !open(at)).unwrap_or(columns)
    }

    fn lower_end(&self, row: usize, column: usize, right: usize, params: &TableParams) -> usize {
        let rows = self.horizontal.len() - 1;
        let (from, to) = (self.vertical[column].at, self.vertical[right].at);
        let same_columns = |at: usize| {
            let (top, bottom) = (self.horizontal[at].at, self.horizontal[at + 1].at);
            let closed = |line: usize| self.vertical[line].covers(top, bottom) >= params.closes;
            let inner = (column + 1..right).any(closed);
            let sides =
                (column == 0 || closed(column)) && (right + 1 == self.vertical.len() || closed(right));
            !inner && sides
        };
        (row + 1..rows)
            .find(|&at| self.horizontal[at].covers(from, to) >= params.closes || !same_columns(at))
            .unwrap_or(rows)
    }
}

/// Splits rows that hold several printed lines of figures: tables ruled only between groups.
fn split_by_text(
    cells: Vec<StructureCell>,
    items: &[Item<'_>],
    height: f32,
    params: &TableParams,
) -> Vec<StructureCell> {
    let mut bands: Vec<Vec<StructureCell>> = Vec::new();
    for cell in cells {
        match bands.last_mut() {
            Some(band) if band[0].row == cell.row => band.push(cell),
            _ => bands.push(vec![cell]),
        }
    }
    // A cell that reaches into the next band ties the two together.
    let tied: Vec<bool> = (0..bands.len())
        .map(|at| {
            let row = bands[at][0].row;
            bands
                .iter()
                .flatten()
                .any(|cell| cell.row_span > 1 && (cell.row..cell.row + cell.row_span).contains(&row))
        })
        .collect();
    let mut out = Vec::new();
    for (band, tied) in bands.into_iter().zip(tied) {
        match row_tops(&band, items, height, params).filter(|_| !tied) {
            Some(tops) => out.extend(split(&band, &tops)),
            None => out.extend(band),
        }
    }
    out
}

/// Where the printed lines of a band begin, when they are rows of their own.
fn row_tops(
    band: &[StructureCell],
    items: &[Item<'_>],
    height: f32,
    params: &TableParams,
) -> Option<Vec<f32>> {
    let rect = Rect::around(band.iter().map(|cell| &cell.rect))?;
    if rect.height() < 1.8 * height {
        return None;
    }
    let inside: Vec<Item<'_>> =
        items.iter().filter(|item| rect.contains(item.rect.center())).copied().collect();
    let printed = rows::rows(inside, params);
    let figures = |cell: &StructureCell| figures_in(cell, &printed);
    let values = band.iter().filter(|cell| cell.column > 0).map(figures).filter(|n| *n != Some(0));
    let counts: Option<Vec<usize>> = values.collect();
    let split = counts.is_some_and(|n| n.iter().filter(|n| **n >= 2).count() >= n.len().clamp(1, 2));
    split.then(|| printed.iter().skip(1).map(|row| row.rect.y0).collect())
}

/// How many printed lines of the cell there are, when all of them are figures.
fn figures_in(cell: &StructureCell, printed: &[Row<'_>]) -> Option<usize> {
    let mut count = 0;
    for row in printed {
        let mut words =
            row.pieces.iter().flat_map(|p| &p.words).filter(|w| cell.rect.contains(w.rect.center()));
        let Some(first) = words.next() else { continue };
        if !rows::is_numeric(first.text) || words.any(|word| !rows::is_numeric(word.text)) {
            return None;
        }
        count += 1;
    }
    Some(count)
}

fn split(band: &[StructureCell], tops: &[f32]) -> Vec<StructureCell> {
    let mut out = Vec::new();
    for at in 0..=tops.len() {
        for cell in band {
            let top = if at == 0 { cell.rect.y0 } else { tops[at - 1] };
            let bottom = tops.get(at).copied().unwrap_or(cell.rect.y1);
            let rect = Rect::new(cell.rect.x0, top, cell.rect.x1, bottom);
            // Rows are numbered anew by their position afterwards.
            out.push(StructureCell { rect, ..*cell });
        }
    }
    out
}

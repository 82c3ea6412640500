//! Tables on text pages that the layout model missed. Better to miss one than to make prose a table.

use quire_proto::{Rect, Region, RegionKind, record::Line};

use super::{
    TableParams, align, choose, grid, labelled,
    rows::{self, Item, Row},
    rules::{self, Drawn},
};

/// Boxes of tables on a page that is read from left to right.
pub(super) fn find(lines: &[Line], rulings: &[Rect], regions: &[Region], params: &TableParams) -> Vec<Rect> {
    let of = |kind: RegionKind| regions.iter().filter(move |region| region.kind == kind);
    let tables: Vec<Rect> = of(RegionKind::Table).map(|region| region.rect).collect();
    let pictures = regions.iter().filter(|region| region.kind.is_picture());
    let figures: Vec<Rect> = pictures.map(|region| region.rect).collect();
    let drawn = Drawn::of(lines, rulings, params);
    let mut found = ruled(&drawn, lines, params);
    found.retain(|rect| {
        let in_part_of = |figure: &&Rect| rect.overlap(figure) <= params.table_in_figure * figure.area();
        let pictured: Vec<Rect> = figures.iter().filter(in_part_of).copied().collect();
        is_new(rect, &tables) && is_new(rect, &pictured)
    });
    // A box of facts often has a picture at its top, and the model takes all of it for one.
    let facts = labelled::find(lines, &drawn, params);
    let new: Vec<Rect> =
        facts.into_iter().filter(|rect| is_new(rect, &tables) && is_new(rect, &found)).collect();
    found.extend(new);
    let known: Vec<Rect> = tables.into_iter().chain(figures).collect();
    let taken: Vec<Rect> = known.iter().chain(&found).copied().collect();
    found.extend(aligned(lines, rulings, &taken, params));
    found
}

fn is_new(rect: &Rect, known: &[Rect]) -> bool {
    !known.iter().any(|other| rect.overlap(other) > 0.3 * rect.area().min(other.area()))
}

/// Grids of at least two by two cells, most of them with words, few words across the lines.
fn ruled(drawn: &Drawn, lines: &[Line], params: &TableParams) -> Vec<Rect> {
    let grids = drawn.groups.iter().filter(|group| group.len() >= 4);
    grids.filter_map(|group| believable(group, lines, params)).collect()
}

fn believable(group: &[Rect], lines: &[Line], params: &TableParams) -> Option<Rect> {
    let structure = grid::from_group(group, lines, params)?;
    let rect = Rect::around(structure.cells.iter().map(|cell| &cell.rect))?;
    let items = rows::items(lines, &rect);
    let has_words = |cell: &Rect| items.iter().any(|item| cell.contains(item.rect.center()));
    let filled = structure.cells.iter().filter(|cell| has_words(&cell.rect)).count();
    let enough = filled >= 4 && 10 * filled >= 3 * structure.cells.len();
    // Forms are ruled too, but no two rows of theirs have the same columns.
    let spans = structure.cells.iter().filter(|cell| cell.row_span > 1 || cell.column_span > 1).count();
    let regular = 10 * spans <= 3 * structure.cells.len();
    (enough && regular && choose::conflicts(&structure, &items) <= params.conflicts).then_some(rect)
}

/// Stretches of printed lines whose pieces share gutters.
fn aligned(lines: &[Line], rulings: &[Rect], taken: &[Rect], params: &TableParams) -> Vec<Rect> {
    let everything = Rect::new(-1e5, -1e5, 1e5, 1e5);
    let mut items = rows::items(lines, &everything);
    items.retain(|item| !taken.iter().any(|rect| rect.contains(item.rect.center())));
    let height = rows::line_height(&items);
    let printed = rows::rows(items, params);
    stretches(&printed, height)
        .into_iter()
        .filter(|stretch| is_table(&printed[stretch.clone()], height, params))
        .filter_map(|stretch| Rect::around(printed[stretch].iter().map(|row| &row.rect)))
        .map(|rect| with_rules(rect, rulings, height))
        .collect()
}

/// Runs of lines of two pieces or more, without a large vertical gap.
fn stretches(printed: &[Row<'_>], height: f32) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    let mut from = 0;
    for at in 0..=printed.len() {
        let broken = at == printed.len()
            || printed[at].pieces.len() < 2
            || (at > from && printed[at].rect.y0 - printed[at - 1].rect.y1 > 2.5 * height);
        if broken {
            if at > from {
                out.push(from..at);
            }
            let begins = at < printed.len() && printed[at].pieces.len() >= 2;
            from = if begins { at } else { at + 1 };
        }
    }
    out
}

/// At least three rows in shared columns, short cells, and figures or a third column.
fn is_table(printed: &[Row<'_>], height: f32, params: &TableParams) -> bool {
    let items: Vec<Item<'_>> = printed
        .iter()
        .flat_map(|row| row.pieces.iter().flat_map(|piece| piece.words.iter().copied()))
        .collect();
    if printed.len() < params.least_rows || align::is_prose(printed, &items, params) {
        return false;
    }
    let gutters = align::gutters(printed, height, params);
    let columns = gutters.len() + 1;
    if (0..columns).any(|column| is_running_text(printed, &gutters, column)) {
        return false;
    }
    let full = printed.iter().filter(|row| row.pieces.len() * 3 >= columns * 2).count();
    let figures =
        printed.iter().filter(|row| row.pieces.iter().skip(1).any(|piece| piece.is_numeric())).count();
    let markers = printed.iter().filter(|row| is_marker(row)).count();
    // Two columns are a table only with figures on the right that do not count upwards like pages.
    let two = columns == 2 && figures * 3 >= printed.len() * 2 && !counts_up(printed);
    let more = columns >= 3 && !counts_up(printed);
    (two || more) && full * 3 >= printed.len() * 2 && markers * 2 < printed.len()
}

/// Whether most pieces of a column are whole lines of text: prose beside something else.
fn is_running_text(printed: &[Row<'_>], gutters: &[(f32, f32)], column: usize) -> bool {
    let of = |x: f32| gutters.partition_point(|gutter| (gutter.0 + gutter.1) / 2.0 <= x);
    let words: Vec<usize> = printed
        .iter()
        .flat_map(|row| &row.pieces)
        .filter(|piece| of(piece.rect.center().x) == column)
        .map(|piece| piece.words.len())
        .collect();
    2 * words.iter().filter(|words| **words >= 6).count() > words.len()
}

/// Whether the first piece is a list marker: a bullet, `(a)`, `3.`.
pub(super) fn is_marker(row: &Row<'_>) -> bool {
    let Some(first) = row.pieces.first().filter(|piece| piece.words.len() == 1) else { return false };
    let text = first.words[0].text;
    text.chars().count() <= 4 && !text.chars().all(char::is_alphanumeric) && !text.contains(['%', '$', '€'])
}

/// Whether the last pieces are whole numbers that never fall: a contents page.
fn counts_up(printed: &[Row<'_>]) -> bool {
    let pages: Vec<Option<u32>> = printed
        .iter()
        .filter_map(|row| row.pieces.last().and_then(|piece| piece.words.last()))
        .map(|word| word.text.parse().ok())
        .collect();
    let known: Vec<u32> = pages.iter().flatten().copied().collect();
    known.len() * 4 >= pages.len() * 3 && known.windows(2).all(|pair| pair[0] <= pair[1])
}

/// Grown to the horizontal rules just above and below.
fn with_rules(rect: Rect, rulings: &[Rect], height: f32) -> Rect {
    let near = Rect::new(rect.x0, rect.y0 - 1.5 * height, rect.x1, rect.y1 + 1.5 * height);
    rulings
        .iter()
        .filter(|rule| rows::is_sane(rule) && rules::is_horizontal(rule) && near.contains(rule.center()))
        .filter(|rule| rule.overlap_x(&rect) > 0.8 * rect.width())
        .fold(rect, |all, rule| all.union(rule))
}

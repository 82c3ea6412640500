//! Tests of the table code on small hand-made tables.

use proptest::prelude::*;
use quire_proto::{
    Rect, Region, RegionKind,
    record::{FontStyle, Line, Table, Word},
    table::{StructureCell, TableStructure},
};

use super::{TableParams, fill, find, from_alignment, from_rulings, structure};

/// A line whose characters are ten pixels wide and twenty high.
fn line(text: &str, x: f32, y: f32) -> Line {
    let mut at = x;
    let mut words = Vec::new();
    for word in text.split(' ') {
        let width = 10.0 * word.chars().count() as f32;
        words.push(Word {
            text: word.into(),
            rect: Rect::new(at, y, at + width, y + 20.0),
            confidence: None,
        });
        at += width + 6.0;
    }
    let rect = Rect::around(words.iter().map(|word| &word.rect)).unwrap_or_default();
    Line { text: text.into(), rect, confidence: None, words, font: Some(FontStyle::default()) }
}

/// Cells of 200 × 40 pixels, from the top left corner at 100, 100.
fn typed(rows: &[&[&str]]) -> Vec<Line> {
    let cell = |row: usize, column: usize, text: &str| {
        line(text, 110.0 + 200.0 * column as f32, 110.0 + 40.0 * row as f32)
    };
    let filled = |row: usize| {
        rows[row]
            .iter()
            .enumerate()
            .filter(|(_, t)| !t.is_empty())
            .map(move |(column, text)| cell(row, column, text))
    };
    (0..rows.len()).flat_map(filled).collect()
}

fn horizontal(y: f32, x0: f32, x1: f32) -> Rect {
    Rect::new(x0, y - 0.5, x1, y + 0.5)
}

fn vertical(x: f32, y0: f32, y1: f32) -> Rect {
    Rect::new(x - 0.5, y0, x + 0.5, y1)
}

fn grid(rows: usize, columns: usize) -> Vec<Rect> {
    let (width, height) = (200.0 * columns as f32, 40.0 * rows as f32);
    let across = (0..=rows).map(|row| horizontal(100.0 + 40.0 * row as f32, 100.0, 100.0 + width));
    let down = (0..=columns).map(|column| vertical(100.0 + 200.0 * column as f32, 100.0, 100.0 + height));
    across.chain(down).collect()
}

fn around(lines: &[Line]) -> Rect {
    Rect::around(lines.iter().map(|line| &line.rect)).unwrap_or_default().grown(12.0)
}

fn rows_of(table: &Table) -> Vec<Vec<String>> {
    let mut rows = vec![Vec::new(); table.rows as usize];
    for cell in &table.cells {
        let text = cell.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ");
        rows[cell.row as usize].push(text);
    }
    rows
}

const FIGURES: &[&[&str]] =
    &[&["", "1994", "1997"], &["Lowest", "10", "20"], &["Middle", "30", "40"], &["Highest", "50", "60"]];

#[test]
fn boxes_beside_the_lines_of_a_form_are_no_table() {
    let rows: &[&[&str]] = &[
        &["1 Wages and tips", "1"],
        &["2 Taxable interest", "2"],
        &["3 Other income", "3"],
        &["4 All income", "4"],
    ];
    let lines = typed(rows);
    let mut boxes = grid(4, 2);
    boxes
        .iter_mut()
        .filter(|rule| (101.0..259.0).contains(&rule.y0) && rule.width() > 1.0)
        .for_each(|rule| rule.x0 = 300.0);

    let region = Rect::new(100.0, 100.0, 500.0, 260.0);

    let read = |rulings: &[Rect]| structure(&region, rulings, &lines, None, &TableParams::default());

    assert_eq!(read(&boxes), None);
    assert!(read(&grid(4, 2)).is_some());
}

#[test]
fn a_drawn_grid_is_read_cell_by_cell() {
    let lines = typed(FIGURES);

    let found = from_rulings(&around(&lines), &grid(4, 3), &lines, &TableParams::default()).unwrap();
    let (table, leftover) = fill(&found, lines);

    assert_eq!((table.rows, table.columns, table.header_rows), (4, 3, 1));
    assert_eq!(rows_of(&table), FIGURES);
    assert!(leftover.is_empty());
}

#[test]
fn a_missing_ruling_makes_a_cell_span() {
    let lines = typed(&[&["Share of all", ""], &["Men", "Women"], &["40%", "60%"]]);
    let mut rulings = grid(3, 2);
    rulings.retain(|rule| rule.width() > rule.height() || (rule.center().x - 300.0).abs() > 5.0);
    rulings.push(vertical(300.0, 140.0, 220.0));

    let found = from_rulings(&around(&lines), &rulings, &lines, &TableParams::default());

    // The first row is one cell over the whole width: a title, not a row.
    assert_eq!(found.map(|found| (found.rows, found.columns)), Some((2, 2)));
}

#[test]
fn a_header_without_rulings_between_its_words_has_the_columns_below_it() {
    let lines = typed(&[&["Item", "Cost"], &["Fees", "40"], &["Books", "60"]]);
    let mut rulings = grid(3, 2);
    rulings.retain(|rule| rule.width() > rule.height() || (rule.center().x - 300.0).abs() > 5.0);
    rulings.push(vertical(300.0, 140.0, 220.0));

    let found = from_rulings(&around(&lines), &rulings, &lines, &TableParams::default()).unwrap();
    let (table, _) = fill(&found, lines);

    assert_eq!(rows_of(&table), [["Item", "Cost"], ["Fees", "40"], ["Books", "60"]]);
}

#[test]
fn lined_up_words_are_a_table_without_any_ruling() {
    let lines = typed(FIGURES);

    let found = from_alignment(&around(&lines), &[], &lines, &TableParams::default()).unwrap();
    let (table, leftover) = fill(&found, lines);

    assert_eq!(rows_of(&table), FIGURES);
    assert_eq!(table.header_rows, 1);
    assert!(leftover.is_empty());
}

#[test]
fn the_drawn_grid_wins_over_a_network_that_cuts_words() {
    let lines = typed(FIGURES);
    let cut = |column: u32| StructureCell {
        row: 0,
        column,
        row_span: 1,
        column_span: 1,
        rect: Rect::new(90.0 + 30.0 * column as f32, 90.0, 120.0 + 30.0 * column as f32, 300.0),
    };
    let network =
        TableStructure { rows: 1, columns: 2, header_rows: 0, cells: vec![cut(0), cut(1)], score: 0.9 };

    let best = structure(&around(&lines), &grid(4, 3), &lines, Some(&network), &TableParams::default());

    assert_eq!(best.map(|best| (best.rows, best.columns)), Some((4, 3)));
}

#[test]
fn a_paragraph_and_a_list_are_no_table_whatever_the_networks_say() {
    let lines = [
        line("the connection of these systems should be made safe by one of the following", 110.0, 110.0),
        line("• encrypt it", 110.0, 150.0),
        line("• put it behind a wall", 110.0, 190.0),
    ];
    let cell = |row: u32, column: u32| {
        let (x, y) = (100.0 + 450.0 * column as f32, 100.0 + 40.0 * row as f32);
        let rect = Rect::new(x, y, x + 450.0, y + 40.0);
        StructureCell { row, column, row_span: 1, column_span: 1, rect }
    };
    let cells = (0..3).flat_map(|row| [cell(row, 0), cell(row, 1)]).collect();
    let network = TableStructure { rows: 3, columns: 2, header_rows: 0, cells, score: 0.9 };

    let found = structure(&around(&lines), &[], &lines, Some(&network), &TableParams::default());

    assert_eq!(found, None);
}

#[test]
fn a_line_across_two_cells_is_split_and_one_beside_the_table_comes_back() {
    let lines = typed(FIGURES);
    let found = from_rulings(&around(&lines), &grid(4, 3), &lines, &TableParams::default()).unwrap();
    let mut across = line("left right", 240.0, 150.0);
    across.words[1].rect = Rect::new(310.0, 150.0, 360.0, 170.0);

    let (table, leftover) = fill(&found, vec![across, line("far away", 100.0, 900.0)]);

    assert_eq!(rows_of(&table)[1], ["left", "right", ""]);
    assert_eq!(leftover.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["far away"]);
}

#[test]
fn missed_tables_are_found_once() {
    let lines = typed(FIGURES);
    let known = Region { kind: RegionKind::Table, rect: around(&lines), score: 0.9 };

    let params = TableParams::default();

    assert_eq!(find(&lines, &grid(4, 3), &[], &params).len(), 1);
    assert_eq!(find(&lines, &[], &[], &params).len(), 1);
    assert!(find(&lines, &grid(4, 3), &[known], &params).is_empty());
}

#[test]
fn a_grid_with_words_is_a_table_although_the_model_sees_a_figure() {
    let lines = typed(FIGURES);
    let found = |figure: Rect| {
        let region = Region { rect: figure, kind: RegionKind::Figure, score: 0.9 };
        find(&lines, &grid(4, 3), &[region], &TableParams::default()).len()
    };

    let much_around_it = Rect::new(0.0, 0.0, 1200.0, 1200.0);

    assert_eq!(found(around(&lines)), 1);
    assert_eq!(found(much_around_it), 0);
}

#[test]
fn prose_in_columns_lists_and_contents_pages_are_no_tables() {
    let prose = "this is a line of running text here";
    let columns =
        (0..8).flat_map(|row| [line(prose, 50.0, 30.0 * row as f32), line(prose, 500.0, 30.0 * row as f32)]);
    let list = (0..8)
        .flat_map(|row| [line("•", 50.0, 30.0 * row as f32), line("one item", 100.0, 30.0 * row as f32)]);
    let contents = (0..8).flat_map(|row| {
        [
            line("A chapter", 50.0, 30.0 * row as f32),
            line(&format!("{}", 3 * row + 1), 700.0, 30.0 * row as f32),
        ]
    });

    for lines in [columns.collect::<Vec<_>>(), list.collect(), contents.collect()] {
        assert_eq!(find(&lines, &[], &[], &TableParams::default()), []);
    }
}

fn any_rect() -> impl Strategy<Value = Rect> {
    let edge = || prop_oneof![9 => -10.0..400.0_f32, 1 => prop::sample::select(vec![f32::NAN, f32::MAX, f32::INFINITY])];
    (edge(), edge(), edge(), edge()).prop_map(|(x0, y0, x1, y1)| Rect { x0, y0, x1, y1 })
}

proptest! {
    #[test]
    fn no_word_is_lost_or_doubled(
        boxes in prop::collection::vec(prop::collection::vec(any_rect(), 0..5), 0..12),
        cells in prop::collection::vec(any_rect(), 0..12),
        rulings in prop::collection::vec(any_rect(), 0..30),
    ) {
        let mut names = (0..).map(|n: u32| format!("w{n}"));
        let lines: Vec<Line> = boxes.into_iter().map(|boxes| {
            let words: Vec<Word> =
                boxes.into_iter().map(|rect| Word { text: names.next().unwrap_or_default(), rect, confidence: None }).collect();
            Line { rect: words.first().map(|word| word.rect).unwrap_or_default(), words, ..Line::default() }
        }).collect();
        let words = |lines: &[Line]| lines.iter().flat_map(|line| &line.words).map(|word| word.text.clone()).collect::<Vec<_>>();
        let mut expected = words(&lines);
        let cells = cells.into_iter().enumerate().map(|(at, rect)| StructureCell {
            row: at as u32, column: 0, row_span: 1, column_span: 1, rect,
        }).collect::<Vec<_>>();
        let network = TableStructure { rows: cells.len() as u32, columns: 2, header_rows: 0, cells, score: 0.5 };
        let region = Rect::new(0.0, 0.0, 400.0, 400.0);
        let params = TableParams::default();

        let _found = find(&lines, &rulings, &[], &params);
        let best = structure(&region, &rulings, &lines, Some(&network), &params).unwrap_or(network);
        let (table, leftover) = fill(&best, lines);

        let mut got: Vec<String> = table.cells.iter().flat_map(|cell| words(&cell.lines)).collect();
        got.extend(words(&leftover));
        got.sort();
        expected.sort();
        prop_assert_eq!(got, expected);
    }
}

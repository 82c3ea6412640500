//! Tests of the table code on small hand-made tables.

use quire_proto::{
    Rect, Region, RegionKind,
    record::{FontStyle, Line, Table, Word},
    table::{StructureCell, TableStructure},
};

use super::{TableParams, fill, find, from_alignment, from_rulings, structure};

/// A line whose characters are ten pixels wide and twenty high.
pub(super) fn line(text: &str, x: f32, y: f32) -> Line {
    let mut at = x;
    let mut words = Vec::new();
    for word in text.split(' ') {
        let width = 10.0 * word.chars().count() as f32;
        words.push(Word {
            text: word.into(),
            rect: Rect::new(at, y, at + width, y + 20.0),
            ..Word::default()
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

pub(super) fn horizontal(y: f32, x0: f32, x1: f32) -> Rect {
    Rect::new(x0, y - 0.5, x1, y + 0.5)
}

pub(super) fn vertical(x: f32, y0: f32, y1: f32) -> Rect {
    Rect::new(x - 0.5, y0, x + 0.5, y1)
}

fn grid(rows: usize, columns: usize) -> Vec<Rect> {
    let (width, height) = (200.0 * columns as f32, 40.0 * rows as f32);
    let across = (0..=rows).map(|row| horizontal(100.0 + 40.0 * row as f32, 100.0, 100.0 + width));
    let down = (0..=columns).map(|column| vertical(100.0 + 200.0 * column as f32, 100.0, 100.0 + height));
    across.chain(down).collect()
}

pub(super) fn around(lines: &[Line]) -> Rect {
    Rect::around(lines.iter().map(|line| &line.rect)).unwrap_or_default().grown(12.0)
}

pub(super) fn rows_of(table: &Table) -> Vec<Vec<String>> {
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

/// Rows of a label and a figure; further lines of a label follow so many pixels below each other, rows 60 pixels.
fn labelled(rows: &[(&[&str], &str)], step: f32) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut y = 110.0;
    for (label, figure) in rows {
        lines.push(line(figure, 400.0, y));
        for part in *label {
            lines.push(line(part, 110.0, y));
            y += step;
        }
        y += 60.0 - step;
    }
    lines
}

#[test]
fn a_label_of_several_lines_is_one_cell_and_a_heading_between_rows_is_a_row() {
    let rows: &[(&[&str], &str)] =
        &[(&["Number of", "companies"], "27"), (&["Share of", "all of them"], "33%"), (&["Others"], "8")];
    let read = |lines: Vec<Line>| {
        let found = from_alignment(&around(&lines), &[], &lines, &TableParams::default()).unwrap();
        rows_of(&fill(&found, lines).0)
    };

    let upper: &[(&[&str], &str)] = &[(&["Total", "Companies"], "27"), (&["Banks"], "3"), (&["Others"], "8")];

    assert_eq!(
        read(labelled(rows, 25.0)),
        [["Number of companies", "27"], ["Share of all of them", "33%"], ["Others", "8"]]
    );
    assert_eq!(read(labelled(rows, 60.0)).len(), 5, "as far apart as rows");
    assert_eq!(read(labelled(upper, 25.0)).len(), 4, "a name of its own");
    assert_eq!(read(labelled(upper, 60.0)).len(), 4, "a row without a figure");
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
fn a_table_whose_words_lie_across_all_cells_stays_text() {
    let lines = [
        line("words that", 110.0, 110.0),
        line("go on", 300.0, 110.0),
        line("across all lines of it", 130.0, 140.0),
        line("and so on to the end", 130.0, 170.0),
    ];
    let cell = |row: u32, column: u32| {
        let (x, y) = (100.0 + 28.0 * column as f32, 100.0 + 34.0 * row as f32);
        StructureCell { row, column, row_span: 1, column_span: 1, rect: Rect::new(x, y, x + 28.0, y + 34.0) }
    };
    let cells = (0..2).flat_map(|row| (0..12).map(move |column| cell(row, column))).collect();
    let network = TableStructure { rows: 2, columns: 12, header_rows: 0, cells, score: 0.9 };
    let region = around(&lines);
    let read = |params: &TableParams| structure(&region, &[], &lines, Some(&network), params);

    assert_eq!(read(&TableParams::default()), None);
    assert!(read(&TableParams { scrambled: 1.0, ..TableParams::default() }).is_some());
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

/// Facts beside lines of text that stand at other heights; labels are bold when `bold`.
fn facts(bold: bool) -> Vec<Line> {
    let mut lines: Vec<Line> = (0..9)
        .map(|at| line("running text beside the box of facts", 50.0, 93.0 + 31.0 * at as f32))
        .collect();
    for (at, label) in ["Born", "Died", "Father", "Mother", "House"].iter().enumerate() {
        let y = 100.0 + 50.0 * at as f32;
        let font = Some(FontStyle { bold, ..FontStyle::default() });
        lines.extend([Line { font, ..line(label, 600.0, y) }, line("somewhere near", 720.0, y)]);
    }
    lines.push(line("or elsewhere", 720.0, 318.0));
    lines
}

#[test]
fn a_box_of_facts_beside_text_is_a_table() {
    let lines = facts(true);

    let found = find(&lines, &[], &[], &TableParams::default());

    assert_eq!(found.len(), 1);
    let inside: Vec<Line> = lines.into_iter().filter(|line| line.rect.x0 >= 600.0).collect();
    let best = structure(&found[0], &[], &inside, None, &TableParams::default()).unwrap();
    let (table, leftover) = fill(&best, inside);
    assert_eq!(rows_of(&table)[0], ["Born", "somewhere near"]);
    assert_eq!(rows_of(&table)[4], ["House", "somewhere near or elsewhere"]);
    assert_eq!((table.rows, leftover.len()), (5, 0));
    assert!(find(&facts(false), &[], &[], &TableParams::default()).is_empty());
}

#[test]
fn on_a_scan_a_frame_shows_where_a_box_of_facts_is() {
    let scanned = |line: Line| Line { font: None, ..line };
    let lines: Vec<Line> = facts(false).into_iter().map(scanned).collect();
    let frame = frame(590.0, 90.0, 1000.0, 360.0);

    let found = |lines: &[Line], rulings: &[Rect]| find(lines, rulings, &[], &TableParams::default()).len();

    assert_eq!(found(&lines, &frame), 1);
    assert_eq!(found(&lines, &frame[..3]), 0, "open on one side");
    assert_eq!(found(&lines, &[]), 0);
    // Two columns of text in a frame fill their lines.
    let text = lines.iter().filter(|line| line.rect.x0 < 600.0 || line.rect.x0 > 700.0).cloned();
    let columns = (0..5).map(|at| scanned(line("short and full", 555.0, 100.0 + 50.0 * at as f32)));
    assert_eq!(found(&text.chain(columns).collect::<Vec<_>>(), &self::frame(550.0, 90.0, 1000.0, 360.0)), 0);
}

/// The sides of a box, upper and lower first.
fn frame(x0: f32, y0: f32, x1: f32, y1: f32) -> [Rect; 4] {
    let line = |x0: f32, y0: f32, x1: f32, y1: f32| Rect::new(x0, y0, x1 + 2.0, y1 + 2.0);
    [line(x0, y0, x1, y0), line(x0, y1, x1, y1), line(x0, y0, x0, y1), line(x1, y0, x1, y1)]
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

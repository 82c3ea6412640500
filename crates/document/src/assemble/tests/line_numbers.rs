//! Numbers of lines in the margin, and what only looks like them.

use super::*;

/// Twelve lines of text, on both sides of which there is room.
fn text() -> Vec<Line> {
    (0..12).map(|row| line(FULL, 80.0, 200.0 + 14.0 * row as f32, 10.0)).collect()
}

/// Every `step`th line of `text()` has its number at `x`.
fn numbers(step: usize, x: f32) -> impl Iterator<Item = Line> {
    let number = move |row: &usize| line(&row.to_string(), x, 200.0 + 14.0 * (row - 1) as f32, 10.0);
    (1..=12).filter(move |row| row % step == 0).map(|row| number(&row)).collect::<Vec<_>>().into_iter()
}

fn read(lines: Vec<Line>) -> Vec<Block> {
    [PageMode::Text, PageMode::Ocr]
        .map(|mode| assemble(PageEvidence { mode, ..evidence(lines.clone()) }, &AssembleParams::default()))
        .into_iter()
        .reduce(|text, scan| {
            assert_eq!(kinds(&text), kinds(&scan));
            text
        })
        .unwrap_or_default()
}

fn has_line_numbers(lines: Vec<Line>) -> bool {
    kinds(&read(lines)).contains(&BlockKind::LineNumbers)
}

#[test]
fn a_number_for_each_line_stays_out_of_the_paragraph() {
    for x in [50.0, 66.0, 580.0] {
        let blocks = read(text().into_iter().chain(numbers(1, x)).collect());

        assert_eq!(kinds(&blocks), [BlockKind::Paragraph, BlockKind::LineNumbers], "{x}");
        assert_eq!(blocks[0].lines.iter().filter(|line| line.text == FULL).count(), 12, "{x}");
        assert_eq!(texts(&blocks[1])[..3], ["1", "2", "3"]);
        assert_eq!(blocks[1].lines[1].words[0].rect.x0, x);
    }
}

#[test]
fn so_does_a_number_for_every_second_line() {
    let blocks = read(text().into_iter().chain(numbers(2, 580.0)).collect());

    assert_eq!(kinds(&blocks), [BlockKind::Paragraph, BlockKind::LineNumbers]);
    assert_eq!(texts(&blocks[1]), ["2", "4", "6", "8", "10", "12"]);
}

#[test]
fn numbers_in_one_box_with_their_lines_are_cut_off() {
    let lines: Vec<Line> = (text().into_iter().zip(numbers(1, 50.0)))
        .map(|(text, number)| Line {
            text: format!("{} {}", number.text, text.text),
            rect: number.rect.union(&text.rect),
            words: number.words.into_iter().chain(text.words).collect(),
            ..text
        })
        .collect();

    let blocks = read(lines);

    assert_eq!(kinds(&blocks), [BlockKind::Paragraph, BlockKind::LineNumbers]);
    assert!(blocks[0].lines.iter().all(|line| line.text == FULL && line.rect.x0 == 80.0));
    assert_eq!(blocks[1].lines.len(), 12);
}

#[test]
fn a_number_that_was_misread_goes_with_the_others() {
    let mut lines: Vec<Line> = text().into_iter().chain(numbers(1, 50.0)).collect();
    lines[17] = Line { rect: lines[17].rect, ..line("8", 50.0, lines[17].rect.y0, 10.0) };

    let blocks = read(lines);

    assert_eq!(kinds(&blocks), [BlockKind::Paragraph, BlockKind::LineNumbers]);
    assert_eq!(blocks[1].lines.len(), 12);
}

#[test]
fn lists_tables_contents_and_verse_have_none() {
    let rows = |texts: &[&str]| -> Vec<Line> {
        let row = |(at, text): (usize, &&str)| {
            let y = 200.0 + 14.0 * at as f32;
            [line(&(at + 1).to_string(), 60.0, y, 10.0), line(text, 80.0, y, 10.0)]
        };
        texts.iter().enumerate().flat_map(row).collect()
    };
    let list = rows(&[
        "Sift the flour",
        "Melt the butter",
        "Beat two eggs",
        "Stir all of it",
        "Bake it well",
        "Eat it",
    ]);
    let table: Vec<Line> = (rows(&["Linn", "Kant", "Hume", "Mill", "Locke", "Hegel"]).into_iter())
        .chain((0..6).map(|at| line("317", 300.0, 200.0 + 14.0 * at as f32, 10.0)))
        .collect();
    let contents: Vec<Line> = (rows(&["Scope", "Thanks", "Methods", "Results", "Notes", "Index"])
        .into_iter())
    .chain((0..6).map(|at| line(&(at + 1).to_string(), 520.0, 200.0 + 14.0 * at as f32, 10.0)))
    .collect();
    let several = |at: usize| {
        let y = 200.0 + 42.0 * at as f32;
        let number = line(&(at + 1).to_string(), 60.0, y, 10.0);
        [number].into_iter().chain((0..3).map(move |row| line(FULL, 80.0, y + 14.0 * row as f32, 10.0)))
    };
    let scale: Vec<Line> =
        (1..9).map(|at| line(&(5 * at).to_string(), 60.0, 600.0 - 40.0 * at as f32, 8.0)).collect();

    assert!(!has_line_numbers(list), "a list");
    assert!(!has_line_numbers(table), "a table with a running number");
    assert!(!has_line_numbers(contents), "a contents page");
    assert!(!has_line_numbers((0..6).flat_map(several).collect()), "paragraphs with numbers");
    assert!(!has_line_numbers(scale.into_iter().rev().collect()), "the scale of a chart");
    let legend = (0..6).flat_map(|at| {
        let y = 200.0 + 14.0 * at as f32;
        [line(&(2 * at + 1).to_string(), 60.0, y, 10.0), line("one part of the machine", 80.0, y, 10.0)]
    });
    assert!(!has_line_numbers(legend.collect()), "a legend with every second number");
    assert!(!has_line_numbers(text()), "lines without numbers");
    assert!(!has_line_numbers(text().into_iter().chain(numbers(3, 50.0)).collect()), "four are too few");
}

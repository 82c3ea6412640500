//! Pages that are read from right to left.

use super::*;

/// The letters of another script, which runs from right to left and has no capitals either.
fn turned(text: &str) -> String {
    let letter = |char: char| match char {
        'अ'..='ऩ' => {
            char::from_u32(u32::from('א') + (u32::from(char) - u32::from('अ')) % 27).unwrap_or(char)
        }
        char => char,
    };
    text.chars().map(letter).collect()
}

fn flipped(rect: Rect) -> Rect {
    Rect { x0: 600.0 - rect.x1, x1: 600.0 - rect.x0, ..rect }
}

fn in_the_mirror(mut line: Line) -> Line {
    line.text = turned(&line.text);
    line.rect = flipped(line.rect);
    for word in &mut line.words {
        word.text = turned(&word.text);
        word.rect = flipped(word.rect);
    }
    line
}

/// What is read, block by block, with the edges of the blocks.
fn read(lines: Vec<Line>, mirrored: bool) -> Vec<(BlockKind, Vec<String>, [i32; 4])> {
    let blocks = assemble(evidence(lines), &AssembleParams::default());
    let shown = |block: Block| {
        let rect = if mirrored { flipped(block.rect) } else { block.rect };
        let edges = [rect.x0, rect.y0, rect.x1, rect.y1].map(|edge| edge.round() as i32);
        let text = |line: &Line| if mirrored { line.text.clone() } else { turned(&line.text) };
        (block.kind, block.lines.iter().map(text).collect(), edges)
    };
    blocks.into_iter().map(shown).collect()
}

const NARROW: &str = "कखग घङचछ जझ ञटठड ढणत थद धन";

fn column(x: f32, rows: usize) -> impl Iterator<Item = Line> {
    (0..rows).map(move |row| line(NARROW, x, 200.0 + 14.0 * row as f32, 10.0))
}

#[test]
fn the_right_column_comes_first_below_a_title_across() {
    let title = line("कखग घङचछ जझञ टठड ढणत थद धन कखग घङचछ जझञ टठड ढणत थद धन", 60.0, 120.0, 14.0);
    let lines = [title].into_iter().chain(column(60.0, 12)).chain(column(320.0, 12)).map(in_the_mirror);

    let blocks = assemble(evidence(lines.collect()), &AssembleParams::default());

    let lefts: Vec<f32> = blocks.iter().map(|block| block.rect.x0).collect();
    assert_eq!(blocks.len(), 3, "{blocks:#?}");
    assert!(lefts[1] > 300.0 && lefts[2] < 300.0, "{lefts:?}");
}

#[test]
fn a_note_in_the_left_margin_comes_after_the_text() {
    let text = (0..12).map(|row| line(FULL_CASELESS, 60.0, 200.0 + 14.0 * row as f32, 10.0));
    let note = (0..3).map(|row| line("कखग घङच", 480.0, 200.0 + 10.0 * row as f32, 7.0));
    let lines: Vec<Line> = note.chain(text).map(in_the_mirror).collect();

    let blocks = assemble(evidence(lines), &AssembleParams::default());

    assert_eq!(blocks.iter().map(|block| block.lines.len()).collect::<Vec<_>>(), [12, 3], "{blocks:#?}");
}

const FULL_CASELESS: &str = "कखग घङचछ जझञ टठड ढणत थद धन कखग घङचछ जझञ टठड ढणत थद धन कखग घङच";

#[test]
fn pieces_of_a_line_join_from_right_to_left() {
    let lines = vec![line("שלום רב", 300.0, 200.0, 10.0), line("לכל אדם", 262.0, 200.0, 10.0)];

    let blocks = assemble(evidence(lines), &AssembleParams::default());

    assert_eq!(
        blocks[0].lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(),
        ["שלום רב לכל אדם"]
    );
}

#[test]
fn a_paragraph_begins_where_the_row_above_left_room_although_there_are_no_capitals() {
    let full = |y: f32| line("שלום רב לכל אדם שגר כאן על הנהר הזה מאז הימים ההם", 80.0, y, 10.0);
    let short = line("שלום רב לכל؟", 80.0, 212.0, 10.0);
    let flush =
        |rect: Rect| Rect { x0: rect.x0 + full(0.0).rect.x1 - short.rect.x1, x1: full(0.0).rect.x1, ..rect };
    let short = Line { rect: flush(short.rect), words: Vec::new(), ..short };
    let lines = vec![full(200.0), short, full(224.0), full(236.0)];

    let blocks = assemble(evidence(lines), &AssembleParams::default());

    assert_eq!(blocks.iter().map(|block| block.lines.len()).collect::<Vec<_>>(), [2, 2]);
}

proptest! {
    #[test]
    fn a_page_and_its_script_in_the_mirror_read_alike(
        columns in 1usize..4,
        rows in prop::collection::vec((0u8..3, 1usize..7, 0usize..40), 1..8),
    ) {
        let width = 480 / columns;
        let mut lines = Vec::new();
        for column in 0..columns {
            let mut y = 200.0 + 5.0 * column as f32;
            for (at, &(indent, count, gap)) in rows.iter().enumerate() {
                for row in 0..count {
                    let x = 60.0 + (column * width) as f32 + if row == 0 { 8.0 * f32::from(indent) } else { 0.0 };
                    let words: Vec<String> = (0..width / 40).map(|word| {
                        let letter = |offset: usize| char::from_u32('अ' as u32 + ((at + row + word + offset) % 30) as u32);
                        (0..4).filter_map(letter).collect()
                    }).collect();
                    lines.push(line(&words.join(" "), x, y, 10.0));
                    y += 13.0;
                }
                y += gap as f32;
            }
        }
        lines.retain(|line| line.rect.y1 < 780.0);

        let mirrored: Vec<Line> = lines.iter().cloned().map(in_the_mirror).collect();

        prop_assert_eq!(read(mirrored, true), read(lines, false));
    }
}

//! Columns that almost touch, and lines drawn over both.

use super::*;

#[test]
fn columns_that_almost_touch_on_common_lines_are_read_one_after_the_other() {
    const HALF: &str = "words that fill one column to its edge";
    let width = line(HALF, 0.0, 0.0, 10.0).rect.width();
    let lines: Vec<Line> = (0..8)
        .flat_map(|row| [80.0, 80.0 + width + 6.0].map(|x| line(HALF, x, 200.0 + 12.0 * row as f32, 10.0)))
        .collect();

    let blocks = assemble(evidence(lines), &AssembleParams::default());

    assert_eq!(blocks.len(), 2, "{blocks:#?}");
    assert!(blocks.iter().all(|block| block.lines.len() == 8 && block.rect.width() < width + 5.0));
}

/// Two columns that almost touch: rows one by one, as a detector finds them; `across` are drawn as one box.
fn columns_drawn_across(rows: usize, across: &[usize]) -> Vec<Line> {
    const HALF: &str = "words that fill one column to its edge";
    let width = line(HALF, 0.0, 0.0, 10.0).rect.width();
    let drawn = |row: usize| {
        let [left, right] = [80.0, 86.0 + width].map(|x| line(HALF, x, 200.0 + 12.0 * row as f32, 10.0));
        if !across.contains(&row) {
            return vec![left, right];
        }
        vec![Line {
            text: format!("{} {}", left.text, right.text),
            rect: left.rect.union(&right.rect),
            words: left.words.iter().chain(&right.words).cloned().collect(),
            ..left
        }]
    };
    (0..rows).flat_map(drawn).collect()
}

#[test]
fn lines_that_a_detector_drew_over_both_columns_are_cut_at_the_gutter() {
    let apart = assemble(evidence(columns_drawn_across(6, &[])), &AssembleParams::default());

    let blocks = assemble(evidence(columns_drawn_across(6, &[4, 5])), &AssembleParams::default());

    assert_eq!(blocks.len(), 2, "{blocks:#?}");
    assert!(blocks.iter().zip(&apart).all(|(block, apart)| texts(block) == texts(apart)));
}

#[test]
fn also_where_rows_that_nobody_drew_across_lie_between() {
    let apart = assemble(evidence(columns_drawn_across(10, &[])), &AssembleParams::default());
    let across = [4, 5, 8, 9];

    let blocks = assemble(evidence(columns_drawn_across(10, &across)), &AssembleParams::default());

    assert_eq!(blocks.len(), 2, "{blocks:#?}");
    assert!(blocks.iter().zip(&apart).all(|(block, apart)| texts(block) == texts(apart)));
}

#[test]
fn a_gap_that_the_rows_around_it_cross_is_no_gutter() {
    let mut lines = paragraph(200.0, 4);
    let wide = lines.remove(2);
    let half = wide.words.len() / 2;
    let parts = [&wide.words[..half], &wide.words[half..]].map(|words| {
        let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let rect = Rect::around(words.iter().map(|word| &word.rect)).unwrap_or_default();
        Line { text: text.join(" "), rect, words: words.to_vec(), ..wide.clone() }
    });
    lines.extend(parts);

    let blocks = assemble(evidence(lines), &AssembleParams::default());

    assert_eq!(blocks.len(), 1);
    assert_eq!(blocks[0].lines[2].text, FULL);
}

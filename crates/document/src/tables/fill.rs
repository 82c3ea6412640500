//! Words go into cells.

use quire_proto::{
    Rect,
    record::{Cell, Line, Table, Word},
    table::TableStructure,
};

use super::rows::is_sane;

/// Fills the cells with the words inside them; lines (or parts of lines) outside the table come back.
///
/// A word belongs to the cell it overlaps most; inside the table's outline, to the nearest
/// cell if it overlaps none. No word is lost and none is doubled.
pub fn fill(structure: &TableStructure, lines: Vec<Line>) -> (Table, Vec<Line>) {
    let mut parts: Vec<Vec<Line>> = vec![Vec::new(); structure.cells.len()];
    let mut leftover = Vec::new();
    let outline = outline(structure);
    for line in lines {
        for (cell, part) in split(line, |word| target(structure, outline.as_ref(), &word.rect)) {
            match cell.and_then(|cell| parts.get_mut(cell)) {
                Some(cell) => cell.push(part),
                None => leftover.push(part),
            }
        }
    }
    let cells = structure.cells.iter().zip(parts).map(|(cell, lines)| Cell {
        row: cell.row,
        column: cell.column,
        row_span: cell.row_span.max(1),
        column_span: cell.column_span.max(1),
        rect: cell.rect,
        lines: stacked(lines),
    });
    let table = Table {
        rows: structure.rows,
        columns: structure.columns,
        header_rows: structure.header_rows,
        cells: cells.collect(),
    };
    (table, leftover)
}

/// Around the cells, and a little more: networks draw their boxes tight.
fn outline(structure: &TableStructure) -> Option<Rect> {
    let sane: Vec<Rect> = structure.cells.iter().map(|cell| cell.rect).filter(is_sane).collect();
    let mut heights: Vec<f32> = sane.iter().map(Rect::height).collect();
    heights.sort_unstable_by(f32::total_cmp);
    let margin = heights.get(heights.len() / 4).copied().unwrap_or(0.0) * 0.5;
    Rect::around(&sane).map(|rect| rect.grown(margin.min(20.0)))
}

fn target(structure: &TableStructure, outline: Option<&Rect>, word: &Rect) -> Option<usize> {
    let centre = word.center();
    if !is_sane(word) || !outline?.contains(centre) {
        return None;
    }
    let cells = || structure.cells.iter().enumerate().filter(|(_, cell)| is_sane(&cell.rect));
    let most = cells()
        .map(|(at, cell)| (at, word.overlap(&cell.rect)))
        .filter(|(_, overlap)| *overlap > 0.0)
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let far = |rect: &Rect| {
        let dx = (rect.x0 - centre.x).max(centre.x - rect.x1).max(0.0);
        let dy = (rect.y0 - centre.y).max(centre.y - rect.y1).max(0.0);
        // Rows are closer to each other than columns, so a step across rows counts more.
        dx + 3.0 * dy
    };
    most.map(|(at, _)| at)
        .or_else(|| cells().min_by(|a, b| far(&a.1.rect).total_cmp(&far(&b.1.rect))).map(|(at, _)| at))
}

/// Cuts a line where its words belong to different places; a whole line stays as it is.
fn split(line: Line, place: impl Fn(&Word) -> Option<usize>) -> Vec<(Option<usize>, Line)> {
    let places: Vec<Option<usize>> = line.words.iter().map(place).collect();
    match places.first() {
        None => return vec![(None, line)],
        Some(first) if places.iter().all(|place| place == first) => return vec![(*first, line)],
        Some(_) => {}
    }
    let mut parts: Vec<(Option<usize>, Vec<Word>)> = Vec::new();
    for (place, word) in places.into_iter().zip(line.words) {
        match parts.last_mut() {
            Some((same, words)) if *same == place => words.push(word),
            _ => parts.push((place, vec![word])),
        }
    }
    let piece = |words: Vec<Word>| of_words(words, line.confidence, line.font);
    parts.into_iter().map(|(place, words)| (place, piece(words))).collect()
}

fn of_words(words: Vec<Word>, confidence: Option<f32>, font: Option<quire_proto::record::FontStyle>) -> Line {
    let mut text = String::new();
    for word in &words {
        // The mark of a note touches the word before it.
        if !text.is_empty() && !word.raised {
            text.push(' ');
        }
        text.push_str(&word.text);
    }
    let rect = Rect::around(words.iter().map(|word| &word.rect)).unwrap_or_default();
    Line { text, rect, confidence, words, font }
}

/// The lines of a cell from top to bottom; pieces on one height become one line again.
fn stacked(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort_by(|a, b| a.rect.center().y.total_cmp(&b.rect.center().y));
    let mut bands: Vec<Vec<Line>> = Vec::new();
    for line in lines {
        match bands.last_mut() {
            Some(band) if on_one_height(&band[0].rect, &line.rect) => band.push(line),
            _ => bands.push(vec![line]),
        }
    }
    bands.into_iter().filter_map(joined).collect()
}

fn on_one_height(a: &Rect, b: &Rect) -> bool {
    a.overlap_y(b) > 0.6 * a.height().min(b.height())
}

fn joined(mut band: Vec<Line>) -> Option<Line> {
    band.sort_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0));
    band.into_iter().reduce(|mut all, next| {
        all.text = format!("{} {}", all.text, next.text);
        all.rect = all.rect.union(&next.rect);
        all.words.extend(next.words);
        all.confidence = match (all.confidence, next.confidence) {
            (Some(a), Some(b)) => Some((a + b) / 2.0),
            (a, b) => a.or(b),
        };
        all
    })
}

//! Boxes of facts: labels flush in one column, their values flush in the next, with other text beside them.
//!
//! Printed lines of the whole page say nothing there, because the text beside the box has lines of its own. Labels are bold;
//! on scans, where nobody knows what is bold, they are short entries inside a frame.

use quire_proto::{Rect, record::Line};

use super::{
    TableParams,
    rows::is_sane,
    rules::{self, Drawn, GridLine},
};

/// Lines looked at; a page with more of them is a drawing.
const MOST_LINES: usize = 2000;

/// Longest label, in words.
const LABEL_WORDS: usize = 4;

/// How far left edges of a column may lie apart, in heights of a line.
const FLUSH: f32 = 0.4;

/// How far a label may be below the one above it, in heights of a line: values may have several lines.
const NEAR: f32 = 8.0;

/// Share of the way to the values that framed labels take at most, in the median: text in two columns fills its lines.
const RAGGED: f32 = 0.65;

/// How far sides of a frame may miss each other, and how close to its edge they are, in heights of a line.
const CORNER: f32 = 0.3;

/// Share of each side of a frame that is drawn.
const DRAWN: f32 = 0.9;

/// A label and its value.
#[derive(Clone, Copy)]
struct Fact {
    label: Rect,
    value: Rect,
    words: usize,
}

/// Boxes around at least `params.least_facts` facts in common columns.
pub(super) fn find(lines: &[Line], drawn: &Drawn, params: &TableParams) -> Vec<Rect> {
    if lines.len() > MOST_LINES {
        return Vec::new();
    }
    let mut found = among(lines, is_bold_label, params);
    if lines.iter().all(|line| line.font.is_none()) {
        let inside =
            |frame: Rect| lines.iter().filter(|line| frame.contains(line.rect.center())).cloned().collect();
        let framed: Vec<Vec<Line>> = frames(drawn).map(inside).collect();
        found.extend(framed.iter().flat_map(|inside| among(inside, is_entry, params)));
    }
    found
}

/// Boxes of facts among `lines` whose labels, seen with their values, are such.
fn among(lines: &[Line], is_label: fn(&Line, &Line) -> bool, params: &TableParams) -> Vec<Rect> {
    let mut facts: Vec<Fact> = lines.iter().filter_map(|label| fact(label, lines, is_label)).collect();
    facts.sort_by(|a, b| a.label.y0.total_cmp(&b.label.y0));
    let mut groups: Vec<Vec<Fact>> = Vec::new();
    for fact in facts {
        match groups.iter_mut().find(|group| group.last().is_some_and(|last| goes_on(last, &fact))) {
            Some(group) => group.push(fact),
            None => groups.push(vec![fact]),
        }
    }
    let short = |group: &[Fact]| {
        let words: usize = group.iter().map(|fact| fact.words).sum();
        words as f32 <= params.words_per_cell * group.len() as f32
    };
    groups
        .iter()
        .filter(|group| group.len() >= params.least_facts && short(group) && is_ragged(group))
        .filter_map(|group| with_further_lines(group, lines))
        .collect()
}

/// The fact that `label` names: the next line to its right.
fn fact(label: &Line, lines: &[Line], is_label: fn(&Line, &Line) -> bool) -> Option<Fact> {
    // Figures alone are the scale of a chart.
    let named = label.text.chars().any(char::is_alphabetic);
    let short = named && label.words.len() <= LABEL_WORDS && is_sane(&label.rect);
    let level = |line: &&Line| label.rect.overlap_y(&line.rect) > 0.5 * label.rect.height();
    let right = lines.iter().filter(|line| is_sane(&line.rect) && line.rect.x0 > label.rect.x1);
    let value = right.filter(level).min_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0))?;
    (short && is_label(label, value)).then_some(Fact {
        label: label.rect,
        value: value.rect,
        words: value.words.len(),
    })
}

/// A bold label whose value is set regular.
fn is_bold_label(label: &Line, value: &Line) -> bool {
    is_bold(label) && !is_bold(value)
}

/// An entry of a column with more than a space before the next.
fn is_entry(label: &Line, value: &Line) -> bool {
    value.rect.x0 - label.rect.x1 > 0.5 * label.rect.height()
}

fn is_bold(line: &Line) -> bool {
    line.font.is_some_and(|font| font.bold)
}

/// Whether most labels end well before their values begin.
fn is_ragged(group: &[Fact]) -> bool {
    let share = |fact: &Fact| fact.label.width() / (fact.value.x0 - fact.label.x0).max(1.0);
    2 * group.iter().filter(|fact| share(fact) <= RAGGED).count() >= group.len()
}

fn goes_on(above: &Fact, fact: &Fact) -> bool {
    let height = above.label.height();
    let flush = |a: f32, b: f32| (a - b).abs() < FLUSH * height;
    let step = fact.label.y0 - above.label.y0;
    flush(above.label.x0, fact.label.x0)
        && flush(above.value.x0, fact.value.x0)
        && step > 0.5 * height
        && step < NEAR * height
}

/// Boxes that are drawn on all four sides.
fn frames(drawn: &Drawn) -> impl Iterator<Item = Rect> {
    drawn.groups.iter().filter_map(|group| {
        let outline = Rect::around(group)?;
        let (across, down) = rules::grid_lines(group, drawn.same);
        let near = |line: &GridLine, edge: f32| (line.at - edge).abs() <= CORNER * drawn.height;
        let side = |lines: &[GridLine], edge: f32, from: f32, to: f32| {
            lines.iter().any(|line| near(line, edge) && line.covers(from, to) >= DRAWN)
        };
        let closed = [outline.y0, outline.y1].iter().all(|y| side(&across, *y, outline.x0, outline.x1))
            && [outline.x0, outline.x1].iter().all(|x| side(&down, *x, outline.y0, outline.y1));
        closed.then_some(outline)
    })
}

/// The box of a group, with the further lines of its values.
fn with_further_lines(group: &[Fact], lines: &[Line]) -> Option<Rect> {
    let facts = Rect::around(group.iter().flat_map(|fact| [&fact.label, &fact.value]))?;
    let (first, height) = (group.first()?, group.first()?.label.height());
    let further = |line: &&Line| {
        let flush = (line.rect.x0 - first.value.x0).abs() < FLUSH * height;
        flush && is_sane(&line.rect) && line.rect.y0 > facts.y0 && line.rect.y1 < facts.y1 + height
    };
    Some(lines.iter().filter(further).fold(facts, |all, line| all.union(&line.rect)))
}

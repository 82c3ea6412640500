//! The ladder: sizes and numbers of all headings, and the level that each stands for.

use std::collections::BTreeMap;

use quire_proto::record::Block;

/// Sizes that differ by less than this factor are one size: scans are measured, not told.
const SAME_SIZE: f32 = 1.06;

/// This many numbered headings are a numbering.
const NUMBERED: u32 = 2;

/// How a heading is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Style {
    /// Size in half points.
    pub(super) half_points: u16,
    bold: bool,
}

impl Style {
    /// The style of the block's first line; `None` when it has no known size.
    pub(super) fn of(block: &Block) -> Option<Self> {
        let font = block.lines.first()?.font?;
        let half_points = (font.size_pt * 2.0).round().clamp(1.0, 2000.0);
        font.size_pt.is_finite().then_some(Self { half_points: half_points as u16, bold: font.bold })
    }
}

/// How often headings of a style had a number of each depth, and stood at each level of the file's own outline.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    depths: Counts,
    levels: Counts,
}

impl Seen {
    /// Counts a heading whose number has `depth` parts and that the outline lists at `level`.
    pub(super) fn count(&mut self, depth: Option<u8>, level: Option<u8>) {
        self.depths.count(depth);
        self.levels.count(level);
    }

    fn add(&mut self, other: &Self) {
        self.depths.add(&other.depths);
        self.levels.add(&other.levels);
    }
}

/// Counts by depth; index 0 counts headings without one.
#[derive(Clone, Copy, Debug, Default)]
struct Counts([u32; 7]);

impl Counts {
    fn count(&mut self, depth: Option<u8>) {
        let slot = &mut self.0[usize::from(depth.unwrap_or(0).min(6))];
        *slot = slot.saturating_add(1);
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, more)| *sum = sum.saturating_add(more));
    }

    fn with_one(&self) -> u32 {
        self.0[1..].iter().sum()
    }

    /// The depth that most have, when most headings have one.
    fn usual(&self) -> Option<u8> {
        let (depth, count) = (1u8..).zip(&self.0[1..]).max_by_key(|(_, count)| **count)?;
        (*count > 0 && self.with_one() * 2 >= self.0[0]).then_some(depth)
    }
}

/// Levels of styles, and where the numbering begins.
#[derive(Clone, Debug, Default)]
pub(super) struct Ladder {
    /// Rungs from large to small: smallest style that stands on it, and its level.
    rungs: Vec<(Style, u8)>,
    /// Levels above the headings numbered `1`, `2`, …; `None` when the document does not number.
    above_numbers: Option<u8>,
    /// Levels above the outermost entries of the file's own outline.
    above_listed: u8,
}

impl Ladder {
    pub(super) fn new(styles: &BTreeMap<Style, Seen>) -> Self {
        let rungs = merged(styles);
        let numbered: u32 = rungs.iter().map(|(_, seen)| seen.depths.with_one()).sum();
        let first_numbered = rungs.iter().position(|(_, seen)| seen.depths.usual().is_some());
        let first_listed = rungs.iter().position(|(_, seen)| seen.levels.usual().is_some());
        let above_listed = u8::from(first_listed.is_some_and(|at| at > 0));
        // A title above the chapters is one level, however many sizes its lines have.
        let above = first_numbered.filter(|_| numbered >= NUMBERED).map(|at| u8::from(at > 0));
        let counted =
            |seen: &Seen| Some((above_listed + seen.levels.usual()?).saturating_sub(seen.depths.usual()?));
        let above = above.map(|above| rungs.iter().find_map(|(_, seen)| counted(seen)).unwrap_or(above));
        let mut level = 0;
        let rungs = rungs
            .into_iter()
            .map(|(style, seen)| {
                level = match (seen.levels.usual(), above, seen.depths.usual()) {
                    (Some(listed), ..) => above_listed + listed,
                    (None, Some(above), Some(depth)) => (above + depth).max(level),
                    _ => level + 1,
                }
                .clamp(1, 6);
                (style, level)
            })
            .collect();
        Self { rungs, above_numbers: above, above_listed }
    }

    /// The level of a heading that the file's own outline lists at `level`.
    pub(super) fn listed(&self, level: u8) -> u8 {
        (self.above_listed + level).clamp(1, 6)
    }

    /// The level of a heading set in `style` whose number has `depth` parts.
    pub(super) fn level(&self, style: Style, depth: Option<u8>) -> u8 {
        if let (Some(above), Some(depth)) = (self.above_numbers, depth) {
            return (above + depth).clamp(1, 6);
        }
        let rung = self.rungs.iter().find(|(smallest, _)| style >= *smallest).or(self.rungs.last());
        rung.map_or(2, |(_, level)| *level)
    }
}

/// Styles from large to small, those of nearly one size and weight together under the smallest.
fn merged(styles: &BTreeMap<Style, Seen>) -> Vec<(Style, Seen)> {
    let mut rungs: Vec<(Style, Seen)> = Vec::new();
    for (style, seen) in styles.iter().rev() {
        match rungs.last_mut() {
            Some((rung, sum)) if near(*rung, *style) => {
                *rung = *style;
                sum.add(seen);
            }
            _ => rungs.push((*style, *seen)),
        }
    }
    rungs
}

fn near(larger: Style, smaller: Style) -> bool {
    larger.bold == smaller.bold && f32::from(larger.half_points) < f32::from(smaller.half_points) * SAME_SIZE
}

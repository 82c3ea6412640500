//! Runs: stretches of glyphs that the file draws one after the other on one line,
//! and the joining of runs that the file draws out of order.

use std::collections::HashMap;

use super::{
    LineParams,
    glyph::{Glyph, Space},
};

/// Indices of glyphs on one line, in reading order; spaces included.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    pub(super) glyphs: Vec<usize>,
    /// First and last glyph that is visible.
    pub(super) ends: (usize, usize),
    /// Extent along the line.
    pub(super) along: (f32, f32),
}

impl Run {
    fn new(index: usize, glyph: &Glyph) -> Self {
        Self { glyphs: vec![index], ends: (index, index), along: glyph.along }
    }

    /// Of `glyphs`, given by their indices in `all`.
    pub(super) fn of(glyphs: Vec<usize>, all: &[Glyph]) -> Self {
        let visible = || glyphs.iter().copied().filter(|&at| !all[at].is_space());
        let ends = (visible().next().unwrap_or_default(), visible().next_back().unwrap_or_default());
        let along = visible().map(|at| all[at].along).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        Self { glyphs, ends, along: along.unwrap_or_default() }
    }

    fn push(&mut self, index: usize, glyph: &Glyph) {
        self.glyphs.push(index);
        self.ends.1 = index;
        self.along = (self.along.0.min(glyph.along.0), self.along.1.max(glyph.along.1));
    }
}

/// Cuts the glyphs into runs.
pub(super) fn runs(glyphs: &[Glyph], params: &LineParams) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    let mut pending: Vec<usize> = Vec::new();
    for (index, glyph) in glyphs.iter().enumerate() {
        if glyph.is_space() {
            pending.push(index);
            continue;
        }
        let gap = pending.iter().fold(Space::No, |kind, &space| match (kind, glyphs[space].space) {
            (Space::Real, _) | (_, Space::Real) => Space::Real,
            (_, other) => other,
        });
        match out.last_mut() {
            Some(run) if follows(run, glyph, glyphs, gap, pending.len(), params) => {
                run.glyphs.append(&mut pending);
                run.push(index, glyph);
            }
            _ => {
                pending.clear();
                out.push(Run::new(index, glyph));
            }
        }
    }
    out
}

/// Whether `next` goes on where `run` stopped.
fn follows(run: &Run, next: &Glyph, all: &[Glyph], gap: Space, spaces: usize, params: &LineParams) -> bool {
    let last = &all[run.ends.1];
    if last.angle != next.angle || !same_height(last, next, params) {
        return false;
    }
    let em = last.em.max(next.em);
    let (low, high) = (-params.step_back * em, limit(gap, spaces, em, params));
    let distance = if last.rtl || next.rtl {
        (next.along.0 - run.along.1).max(run.along.0 - next.along.1).max(low)
    } else {
        next.along.0 - last.along.1
    };
    (low..=high).contains(&distance)
}

/// The widest gap that a line bridges, in pixels.
fn limit(gap: Space, spaces: usize, em: f32, params: &LineParams) -> f32 {
    match gap {
        // Columns lined up with many spaces, as in code, are as wide as their spaces.
        Space::Real => em * params.justified_gap.max(spaces.min(100) as f32 * 0.7),
        _ => em * params.line_gap,
    }
}

/// Whether two neighbours stand on one line, superscripts and subscripts allowed.
pub(super) fn same_height(a: &Glyph, b: &Glyph, params: &LineParams) -> bool {
    let overlap = a.across.1.min(b.across.1) - a.across.0.max(b.across.0);
    let smaller = (a.across.1 - a.across.0).min(b.across.1 - b.across.0);
    let (small, large) = (a.em.min(b.em), a.em.max(b.em));
    let level = (a.middle() - b.middle()).abs() <= params.raised * large;
    // Sizes that differ much must overlap: a heading is no neighbour of the text under it.
    level && (large < small * 1.3 || overlap >= 0.2 * smaller)
}

/// Joins runs whose end meets another's beginning. Keeps the order of first appearance.
pub(super) fn merged(runs: Vec<Run>, glyphs: &[Glyph], params: &LineParams) -> Vec<Run> {
    let next = successors(&runs, glyphs, params);
    let mut follower = vec![false; runs.len()];
    next.iter().flatten().for_each(|&run| follower[run] = true);
    let mut placed = vec![false; runs.len()];
    let mut out: Vec<(usize, Run)> = Vec::with_capacity(runs.len());
    for start in (0..runs.len()).filter(|&run| !follower[run]) {
        let mut first = start;
        let mut line = runs[start].clone();
        placed[start] = true;
        let mut at = start;
        while let Some(after) = next[at].filter(|&after| !placed[after]) {
            placed[after] = true;
            first = first.min(after);
            line.glyphs.extend(&runs[after].glyphs);
            at = after;
        }
        out.push((first, line));
    }
    // Runs that follow each other in a circle have no start; they stay as they are.
    out.extend((0..runs.len()).filter(|&run| !placed[run]).map(|run| (run, runs[run].clone())));
    out.sort_by_key(|(first, _)| *first);
    out.into_iter().map(|(_, run)| run).collect()
}

/// For each run the one that begins where it ends, if any; no run follows two.
fn successors(runs: &[Run], glyphs: &[Glyph], params: &LineParams) -> Vec<Option<usize>> {
    let mut starts: HashMap<(u16, i32, i32), Vec<usize>> = HashMap::new();
    let ltr = |run: &Run| !glyphs[run.ends.0].rtl && !glyphs[run.ends.1].rtl;
    for (index, run) in runs.iter().enumerate().filter(|(_, run)| ltr(run)) {
        let glyph = &glyphs[run.ends.0];
        starts.entry(cell(glyph, glyph.along.0, glyph.middle())).or_default().push(index);
    }
    let mut taken = vec![false; runs.len()];
    let mut next = vec![None; runs.len()];
    for (index, run) in runs.iter().enumerate().filter(|(_, run)| ltr(run)) {
        let found = nearest(index, run, runs, glyphs, &starts, params);
        if let Some(found) = found.filter(|&found| !taken[found]) {
            taken[found] = true;
            next[index] = Some(found);
        }
    }
    next
}

/// Side of a cell of the grid of beginnings, in pixels.
const CELL: f32 = 24.0;
/// Beginnings looked at in one cell: piles of text on one spot are not lines.
const PILE: usize = 16;

fn cell(glyph: &Glyph, along: f32, middle: f32) -> (u16, i32, i32) {
    (glyph.angle, (along / CELL).floor() as i32, (middle / CELL).floor() as i32)
}

fn nearest(
    index: usize,
    run: &Run,
    runs: &[Run],
    glyphs: &[Glyph],
    starts: &HashMap<(u16, i32, i32), Vec<usize>>,
    params: &LineParams,
) -> Option<usize> {
    let last = &glyphs[run.ends.1];
    let gap = |other: usize| glyphs[runs[other].ends.0].along.0 - run.along.1;
    // Beginnings of larger letters may lie a little farther off; two em is as far as anyone looks.
    let (across, along) = (last.em * params.raised.min(2.0), last.em * params.join_gap.min(2.0));
    let (angle, from_x, from_y) = cell(last, last.along.1 - last.em * 0.2, last.middle() - across);
    let (_, to_x, to_y) = cell(last, last.along.1 + along, last.middle() + across);
    let (to_x, to_y) = (to_x.min(from_x + 16), to_y.min(from_y + 16));
    (from_x..=to_x)
        .flat_map(|x| (from_y..=to_y).map(move |y| (angle, x, y)))
        .filter_map(|key| starts.get(&key))
        .flat_map(|pile| pile.iter().take(PILE).copied())
        .filter(|&other| other != index)
        .filter(|&other| {
            let first = &glyphs[runs[other].ends.0];
            let em = last.em.max(first.em);
            same_height(last, first, params) && (-0.2 * em..=params.join_gap * em).contains(&gap(other))
        })
        .min_by(|&a, &b| gap(a).total_cmp(&gap(b)))
}

//! Strokes become rulings: connected groups, and the grid lines of one group.

use quire_proto::{Rect, record::Line};

use super::{
    TableParams,
    rows::{self, is_sane},
};
use crate::disjoint::Disjoint;

/// One line of a grid: where it is, and which stretches of it are drawn.
#[derive(Clone, Debug)]
pub(super) struct GridLine {
    /// Across the line: x of a vertical, y of a horizontal one.
    pub(super) at: f32,
    /// Drawn stretches, sorted, not overlapping.
    pub(super) drawn: Vec<(f32, f32)>,
}

impl GridLine {
    /// Share of `from..to` that is drawn.
    pub(super) fn covers(&self, from: f32, to: f32) -> f32 {
        let length = (to - from).max(1e-3);
        let drawn: f32 = self.drawn.iter().map(|&(a, b)| (b.min(to) - a.max(from)).max(0.0)).sum();
        drawn / length
    }
}

pub(super) fn is_horizontal(rule: &Rect) -> bool {
    rule.width() >= rule.height()
}

/// The usable strokes: finite, thin, the `most` longest of them.
pub(super) fn usable(rulings: &[Rect], thickest: f32, most: usize) -> Vec<Rect> {
    let length = |rule: &Rect| rule.width().max(rule.height());
    let mut rules: Vec<Rect> = rulings
        .iter()
        .filter(|rule| is_sane(rule) && rule.width().min(rule.height()) <= thickest && length(rule) > 0.0)
        .copied()
        .collect();
    if rules.len() > most {
        rules.sort_by(|a, b| length(b).total_cmp(&length(a)));
        rules.truncate(most);
    }
    rules
}

/// What is drawn on a page with text.
pub(super) struct Drawn {
    /// The usual height of a line of its text.
    pub(super) height: f32,
    /// Strokes closer than this are one.
    pub(super) same: f32,
    /// Usable strokes that touch each other.
    pub(super) groups: Vec<Vec<Rect>>,
}

impl Drawn {
    pub(super) fn of(lines: &[Line], rulings: &[Rect], params: &TableParams) -> Self {
        let everything = Rect::new(-1e5, -1e5, 1e5, 1e5);
        let height = rows::line_height(&rows::items(lines, &everything));
        let same = height * params.same_rule;
        let usable = usable(rulings, height * 0.6, params.most_rulings);
        Self { height, same, groups: groups(usable, same) }
    }
}

/// Groups of strokes that touch each other, gaps up to `reach` allowed.
pub(super) fn groups(mut rules: Vec<Rect>, reach: f32) -> Vec<Vec<Rect>> {
    rules.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    let mut touching = Disjoint::new(rules.len());
    for i in 0..rules.len() {
        let near = rules[i].grown(reach);
        let reached = rules.iter().enumerate().skip(i + 1).take_while(|(_, rule)| rule.x0 <= near.x1);
        for (j, rule) in reached {
            if rule.y0 <= near.y1 && rule.y1 >= near.y0 {
                touching.join(i, j);
            }
        }
    }
    touching.sets(rules)
}

/// The horizontal and the vertical grid lines of a group, each in order.
pub(super) fn grid_lines(rules: &[Rect], same: f32) -> (Vec<GridLine>, Vec<GridLine>) {
    let horizontal = rules.iter().filter(|rule| is_horizontal(rule) && rule.width() > same);
    let vertical = rules.iter().filter(|rule| !is_horizontal(rule) && rule.height() > same);
    (
        clustered(horizontal.map(|r| (r.center().y, r.x0, r.x1)).collect(), same),
        clustered(vertical.map(|r| (r.center().x, r.y0, r.y1)).collect(), same),
    )
}

fn clustered(mut strokes: Vec<(f32, f32, f32)>, same: f32) -> Vec<GridLine> {
    strokes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut clusters: Vec<Vec<(f32, f32, f32)>> = Vec::new();
    for stroke in strokes {
        match clusters.last_mut() {
            Some(cluster) if stroke.0 - cluster[0].0 <= same => cluster.push(stroke),
            _ => clusters.push(vec![stroke]),
        }
    }
    clusters.into_iter().map(|cluster| grid_line(&cluster, same)).collect()
}

fn grid_line(strokes: &[(f32, f32, f32)], same: f32) -> GridLine {
    let length: f32 = strokes.iter().map(|s| s.2 - s.1).sum();
    let at = strokes.iter().map(|s| s.0 * (s.2 - s.1)).sum::<f32>() / length.max(1e-3);
    let mut stretches: Vec<(f32, f32)> = strokes.iter().map(|s| (s.1, s.2)).collect();
    stretches.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut drawn: Vec<(f32, f32)> = Vec::new();
    for (from, to) in stretches {
        match drawn.last_mut() {
            Some(last) if from <= last.1 + same => last.1 = last.1.max(to),
            _ => drawn.push((from, to)),
        }
    }
    GridLine { at, drawn }
}

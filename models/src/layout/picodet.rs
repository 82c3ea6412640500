//! PicoDet: four grids of cells, each with scores and a distribution of the distance to each edge.

use quire_proto::{Rect, Region, RegionKind};

use super::LayoutParams;
use crate::session::Tensor;

/// Pixels between two cells of each of the network's four grids.
pub(super) const STRIDES: [u32; 4] = [8, 16, 32, 64];

/// One grid of cells.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Level {
    pub(super) stride: u32,
    /// Cells in a row.
    pub(super) columns: usize,
    /// Distances told apart, in strides from 0 up.
    pub(super) bins: usize,
    /// For each cell, the score of each class.
    pub(super) scores: Vec<f32>,
    /// For each cell, how likely each distance is, to the left, top, right and bottom edge.
    pub(super) distances: Vec<f32>,
}

/// Cuts the outputs page by page; `None` when they have another shape.
pub(super) fn split(outputs: &[Tensor], count: usize, params: &LayoutParams) -> Option<Vec<Vec<Level>>> {
    if outputs.len() != 2 * STRIDES.len() {
        return None;
    }
    let (scores, distances) = outputs.split_at(STRIDES.len());
    let classes = params.labels.len();
    let mut pages: Vec<Vec<Level>> = vec![Vec::new(); count];
    for ((stride, scores), distances) in STRIDES.into_iter().zip(scores).zip(distances) {
        let (rows, columns) = params.grid(stride);
        let cells = rows * columns;
        let (scores, distances) = (scores.as_f32()?, distances.as_f32()?);
        let per_cell = distances.len() / (count * cells).max(1);
        let fits = scores.len() == count * cells * classes
            && distances.len() == count * cells * per_cell
            && per_cell >= 8
            && per_cell.is_multiple_of(4);
        if !fits {
            return None;
        }
        let chunks = scores.chunks_exact(cells * classes).zip(distances.chunks_exact(cells * per_cell));
        for (page, (scores, distances)) in pages.iter_mut().zip(chunks) {
            page.push(Level {
                stride,
                columns,
                bins: per_cell / 4,
                scores: scores.to_vec(),
                distances: distances.to_vec(),
            });
        }
    }
    Some(pages)
}

/// All cells of `level` that see a region of `class`, in pixels of the network's picture.
pub(super) fn candidates(
    level: &Level,
    params: &LayoutParams,
    class: usize,
    kind: RegionKind,
) -> impl Iterator<Item = Region> {
    let classes = params.labels.len();
    let min_score = params.min_score;
    let scores = level.scores.iter().skip(class).step_by(classes.max(1)).copied();
    scores.enumerate().filter(move |(_, score)| *score > min_score).map(move |(cell, score)| Region {
        kind,
        rect: cell_box(level, cell),
        score,
    })
}

/// The middle of the cell, and from there the expected distance to each edge.
fn cell_box(level: &Level, cell: usize) -> Rect {
    let stride = level.stride as f32;
    let (row, column) = (cell / level.columns, cell % level.columns);
    let (x, y) = ((column as f32 + 0.5) * stride, (row as f32 + 0.5) * stride);
    let bins = level.bins;
    let mut edges = level.distances[cell * 4 * bins..].chunks_exact(bins).map(expectation);
    let mut next = || edges.next().unwrap_or(0.0) * stride;
    let (left, top, right, bottom) = (next(), next(), next(), next());
    Rect { x0: x - left, y0: y - top, x1: x + right, y1: y + bottom }
}

/// The mean bin under the softmax of `logits`.
fn expectation(logits: &[f32]) -> f32 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let (mut sum, mut weighted) = (0.0, 0.0);
    for (bin, logit) in logits.iter().enumerate() {
        let weight = (logit - highest).exp();
        sum += weight;
        weighted += weight * bin as f32;
    }
    weighted / sum
}

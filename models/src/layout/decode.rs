//! From scores and distances to regions in page pixels.

use quire_proto::{Rect, Region, RegionKind};

use super::{LayoutParams, Level, RawLayout, suppress::suppress};

/// The regions of a page of `page_width` × `page_height` pixels, best first.
pub fn decode(raw: &RawLayout, params: &LayoutParams, page_width: u32, page_height: u32) -> Vec<Region> {
    let scale = (page_width as f32 / params.width as f32, page_height as f32 / params.height as f32);
    let mut regions = Vec::new();
    for (class, &kind) in params.labels.iter().enumerate() {
        let found = raw.levels.iter().flat_map(|level| candidates(level, params, class, kind));
        regions.extend(suppress(found.collect(), params.max_overlap, params.max_per_kind));
    }
    let mut regions = suppress(regions, params.max_overlap_across_kinds, usize::MAX);
    for region in &mut regions {
        let inside = region.rect.clamped(params.width as f32, params.height as f32);
        region.rect = Rect {
            x0: inside.x0 * scale.0,
            y0: inside.y0 * scale.1,
            x1: inside.x1 * scale.0,
            y1: inside.y1 * scale.1,
        };
    }
    regions
}

/// All cells of `level` that see a region of `class`, in pixels of the network's picture.
fn candidates(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Manifest, Role};

    /// One cell of the 64 pixel grid sees a table 2 cells to every side; all others see nothing.
    fn one_table(params: &LayoutParams, cell: usize, score: f32) -> RawLayout {
        let (rows, columns) = params.grid(64);
        let classes = params.labels.len();
        let mut scores = vec![0.0; rows * columns * classes];
        let table = params.labels.iter().position(|kind| *kind == RegionKind::Table).unwrap();
        scores[cell * classes + table] = score;
        let mut distances = vec![-50.0; rows * columns * 32];
        for edge in distances.chunks_exact_mut(8) {
            edge[2] = 50.0;
        }
        RawLayout { levels: vec![Level { stride: 64, columns, bins: 8, scores, distances }] }
    }

    fn params() -> LayoutParams {
        LayoutParams::new(Manifest::built_in().unwrap().model(Role::Layout).unwrap())
    }

    #[test]
    fn a_cell_and_its_distances_make_a_region_in_page_pixels() {
        let params = params();
        let raw = one_table(&params, 3 * 10 + 4, 0.9);

        let regions = decode(&raw, &params, 2 * 608, 3 * 800);

        assert_eq!(
            regions,
            [Region {
                kind: RegionKind::Table,
                rect: Rect::new(2.0 * 160.0, 3.0 * 96.0, 2.0 * 416.0, 3.0 * 352.0),
                score: 0.9
            }]
        );
    }

    #[test]
    fn a_region_never_leaves_the_page() {
        let params = params();

        let regions = decode(&one_table(&params, 0, 0.9), &params, 608, 800);

        assert_eq!(regions[0].rect, Rect::new(0.0, 0.0, 160.0, 160.0));
    }

    #[test]
    fn what_is_below_the_threshold_is_dropped() {
        let params = params();

        assert!(decode(&one_table(&params, 34, params.min_score), &params, 608, 800).is_empty());
    }
}

//! From what the network saw to regions in page pixels.

use quire_proto::{Rect, Region, RegionKind};

use super::{LayoutParams, RawLayout, Saw, picodet, suppress::suppress};

/// The regions of a page of `page_width` × `page_height` pixels, best first.
pub fn decode(raw: &RawLayout, params: &LayoutParams, page_width: u32, page_height: u32) -> Vec<Region> {
    let scale = (page_width as f32 / params.width as f32, page_height as f32 / params.height as f32);
    let mut regions = Vec::new();
    for kind in kinds(&params.labels) {
        regions.extend(suppress(of_kind(raw, params, kind), params.max_overlap, params.max_per_kind));
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

/// What `labels` name, each once: a model may tell titles of documents from those of sections.
fn kinds(labels: &[RegionKind]) -> impl Iterator<Item = RegionKind> {
    labels.iter().enumerate().filter(|(at, kind)| !labels[..*at].contains(kind)).map(|(_, kind)| *kind)
}

fn of_kind(raw: &RawLayout, params: &LayoutParams, kind: RegionKind) -> Vec<Region> {
    match &raw.0 {
        Saw::Grids(levels) => {
            let classes = params.labels.iter().enumerate().filter(|(_, label)| **label == kind);
            let found = classes.flat_map(|(class, _)| {
                levels.iter().flat_map(move |level| picodet::candidates(level, params, class, kind))
            });
            found.collect()
        }
        Saw::Boxes(regions) => regions.iter().filter(|region| region.kind == kind).copied().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        layout::picodet::Level,
        manifest::{Manifest, Role},
    };

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
        RawLayout(Saw::Grids(vec![Level { stride: 64, columns, bins: 8, scores, distances }]))
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

    #[test]
    fn of_boxes_that_several_classes_claim_the_likeliest_stays() {
        let params = LayoutParams { width: 100, height: 200, ..params() };
        let at = |kind, x: f32, score| Region { kind, rect: Rect::new(x, 10.0, x + 40.0, 50.0), score };
        let seen = [
            at(RegionKind::Text, 10.0, 0.5),
            at(RegionKind::Table, 10.0, 0.9),
            at(RegionKind::Table, 11.0, 0.6),
            at(RegionKind::Text, 80.0, 0.7),
        ];

        let regions = decode(&RawLayout(Saw::Boxes(seen.to_vec())), &params, 1000, 1000);

        let found: Vec<_> = regions.iter().map(|region| (region.kind, region.rect)).collect();
        let table = Rect::new(100.0, 50.0, 500.0, 250.0);
        assert_eq!(
            found,
            [(RegionKind::Table, table), (RegionKind::Text, Rect::new(800.0, 50.0, 1000.0, 250.0))]
        );
    }
}

//! Of overlapping regions the best one stays.

use quire_proto::Region;

/// Drops each region that overlaps a better one by more than `max_overlap`; at most `most`, best first.
pub(super) fn suppress(mut regions: Vec<Region>, max_overlap: f32, most: usize) -> Vec<Region> {
    regions.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Region> = Vec::new();
    for region in regions {
        if kept.len() == most {
            break;
        }
        if kept.iter().all(|better| better.rect.iou(&region.rect) <= max_overlap) {
            kept.push(region);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use quire_proto::{Rect, RegionKind};

    use super::*;

    #[test]
    fn of_two_overlapping_regions_the_better_one_stays() {
        let at =
            |x: f32, score| Region { kind: RegionKind::Text, rect: Rect::new(x, 0.0, x + 10.0, 10.0), score };

        let kept = suppress(vec![at(0.0, 0.5), at(1.0, 0.9), at(50.0, 0.6)], 0.5, 100);

        assert_eq!(kept, [at(1.0, 0.9), at(50.0, 0.6)]);
    }
}

//! Of overlapping regions the best one stays.

use quire_proto::Region;

use super::LayoutParams;

/// Drops each region that overlaps a better one; best first.
pub(super) fn suppress(mut regions: Vec<Region>, params: &LayoutParams) -> Vec<Region> {
    regions.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Region> = Vec::new();
    for region in regions {
        if kept.len() == params.max_per_kind {
            break;
        }
        if kept.iter().all(|better| better.rect.iou(&region.rect) <= params.max_overlap) {
            kept.push(region);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use quire_proto::{Rect, RegionKind};

    use super::*;
    use crate::manifest::{Manifest, Role};

    #[test]
    fn of_two_overlapping_regions_the_better_one_stays() {
        let params = LayoutParams::new(Manifest::built_in().unwrap().model(Role::Layout).unwrap());
        let at =
            |x: f32, score| Region { kind: RegionKind::Text, rect: Rect::new(x, 0.0, x + 10.0, 10.0), score };

        let kept = suppress(vec![at(0.0, 0.5), at(1.0, 0.9), at(50.0, 0.6)], &params);

        assert_eq!(kept, [at(1.0, 0.9), at(50.0, 0.6)]);
    }
}

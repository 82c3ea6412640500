//! The layout of a page equals that of the reference implementation.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

#[path = "layout/choice.rs"]
mod choice;
mod common;
#[path = "common/onnx.rs"]
mod onnx;

use quire_models::{
    layout::{LayoutModel, LayoutParams, decode, preprocess},
    manifest::Role,
};
use quire_proto::{Rect, Region, RegionKind};
use quire_raster::Raster;

/// A region as `golden/make_layout.py` writes it.
#[derive(serde::Deserialize)]
struct Golden {
    kind: RegionKind,
    score: f32,
    rect: Rect,
}

fn golden_page() -> Raster {
    let image = image::load_from_memory(include_bytes!("golden/layout.png")).unwrap().to_rgb8();
    Raster::new(image.width(), image.height(), image.into_raw()).unwrap()
}

fn regions(
    model: &mut LayoutModel<impl quire_models::session::Session>,
    pages: &[&Raster],
) -> Vec<Vec<Region>> {
    let pictures: Vec<_> = pages.iter().map(|page| preprocess(page, model.params()).unwrap()).collect();
    let raw = model.run(&pictures).unwrap();
    raw.iter()
        .zip(pages)
        .map(|(raw, page)| decode(raw, model.params(), page.width(), page.height()))
        .collect()
}

#[test]
fn the_regions_are_those_of_the_reference() {
    let Some((store, manifest)) = common::assets() else { return };
    let expected: Vec<Golden> = serde_json::from_str(include_str!("golden/layout.json")).unwrap();
    let mut params = LayoutParams::new(manifest.model(Role::Layout).unwrap());
    // The reference lets one box stand for several kinds.
    params.max_overlap_across_kinds = 1.0;
    let mut model = LayoutModel::new(common::session(&store, &manifest, Role::Layout), params);

    let found = regions(&mut model, &[&golden_page()]).remove(0);

    assert_eq!(found.len(), expected.len(), "{found:?}");
    for golden in expected {
        let same = |region: &&Region| region.kind == golden.kind && region.rect.iou(&golden.rect) > 0.98;
        let region = found.iter().find(same).unwrap_or_else(|| panic!("{:?}: {found:?}", golden.kind));
        assert!((region.score - golden.score).abs() < 0.01, "{region:?}");
    }
}

#[test]
fn one_place_is_one_kind_of_region() {
    let Some((store, manifest)) = common::assets() else { return };
    let params = LayoutParams::new(manifest.model(Role::Layout).unwrap());
    let mut model = LayoutModel::new(common::session(&store, &manifest, Role::Layout), params);

    let found = regions(&mut model, &[&golden_page()]).remove(0);

    for (index, region) in found.iter().enumerate() {
        assert!(found[..index].iter().all(|better| better.rect.iou(&region.rect) <= 0.8), "{region:?}");
    }
    assert_eq!(found.iter().filter(|region| region.kind == RegionKind::Table).count(), 1);
}

#[test]
fn a_page_has_the_same_regions_alone_and_in_a_batch() {
    let Some((store, manifest)) = common::assets() else { return };
    let params = LayoutParams::new(manifest.model(Role::Layout).unwrap());
    let mut model = LayoutModel::new(common::session(&store, &manifest, Role::Layout), params);
    let (page, blank) = (golden_page(), Raster::white(300, 900));

    let alone = regions(&mut model, &[&page]).remove(0);
    let batch = regions(&mut model, &[&blank, &page]);

    assert!(batch[0].is_empty(), "{:?}", batch[0]);
    assert_eq!(alone.len(), batch[1].len());
    for (one, other) in alone.iter().zip(&batch[1]) {
        assert_eq!(one.kind, other.kind);
        assert!(one.rect.iou(&other.rect) > 0.999);
    }
}

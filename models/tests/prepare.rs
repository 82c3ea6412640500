//! Prepared graphs answer what the published ones answer.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod common;

use quire_models::{
    manifest::Role,
    session::{Session, Tensor},
};

/// A picture without meaning, another for each `seed`.
fn picture(shape: [usize; 4], seed: usize) -> Tensor {
    let count = shape.iter().product();
    let data = (0..count).map(|i| ((i * 7919 + seed * 104_729) % 511) as f32 / 255.0 - 1.0).collect();
    Tensor::f32(shape, data).unwrap()
}

fn together(tensors: &[Tensor]) -> Tensor {
    let mut shape = tensors[0].shape.clone();
    shape[0] = tensors.len();
    Tensor::f32(shape, tensors.iter().flat_map(|t| t.as_f32().unwrap()).copied().collect()).unwrap()
}

#[test]
fn a_batched_layout_equals_its_pages_one_by_one() {
    let Some((store, manifest)) = common::assets() else { return };
    let pages: Vec<_> = (0..3).map(|seed| picture([1, 3, 800, 608], seed)).collect();
    let mut published = common::session(&store, &manifest, Role::Layout, false);
    let mut batched = common::session(&store, &manifest, Role::Layout, true);

    let batch = batched.run(together(&pages)).unwrap();

    for (index, page) in pages.into_iter().enumerate() {
        let single = published.run(page).unwrap();
        assert_eq!(single.len(), batch.len());
        for (one, all) in single.iter().zip(&batch) {
            assert_eq!(all.shape[1..], one.shape[1..]);
            let one = one.as_f32().unwrap();
            let same = &all.as_f32().unwrap()[index * one.len()..][..one.len()];
            assert!(one.iter().zip(same).all(|(a, b)| (a - b).abs() < 1e-4), "page {index}");
        }
    }
}

#[test]
fn the_best_class_is_the_argmax_of_all_classes() {
    let Some((store, manifest)) = common::assets() else { return };
    let lines = together(&[picture([1, 3, 48, 320], 1), picture([1, 3, 48, 320], 2)]);
    let mut published = common::session(&store, &manifest, Role::Recognize, false);
    let mut prepared = common::session(&store, &manifest, Role::Recognize, true);

    let best = prepared.run(lines.clone()).unwrap();

    let all = published.run(lines).unwrap().remove(0);
    let [batch, columns, classes] = all.shape[..] else { panic!("{:?}", all.shape) };
    assert_eq!(best[0].shape, [batch, columns]);
    assert_eq!(best[1].shape, [batch, columns]);
    let columns = all.as_f32().unwrap().chunks_exact(classes);
    for ((column, &class), &probability) in
        columns.zip(best[0].as_i64().unwrap()).zip(best[1].as_f32().unwrap())
    {
        let highest = column.iter().copied().fold(0.0, f32::max);
        assert_eq!(column[class as usize], highest);
        assert!((probability - highest).abs() < 1e-6);
    }
}

#[test]
fn a_prepared_graph_keeps_the_metadata() {
    let Some((store, manifest)) = common::assets() else { return };
    let published = common::session(&store, &manifest, Role::Recognize, false);
    let prepared = common::session(&store, &manifest, Role::Recognize, true);

    let alphabet = prepared.metadata("character");

    assert!(alphabet.is_some());
    assert_eq!(alphabet, published.metadata("character"));
    assert_eq!(prepared.output_names(), ["best_class", "best_probability"]);
}

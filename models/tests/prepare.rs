//! Prepared graphs answer what the published ones answer.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod common;

use ort::value::TensorRef;
use quire_models::{
    assets::AssetStore,
    manifest::{Manifest, Normalise, Role},
    pictures::Pictures,
    prepare,
    provider::{Precision, Provider},
    session::Session,
};
use quire_raster::Raster;

/// A picture without meaning, another for each `seed`.
fn picture((width, height): (u32, u32), seed: usize) -> Raster {
    let count = width as usize * height as usize * 3;
    let bytes: Vec<u8> = (0..count).map(|i| ((i * 7919 + seed * 104_729) % 251) as u8).collect();
    Raster::new(width, height, bytes).unwrap()
}

/// The published graph of `role`.
fn open(store: &AssetStore, manifest: &Manifest, role: Role) -> ort::session::Session {
    let path = store.resolve_model(manifest.model(role).unwrap()).unwrap();
    let runtime = common::runtime(store, manifest);
    ort::session::Session::builder(runtime.environment()).unwrap().commit_from_file(path).unwrap()
}

/// What the published graph of `role` answers: shape and numbers of each output, one picture after the other.
fn published(
    store: &AssetStore,
    manifest: &Manifest,
    role: Role,
    picture: &Raster,
) -> Vec<(Vec<i64>, Vec<f32>)> {
    let model = manifest.model(role).unwrap();
    let planes = planes(picture, &model.normalise);
    let mut session = open(store, manifest, role);
    let shape = [1, 3, picture.height() as usize, picture.width() as usize];
    let input = TensorRef::from_array_view((shape, planes.as_slice())).unwrap();
    let outputs = session.run(ort::inputs![input]).unwrap();
    let numbers = |value: ort::value::ValueRef<'_>| {
        let (shape, data) = value.try_extract_tensor::<f32>().unwrap();
        (shape.to_vec(), data.to_vec())
    };
    outputs.values().map(numbers).collect()
}

/// The formula of [`Normalise`], plane after plane.
fn planes(picture: &Raster, normalise: &Normalise) -> Vec<f32> {
    let mut planes = Vec::new();
    for (channel, at) in normalise.channels.from_rgb().into_iter().enumerate() {
        let number =
            |&byte: &u8| (f32::from(byte) / 255.0 - normalise.mean[channel]) / normalise.std[channel];
        planes.extend(picture.bytes().iter().skip(at).step_by(3).map(number));
    }
    planes
}

#[test]
fn a_batched_layout_of_bytes_equals_its_normalised_pages_one_by_one() {
    let Some((store, manifest)) = common::assets() else { return };
    let size = (608, 800);
    let pages: Vec<_> = (0..3).map(|seed| picture(size, seed)).collect();
    let mut prepared = common::session(&store, &manifest, Role::Layout);

    let batch = prepared.run(&Pictures::new(size, [255; 3], &pages)).unwrap();

    for (index, page) in pages.iter().enumerate() {
        let single = published(&store, &manifest, Role::Layout, page);
        assert_eq!(single.len(), batch.len());
        for ((shape, one), all) in single.iter().zip(&batch) {
            let of_page: Vec<_> = all.shape[1..].iter().map(|&length| length as i64).collect();
            assert_eq!(of_page, shape[1..]);
            let same = &all.as_f32().unwrap()[index * one.len()..][..one.len()];
            assert!(one.iter().zip(same).all(|(a, b)| (a - b).abs() < 1e-3), "page {index}");
        }
    }
}

#[test]
fn the_best_class_is_the_argmax_of_all_classes() {
    let Some((store, manifest)) = common::assets() else { return };
    let size = (320, 48);
    let lines = [picture(size, 1), picture(size, 2)];
    let mut prepared = common::session(&store, &manifest, Role::Recognize);

    let best = prepared.run(&Pictures::new(size, [128; 3], &lines)).unwrap();

    let (classes, probabilities) = (best[0].as_i64().unwrap(), best[1].as_f32().unwrap());
    for (index, line) in lines.iter().enumerate() {
        let (shape, all) = published(&store, &manifest, Role::Recognize, line).remove(0);
        let [1, columns, count] = shape[..] else { panic!("{shape:?}") };
        assert_eq!(best[0].shape, [2, columns as usize]);
        assert_eq!(best[1].shape, best[0].shape);
        let answers = classes.iter().zip(probabilities).skip(index * columns as usize);
        for (column, (&class, &probability)) in all.chunks_exact(count as usize).zip(answers) {
            let highest = column.iter().copied().fold(0.0, f32::max);
            assert!((column[class as usize] - highest).abs() < 1e-4);
            assert!((probability - among_rivals(column, class as usize)).abs() < 1e-4);
        }
    }
}

/// The share of the best class in all classes of its group and the highest of each other group.
fn among_rivals(column: &[f32], best: usize) -> f32 {
    let length = column.len().isqrt().next_multiple_of(16);
    let taken = |(at, group): (usize, &[f32])| {
        let own = at == best / length;
        if own { group.iter().sum::<f32>() } else { group.iter().copied().fold(0.0, f32::max) }
    };
    column[best] / column.chunks(length).enumerate().map(taken).sum::<f32>()
}

#[test]
fn a_graph_in_bytes_reads_noise_almost_the_same() {
    let Some((store, manifest)) = common::assets() else { return };
    let size = (320, 48);
    let line = picture(size, 3);
    let mut full = common::session(&store, &manifest, Role::Recognize);
    let bytes = Provider::OpenVino(Precision::Int8);
    let mut bytes = common::session_for(bytes, &store, &manifest, Role::Recognize);
    let pictures = Pictures::new(size, [128; 3], [&line]);

    let (full, bytes) = (full.run(&pictures).unwrap(), bytes.run(&pictures).unwrap());

    assert_eq!(full[0].shape, bytes[0].shape);
    let probabilities = full[1].as_f32().unwrap().iter().zip(bytes[1].as_f32().unwrap());
    assert!(probabilities.clone().all(|(a, b)| (a - b).abs() < 0.2), "{full:?} {bytes:?}");
    assert!(probabilities.clone().any(|(a, b)| a != b), "not in bytes at all");
}

#[test]
fn a_range_of_what_is_not_in_the_graph_is_named() {
    let Some((store, mut manifest)) = common::assets() else { return };
    let model = manifest.models.iter_mut().find(|model| model.role == Role::Recognize).unwrap();
    model.ranges[0].tensor = "another_file".to_owned();

    let refused = prepare::prepared(&store, model, Provider::OpenVino(Precision::Int8)).unwrap_err();

    let reasons = format!("{refused} {:?}", std::error::Error::source(&refused));
    assert!(reasons.contains("int8") && reasons.contains("another_file"), "{reasons}");
}

#[test]
fn levels_are_the_map_in_bytes() {
    let Some((store, manifest)) = common::assets() else { return };
    let page = picture((128, 96), 5);
    let mut prepared = common::session(&store, &manifest, Role::Detect);

    let levels = prepared.run(&Pictures::new((128, 96), [255; 3], [&page])).unwrap().remove(0);

    let (_, map) = published(&store, &manifest, Role::Detect, &page).remove(0);
    assert_eq!(levels.as_u8().unwrap().len(), map.len());
    for (&level, value) in levels.as_u8().unwrap().iter().zip(map) {
        assert!((f32::from(level) - value * 255.0).abs() < 1.1, "{level} {value}");
    }
}

#[test]
fn a_graph_for_a_gpu_reads_the_same_in_16_bit_floats() {
    let Some((store, manifest)) = common::assets() else { return };
    let size = (320, 48);
    let line = picture(size, 3);
    let mut full = common::session(&store, &manifest, Role::Recognize);
    let mut half = common::session_for(Provider::Cuda(0), &store, &manifest, Role::Recognize);
    let pictures = Pictures::new(size, [128; 3], [&line]);

    let (full, half) = (full.run(&pictures).unwrap(), half.run(&pictures).unwrap());

    assert_eq!(full[0], half[0]);
    let probabilities = full[1].as_f32().unwrap().iter().zip(half[1].as_f32().unwrap());
    assert!(probabilities.clone().all(|(a, b)| (a - b).abs() < 0.05));
    assert!(probabilities.clone().any(|(a, b)| a != b), "not rounded at all");
}

#[test]
fn a_prepared_graph_keeps_the_metadata() {
    let Some((store, manifest)) = common::assets() else { return };

    let published = open(&store, &manifest, Role::Recognize);

    let prepared = common::session(&store, &manifest, Role::Recognize);

    let alphabet = prepared.metadata("character");
    assert!(alphabet.is_some());
    assert_eq!(alphabet, published.metadata().unwrap().custom("character"));
    assert_eq!(prepared.input_names(), ["pixels"]);
    assert_eq!(prepared.output_names(), ["best_class", "best_probability"]);
}

//! A layout model of another family takes the place of the built-in one by the manifest alone.
//!
//! The networks are of a few nodes. They answer in the forms of real exports, and what they answer depends on each of
//! their inputs.

use std::{fs, num::NonZeroUsize};

use quire_models::{
    Copies, LoadError, Loaded, ModelLoader, ModelOptions,
    assets::AssetStore,
    layout::{LayoutModel, LayoutParams, decode, preprocess},
    manifest::{Manifest, ManifestError, Role},
    provider::Provider,
    session::OnnxSession,
};
use quire_proto::{Rect, Region, RegionKind};
use quire_raster::Raster;
use sha2::{Digest, Sha256};

use crate::{
    common,
    onnx::{Attribute, FLOAT, Graph, INT32, INT64},
};

const ONE: &str = r#"labels = ["text", "stamp"]"#;

/// Where all of them see a stamp on a page of 1000 × 500 pixels.
const STAMP: Rect = Rect { x0: 100.0, y0: 25.0, x1: 300.0, y1: 75.0 };

/// As PaddleDetection exports: the box in pixels of a page, its score nine tenths of the picture's brightness.
fn rows() -> Vec<u8> {
    let by_size = [[0.0, 0.0, 0.0, 0.05, 0.0, 0.15], [0.0, 0.0, 0.1, 0.0, 0.3, 0.0]].concat();
    let by_scale = [[0.0, 0.0, 0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0, 1.0, 0.0]].concat();
    Graph::default()
        .input("im_shape", FLOAT, &[1, 2])
        .input("image", FLOAT, &[1, 3, 64, 96])
        .input("scale_factor", FLOAT, &[1, 2])
        .floats("by_size", &[2, 6], &by_size)
        .floats("by_scale", &[2, 6], &by_scale)
        .floats("no_scale", &[1, 6], &[1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
        .floats("class", &[1, 6], &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
        .floats("share", &[1, 6], &[0.0, 0.9, 0.0, 0.0, 0.0, 0.0])
        .floats("none", &[1, 6], &[-1.0; 6])
        .int32s("one", &[1], &[1])
        .node("MatMul", &["im_shape", "by_size"], "sized", &[])
        .node("MatMul", &["scale_factor", "by_scale"], "scales", &[])
        .node("Add", &["scales", "no_scale"], "divisor", &[])
        .node("Div", &["sized", "divisor"], "box", &[])
        .node("ReduceMean", &["image"], "bright", &[Attribute::One("keepdims", 0)])
        .node("Mul", &["bright", "share"], "score", &[])
        .node("Add", &["box", "score"], "scored", &[])
        .node("Add", &["scored", "class"], "row", &[])
        .node("Concat", &["row", "row", "none"], "fetch_name_0", &[Attribute::One("axis", 0)])
        .node("Identity", &["one"], "fetch_name_1", &[])
        .output("fetch_name_0", FLOAT, &[3, 6])
        .output("fetch_name_1", INT32, &[1])
        .file()
}

/// As transformers' RT-DETR answers: logits and shares of the picture, two places on every page.
fn scored() -> Vec<u8> {
    let boxes = [[0.2, 0.1, 0.2, 0.1], [0.5; 4]].concat();
    // White is 1 in each of three channels: there the logit of a stamp in the first place is 2.
    let logits = [[-1.0, 2.0, -1.0, -1.0], [-1.0, 1.0, -1.0, -1.0], [-1.0, 2.0, -1.0, -1.0]].concat();
    Graph::default()
        .input("pixel_values", FLOAT, &[-1, 3, 64, 96])
        .floats("to_logits", &[3, 4], &logits)
        .floats("bias", &[1, 4], &[-3.0; 4])
        .floats("to_nothing", &[3, 8], &[0.0; 24])
        .floats("boxes", &[1, 8], &boxes)
        .int64s("two_by_two", &[3], &[0, 2, 2])
        .int64s("two_by_four", &[3], &[0, 2, 4])
        .node(
            "ReduceMean",
            &["pixel_values"],
            "bright",
            &[Attribute::List("axes", &[2, 3]), Attribute::One("keepdims", 0)],
        )
        .node("MatMul", &["bright", "to_logits"], "weighted", &[])
        .node("Add", &["weighted", "bias"], "flat_logits", &[])
        .node("Reshape", &["flat_logits", "two_by_two"], "logits", &[])
        .node("MatMul", &["bright", "to_nothing"], "nothing", &[])
        .node("Add", &["nothing", "boxes"], "flat_boxes", &[])
        .node("Reshape", &["flat_boxes", "two_by_four"], "pred_boxes", &[])
        .output("logits", FLOAT, &[-1, 2, 2])
        .output("pred_boxes", FLOAT, &[-1, 2, 4])
        .file()
}

/// As the makers of RT-DETR export: labels, boxes in pixels of the page whose size it asks for, scores.
fn settled() -> Vec<u8> {
    Graph::default()
        .input("images", FLOAT, &[-1, 3, 64, 96])
        .input("orig_target_sizes", INT64, &[-1, 2])
        .floats("to_box", &[2, 4], &[[0.1, 0.0, 0.3, 0.0], [0.0, 0.05, 0.0, 0.15]].concat())
        .floats("third", &[3, 1], &[0.3; 3])
        .floats("up", &[1], &[0.5])
        .int64s("one_by_four", &[3], &[0, 1, 4])
        .node("Cast", &["orig_target_sizes"], "size", &[Attribute::One("to", 1)])
        .node("MatMul", &["size", "to_box"], "flat", &[])
        .node("Reshape", &["flat", "one_by_four"], "boxes", &[])
        .node(
            "ReduceMean",
            &["images"],
            "bright",
            &[Attribute::List("axes", &[2, 3]), Attribute::One("keepdims", 0)],
        )
        .node("MatMul", &["bright", "third"], "scores", &[])
        .node("Add", &["scores", "up"], "label", &[])
        .node("Cast", &["label"], "labels", &[Attribute::One("to", 7)])
        .output("labels", INT64, &[-1, 1])
        .output("boxes", FLOAT, &[-1, 1, 4])
        .output("scores", FLOAT, &[-1, 1])
        .file()
}

/// A store with the runtime of this machine and `graph`, and a manifest whose only model it is; `None` when this
/// machine has no runtime.
fn with_graph(graph: &[u8], labels: &str) -> Option<(tempfile::TempDir, Result<Manifest, ManifestError>)> {
    let (store, _) = common::assets()?;
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(store.dir().join("native"), dir.path().join("native")).unwrap();
    let digest = hex::encode(Sha256::digest(graph));
    fs::create_dir(dir.path().join("models")).unwrap();
    fs::write(dir.path().join("models").join(format!("{}-layout.onnx", &digest[..8])), graph).unwrap();
    let built_in = include_str!("../../manifest.toml");
    let libraries = &built_in[..built_in.find("# PicoDet trained").unwrap()];
    let size = graph.len();
    let model = format!(
        r#"
        [[model]]
        role = "layout"
        package = {{ name = "none", version = "0", python = "3.11" }}
        licence = "MIT"
        licence_source = "none"
        file = {{ path = "layout.onnx", size = {size}, sha256 = "{digest}" }}
        decoder = "rt-detr"
        {labels}
        input = {{ width = 96, height = 64 }}
        normalise = {{ channels = "rgb", mean = [0.0, 0.0, 0.0], std = [1.0, 1.0, 1.0] }}
        "#
    );
    let path = dir.path().join("manifest.toml");
    fs::write(&path, format!("{libraries}{model}")).unwrap();
    let manifest = Manifest::read(&path);
    Some((dir, manifest))
}

type Layout = Loaded<LayoutModel<OnnxSession>, LayoutParams>;

fn load(dir: &tempfile::TempDir, manifest: Manifest) -> Result<Layout, LoadError> {
    let options = ModelOptions {
        provider: Provider::Cpu,
        threads: NonZeroUsize::MIN,
        copies: Copies::default(),
        gpu_memory: None,
    };
    let loader = ModelLoader::new(AssetStore::new(dir.path()), manifest, options)?;
    Ok(loader.load(&[Role::Layout])?.layout.unwrap())
}

/// What is seen on a white page of 1000 × 500 pixels, on a dark one, and on both in one batch.
fn look(layout: &mut Layout) -> [Vec<Region>; 4] {
    let white = Raster::white(1000, 500);
    let dark = Raster::new(1000, 500, vec![20; 1_500_000]).unwrap();
    let Loaded { networks, params } = layout;
    let pictures = [white, dark].map(|page| preprocess(&page, params).unwrap());
    let mut run = |pictures: &[Raster]| {
        let raw = networks[0].run(pictures).unwrap();
        raw.iter().map(|raw| decode(raw, params, 1000, 500)).collect::<Vec<_>>()
    };
    let (mut alone, mut dark, mut both) = (run(&pictures[..1]), run(&pictures[1..]), run(&pictures));
    [alone.remove(0), dark.remove(0), both.remove(0), both.remove(0)]
}

fn is_stamp(regions: &[Region], score: f32) -> bool {
    let [region] = regions else { return false };
    let near = (region.score - score).abs() < 1e-3 && region.rect.iou(&STAMP) > 0.999;
    near && region.kind == RegionKind::Stamp
}

/// That `graph` sees the stamp on the white page, alone and in a batch, and nothing on the dark one.
fn sees_the_stamp(graph: &[u8], score: f32) {
    let Some((dir, manifest)) = with_graph(graph, ONE) else { return };
    let mut layout = load(&dir, manifest.unwrap()).unwrap();

    let [alone, dark, first, second] = look(&mut layout);

    assert!(is_stamp(&alone, score), "{alone:?}");
    assert_eq!(dark, []);
    assert_eq!((first, second), (alone, dark));
}

#[test]
fn rows_of_boxes_as_of_pp_doc_layout_become_regions() {
    sees_the_stamp(&rows(), 0.9);
}

#[test]
fn logits_and_boxes_as_of_docling_become_regions() {
    sees_the_stamp(&scored(), 1.0 / (1.0 + (-2f32).exp()));
}

#[test]
fn labels_boxes_and_scores_become_regions() {
    sees_the_stamp(&settled(), 0.9);
}

#[test]
fn the_least_score_is_that_of_the_manifest() {
    let Some((dir, manifest)) = with_graph(&rows(), &format!("{ONE}\nmin_score = 0.95")) else { return };
    let mut layout = load(&dir, manifest.unwrap()).unwrap();

    assert_eq!(look(&mut layout)[0], []);
}

#[test]
fn a_manifest_with_too_few_labels_is_told_so_before_the_first_page() {
    let Some((dir, manifest)) = with_graph(&rows(), r#"labels = ["text"]"#) else { return };

    let error = load(&dir, manifest.unwrap()).err().unwrap().to_string();

    let expected =
        "layout answered 2 classes or more, expected the 1 classes that `labels` of the manifest names";
    assert_eq!(error, expected);
}

#[test]
fn a_label_that_is_none_is_refused_and_those_that_are_are_named() {
    let Some((_dir, manifest)) = with_graph(&rows(), r#"labels = ["text", "seal"]"#) else { return };

    let ManifestError::Parse { source, .. } = manifest.unwrap_err() else { panic!("not a parse error") };

    let message = source.to_string();
    assert!(
        message.contains("seal") && message.contains("stamp") && message.contains("list_item"),
        "{message}"
    );
}

#[test]
fn a_graph_that_asks_for_something_else_is_named_with_what_it_asks_for() {
    let graph = Graph::default()
        .input("pixel_values", FLOAT, &[-1, 3, 64, 96])
        .input("pixel_mask", INT64, &[-1, 64, 96])
        .node("Identity", &["pixel_values"], "a", &[])
        .node("Identity", &["pixel_mask"], "b", &[])
        .output("a", FLOAT, &[-1, 3, 64, 96])
        .output("b", INT64, &[-1, 64, 96])
        .file();
    let Some((dir, manifest)) = with_graph(&graph, ONE) else { return };

    let error = load(&dir, manifest.unwrap()).err().unwrap().to_string();

    assert!(error.contains("asks for the input pixel_mask"), "{error}");
}

#[test]
fn a_graph_of_another_family_is_told_what_was_expected_and_what_came() {
    let graph = Graph::default()
        .input("x", FLOAT, &[-1, 3, 64, 96])
        .node("Identity", &["x"], "y", &[])
        .output("y", FLOAT, &[-1, 3, 64, 96])
        .file();
    let Some((dir, manifest)) = with_graph(&graph, ONE) else { return };

    let error = load(&dir, manifest.unwrap()).err().unwrap().to_string();

    assert!(error.contains("[[1, 3, 64, 96]]") && error.contains("logits and boxes"), "{error}");
}

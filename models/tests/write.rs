//! A network that writes, filled in by a manifest: cached steps, batches, and where texts stop.
//!
//! The files are tiny and random (`golden/make_writer.py`), but have the inputs and outputs of real ones.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

#[path = "common/assets.rs"]
mod common;

use std::{fs, num::NonZeroUsize, path::Path, process::Command};

use quire_models::{
    Copies, LoadError, Loaded, ModelLoader, ModelOptions,
    assets::AssetStore,
    generate::{Ending, GenerateParams, Generator, Words, Written, preprocess},
    manifest::{Manifest, ManifestError, Role},
    provider::Provider,
};
use quire_raster::Raster;
use sha2::{Digest, Sha256};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");

const MERGED: &str = "decoder_model_merged.onnx";
const PLAIN: &str = "decoder_model.onnx";

/// What the reference program wrote about pictures 0 to 7: `onnxruntime` in Python, without a cache.
const GOLDEN_TOKENS: [&[i64]; 4] = [
    &[9, 11, 11, 11],
    &[9, 11, 11, 11, 12, 12],
    &[9, 11, 11, 11, 12, 6, 9, 9, 6, 9, 7],
    &[11, 11, 11, 9, 9, 12, 3, 9, 13, 9],
];

/// A picture without meaning, another for each `seed`.
fn picture(seed: u32) -> Raster {
    let bytes = (0..16 * 32 * 3).map(|at| {
        let (y, x, channel) = (at / 3 / 32, at / 3 % 32, at % 3);
        ((x * 7919 + y * 31 * seed + seed * 10_007 + channel * 131) % 251) as u8
    });
    Raster::new(32, 16, bytes.collect::<Vec<u8>>()).unwrap()
}

fn pictures() -> Vec<Raster> {
    (0..8).map(picture).collect()
}

/// The entry of a file as the manifest writes it, after it was put into the store.
fn stored(store: &Path, name: &str) -> String {
    let bytes = fs::read(Path::new(GOLDEN).join("writer").join(name)).unwrap();
    let digest = hex::encode(Sha256::digest(&bytes));
    fs::write(store.join("models").join(format!("{}-{name}", &digest[..8])), &bytes).unwrap();
    format!(r#"{{ path = "{name}", size = {}, sha256 = "{digest}" }}"#, bytes.len())
}

/// A store with the runtime of this machine and the tiny network; none when this machine has no runtime.
fn store(decoder: &str, settings: &str) -> Option<(tempfile::TempDir, Result<Manifest, ManifestError>)> {
    let (real, _) = common::assets()?;
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(real.dir().join("native"), dir.path().join("native")).unwrap();
    fs::create_dir(dir.path().join("models")).unwrap();
    let [encoder, network, tokenizer] =
        ["encoder_model.onnx", decoder, "tokenizer.json"].map(|name| stored(dir.path(), name));
    let built_in = include_str!("../manifest.toml");
    let libraries = &built_in[..built_in.find("# PicoDet trained").unwrap()];
    let model = format!(
        r#"
        [[model]]
        role = "transcribe"
        package = {{ name = "none", version = "0", python = "3.11" }}
        licence = "MIT"
        licence_source = "none"
        file = {encoder}
        decoder = "text"
        input = {{ width = 32, height = 16 }}
        normalise = {{ channels = "rgb", mean = [0.5, 0.5, 0.5], std = [0.5, 0.5, 0.5] }}
        generate = {{ network = {network}, tokenizer = {tokenizer}, {settings} }}
        "#
    );
    let path = dir.path().join("manifest.toml");
    fs::write(&path, format!("{libraries}{model}")).unwrap();
    let manifest = Manifest::read(&path);
    Some((dir, manifest))
}

type Writer = Loaded<Generator, (GenerateParams, Words)>;

fn load(decoder: &str, settings: &str) -> Option<Result<Writer, LoadError>> {
    let (dir, manifest) = store(decoder, settings)?;
    let options = ModelOptions {
        provider: Provider::Cpu,
        threads: NonZeroUsize::MIN,
        copies: Copies::default(),
        gpu_memory: None,
    };
    let loader = ModelLoader::new(AssetStore::new(dir.path()), manifest.unwrap(), options);
    Some(loader.and_then(|loader| loader.load(&[Role::Transcribe])).map(|models| models.transcribe.unwrap()))
}

fn writer(decoder: &str, most_tokens: u16) -> Option<Writer> {
    Some(load(decoder, &format!("start = [0], end = 2, most_tokens = {most_tokens}"))?.unwrap())
}

fn write(writer: &mut Writer, pictures: &[Raster]) -> Vec<Written> {
    let prepared: Vec<Raster> =
        pictures.iter().map(|one| preprocess(one, &writer.params.0).unwrap()).collect();
    writer.networks[0].run(&prepared).unwrap()
}

fn tokens(written: &[Written]) -> Vec<&[i64]> {
    written.iter().map(|text| text.tokens.as_slice()).collect()
}

#[test]
fn what_is_written_is_what_the_reference_writes() {
    let Some(mut writer) = writer(MERGED, 40) else { return };

    let written = write(&mut writer, &pictures()[..4]);

    assert_eq!(tokens(&written), GOLDEN_TOKENS);
    assert!(written.iter().all(|text| text.ending == Ending::End && text.confidence > 0.1), "{written:?}");
    let texts: Vec<String> = written.iter().map(|text| writer.params.1.text(text).text).collect();
    assert_eq!(texts[..3], ["cftftft", "cftftft11", "cftftft1 Zcc Zca"]);
}

#[test]
fn steps_that_remember_write_the_same_as_steps_that_read_everything_anew() {
    let (Some(mut cached), Some(mut plain)) = (writer(MERGED, 40), writer(PLAIN, 40)) else { return };

    let (cached, plain) = (write(&mut cached, &pictures()), write(&mut plain, &pictures()));

    assert_eq!(tokens(&cached), tokens(&plain));
    let near = |(one, other): (&Written, &Written)| (one.confidence - other.confidence).abs() < 1e-4;
    assert!(cached.iter().zip(&plain).all(near), "{cached:?} {plain:?}");
}

#[test]
fn a_text_that_begins_with_several_tokens_is_the_same_either_way() {
    let settings = "start = [0, 9, 4], end = 2";
    let (Some(cached), Some(plain)) = (load(MERGED, settings), load(PLAIN, settings)) else { return };

    let written = [cached, plain].map(|writer| write(&mut writer.unwrap(), &pictures()));

    assert_eq!(tokens(&written[0]), tokens(&written[1]));
    assert!(written[0].iter().any(|text| text.tokens.len() > 3), "{written:?}");
}

#[test]
fn a_batch_writes_what_its_pictures_write_one_by_one() {
    let Some(mut writer) = writer(MERGED, 40) else { return };
    let pictures = pictures();

    let batch = write(&mut writer, &pictures);

    for (picture, text) in pictures.iter().zip(&batch) {
        let alone = write(&mut writer, std::slice::from_ref(picture)).remove(0);
        assert_eq!((&alone.tokens, alone.ending), (&text.tokens, text.ending));
        assert!((alone.confidence - text.confidence).abs() < 1e-4, "{alone:?} {text:?}");
    }
    assert!(batch.iter().map(|text| text.tokens.len()).collect::<std::collections::BTreeSet<_>>().len() > 3);
}

#[test]
fn a_text_that_does_not_end_stops_at_the_bound_and_reads_as_nothing() {
    let Some(mut writer) = writer(MERGED, 5) else { return };

    let written = write(&mut writer, &pictures()[..3]);

    assert_eq!(written.iter().map(|text| text.tokens.len()).collect::<Vec<_>>(), [4, 5, 5]);
    assert_eq!(written[2].ending, Ending::TooLong);
    let read = writer.params.1.text(&written[2]);
    assert_eq!((read.text.as_str(), read.confidence), ("", 0.0));
}

#[test]
fn a_pair_whose_files_do_not_belong_together_is_told_so() {
    let Some(swapped) = load("encoder_model.onnx", "start = [0], end = 2") else { return };

    let error = swapped.err().unwrap().to_string();

    assert!(error.contains("encoder_model.onnx asks for the input pixel_values"), "{error}");
}

#[test]
fn a_manifest_that_cannot_begin_a_text_is_refused() {
    let Some((_dir, manifest)) = store(MERGED, "start = [], end = 2") else { return };

    let error = manifest.unwrap_err().to_string();

    assert!(
        error.ends_with("`start` of `generate` needs at least one token, and no token is below 0"),
        "{error}"
    );
}

#[test]
fn the_files_are_those_that_the_script_makes() {
    let python = |args: &[&str]| {
        let output = Command::new("python3").args(args).current_dir(GOLDEN).output();
        output.is_ok_and(|output| output.status.success())
    };
    if !python(&["-c", "import numpy, onnx"]) {
        eprintln!("skipped: python3 here has no onnx");
        return;
    }
    let made = tempfile::tempdir().unwrap();

    assert!(python(&["make_writer.py", &made.path().to_string_lossy()]));

    for entry in fs::read_dir(made.path()).unwrap() {
        let path = entry.unwrap().path();
        let kept = Path::new(GOLDEN).join("writer").join(path.file_name().unwrap());
        assert!(fs::read(&path).unwrap() == fs::read(&kept).unwrap(), "{}", kept.display());
    }
}

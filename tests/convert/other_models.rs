//! Models of one's own, named in a manifest.
//!
//! The networks are tiny and answer the same whatever they see (`models/tests/golden/make_writer.py`): where the text of the
//! page is theirs, the whole path from the manifest to the output works.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use anyhow::Context;
use quire_tests::{quire::Room, sample, workspace};

/// The assets of this machine, with the files of `more`, entries of a manifest.
fn assets_with(room: &Room, more: &str) -> anyhow::Result<PathBuf> {
    let ours = workspace().join("models/tests/golden/writer");
    let assets = room.path("assets");
    fs::create_dir_all(assets.join("models"))?;
    let real = quire_tests::quire::assets()?;
    symlink(real.join("native"), assets.join("native"))?;
    for entry in fs::read_dir(real.join("models"))? {
        let path = entry?.path();
        symlink(&path, assets.join("models").join(path.file_name().context("a file has a name")?))?;
    }
    let table: toml::Value = toml::from_str(more)?;
    for model in table["model"].as_array().context("models")? {
        let generate = model.get("generate");
        let parts = ["network", "tokenizer"].into_iter().filter_map(|part| generate?.get(part));
        for file in std::iter::once(&model["file"]).chain(parts) {
            place(file, &ours, &assets).context("a file has a path and a digest")?;
        }
    }
    Ok(assets)
}

fn entries(file: &str) -> anyhow::Result<String> {
    Ok(fs::read_to_string(workspace().join("models/tests/golden/writer").join(file))?)
}

fn built_in() -> anyhow::Result<String> {
    Ok(fs::read_to_string(workspace().join("models/manifest.toml"))?)
}

fn place(file: &toml::Value, from: &Path, assets: &Path) -> Option<()> {
    let (name, digest) = (file.get("path")?.as_str()?, file.get("sha256")?.as_str()?);
    fs::copy(from.join(name), assets.join("models").join(format!("{}-{name}", &digest[..8]))).ok().map(drop)
}

/// A page converted with `manifest`, to which `more` belongs.
fn converted_with(manifest: &str, more: &str, second_opinion: &str) -> anyhow::Result<Room> {
    let room = Room::new()?;
    let assets = assets_with(&room, more)?;
    let manifest = room.write("manifest.toml", format!("{manifest}\n{more}"))?;
    room.copy(&sample("image-phototest.tif"), "in/a.tif")?;
    let environment: [(&str, &OsStr); 4] = [
        ("QUIRE__ASSETS__DIR", assets.as_os_str()),
        ("QUIRE__ASSETS__MANIFEST", manifest.as_os_str()),
        ("QUIRE__PIPELINE__PROVIDER", OsStr::new("cpu")),
        ("QUIRE__PIPELINE__SECOND_OPINION", OsStr::new(second_opinion)),
    ];

    let ran = room.convert_with(&environment, &["in"], &[])?;

    anyhow::ensure!(ran.code == Some(0), "{}", ran.stderr);
    Ok(room)
}

/// With another layout model, one that reads lines again and one that reads formulas.
fn converted(second_opinion: &str) -> anyhow::Result<Room> {
    let built_in = built_in()?;
    let (libraries, models) = built_in.split_once("# PicoDet trained").context("a layout model")?;
    let (_, models) = models.split_once("# DB: a map").context("other models")?;
    converted_with(&format!("{libraries}\n#{models}"), &entries("models.toml")?, second_opinion)
}

#[test]
fn lines_in_doubt_are_read_again_by_the_network_that_the_manifest_names() -> anyhow::Result<()> {
    let room = converted("1.0")?;

    let text = room.read("out/a.txt")?;

    assert!(text.lines().filter(|line| !line.is_empty()).all(|line| line == "abcft"), "{text}");
    assert!(text.contains("abcft\nabcft"), "{text}");
    Ok(())
}

#[test]
fn lines_beyond_doubt_stay_and_what_the_layout_model_saw_is_kept() -> anyhow::Result<()> {
    let room = converted("0.0")?;

    let markdown = room.read("out/a.md")?;

    assert!(markdown.contains("This is a lot of 12 point text"), "{markdown}");
    assert!(markdown.contains("$$\nabcft\n$$"), "{markdown}");
    assert!(markdown.contains("![stamp](a.assets/"), "{markdown}");
    let record: serde_json::Value = serde_json::from_str(&room.read("out/a.json")?)?;
    let models = record["pages"][0]["provenance"]["models"].as_object().context("models")?;
    assert!(["layout", "transcribe", "formula"].iter().all(|role| models.contains_key(*role)), "{models:?}");
    Ok(())
}

#[test]
fn lines_in_doubt_are_read_by_a_recogniser_for_other_scripts() -> anyhow::Result<()> {
    let room = converted_with(&built_in()?, &entries("yes.toml")?, "1.0")?;

    let text = room.read("out/a.txt")?;

    assert!(text.lines().filter(|line| !line.is_empty()).all(|line| line == "Да"), "{text}");
    assert!(text.contains("Да\nДа"), "{text}");
    Ok(())
}

#[test]
fn a_recogniser_keeps_to_its_scripts_and_to_lines_in_doubt() -> anyhow::Result<()> {
    let cyrillic = entries("yes.toml")?;
    for (more, second_opinion) in [(cyrillic.replace("Cyrl", "Arab"), "1.0"), (cyrillic, "0.0")] {
        let room = converted_with(&built_in()?, &more, second_opinion)?;

        let text = room.read("out/a.txt")?;

        assert!(text.contains("This is a lot of 12 point text") && !text.contains("Да"), "{text}");
    }
    Ok(())
}

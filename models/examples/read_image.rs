//! Reads an image: prints each line of text with its box, its confidence and the boxes of its words.
//!
//! ```text
//! cargo run --release -p quire-models --example read_image -- IMAGE
//! ```
//!
//! The assets must have been fetched; their folder is `QUIRE__ASSETS__DIR` or the cache folder of the user.

use std::{num::NonZeroUsize, path::PathBuf};

use quire_models::{
    Loaded, ModelOptions, Models,
    assets::AssetStore,
    detect,
    manifest::Manifest,
    recognize::{self, LineImage, RecognizedLine},
    session::Provider,
};
use quire_raster::Raster;

/// Lines per run of the recogniser.
const BATCH: usize = 8;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let path = std::env::args_os().nth(1).ok_or("name an image")?;
    let image = image::open(path)?.to_rgb8();
    let page = Raster::new(image.width(), image.height(), image.into_raw())?;
    let options = ModelOptions { provider: Provider::Cpu, threads: NonZeroUsize::MIN };
    let mut models = Models::load(&AssetStore::new(assets_dir()?), &Manifest::built_in()?, options)?;

    for (image, line) in read(&page, &mut models)? {
        let bounds = <[f32; 4]>::from(image.quad().bounds());
        println!("{bounds:?} {:.2} {}", line.confidence, line.text);
        for word in line.words {
            let corner = |along, across| image.quad().at(along, across);
            let (from, to) = (corner(word.start, 0.0), corner(word.end, 1.0));
            println!("    ({:.0}, {:.0}) to ({:.0}, {:.0}) {}", from.x, from.y, to.x, to.y, word.text);
        }
    }
    Ok(())
}

fn assets_dir() -> Result<PathBuf, Failure> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cache = named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(".cache")));
    let dir = named("QUIRE__ASSETS__DIR").or_else(|| cache.map(|cache| cache.join("quire")));
    dir.ok_or_else(|| "set QUIRE__ASSETS__DIR".into())
}

/// The lines of `page` from top to bottom.
fn read(page: &Raster, models: &mut Models) -> Result<Vec<(LineImage, RecognizedLine)>, Failure> {
    let Some(Loaded { network: detector, params }) = &mut models.detect else {
        return Err("the manifest has no model that detects".into());
    };
    let Some((Loaded { network: recognizer, params: reading }, alphabet)) = &mut models.recognize else {
        return Err("the manifest has no model that recognizes".into());
    };
    let maps = detector.run(&[detect::preprocess(page, params)?])?;
    let found = maps.iter().flat_map(|map| detect::decode(map, params));
    let mut images: Vec<_> = found.filter_map(|line| recognize::rectify(page, &line.quad, reading)).collect();
    images.sort_by_key(LineImage::width);

    let mut lines = Vec::with_capacity(images.len());
    let same_bucket = |a: &LineImage, b: &LineImage| reading.bucket(a.width()) == reading.bucket(b.width());
    for batch in images.chunk_by(same_bucket).flat_map(|images| images.chunks(BATCH)) {
        let bucket = reading.bucket(batch.iter().map(LineImage::width).max().unwrap_or(0));
        let tensor = recognize::to_batch(&batch.iter().collect::<Vec<_>>(), bucket, reading)?;
        for (image, path) in batch.iter().zip(recognizer.run(tensor)?) {
            lines.push((image.clone(), recognize::decode(&path, alphabet, image, &reading.spaces)));
        }
    }
    lines.sort_by(|(a, _), (b, _)| a.quad().bounds().y0.total_cmp(&b.quad().bounds().y0));
    Ok(lines)
}

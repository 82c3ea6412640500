//! `quire setup`: fetches, verifies and prepares native libraries and models.

use anyhow::Context;
use quire_models::{assets::Trust, prepare};

use crate::{Exit, config::Config};

/// Brings what is missing; what is there already is only checked.
pub(crate) fn run(config: &Config) -> anyhow::Result<Exit> {
    let manifest = config.assets.manifest().context("read the manifest of assets")?;
    let store = config.assets.store();
    let provider = config.pipeline.provider(&manifest);
    let needed = store.needed(&manifest, provider);
    store.fetch(&needed, &mut |line| eprintln!("{line}"))?;
    for model in &manifest.models {
        prepare::prepared(&store, model, provider)?;
    }
    let bytes: usize = store.status(&needed, Trust::Remembered)?.len();
    eprintln!("{bytes} assets are ready in {}", store.dir().display());
    Ok(Exit::Done)
}

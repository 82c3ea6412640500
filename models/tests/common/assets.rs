//! Where the libraries and models of this machine are, for tests that need them.

use std::path::PathBuf;

use quire_models::{
    assets::{AssetState, AssetStore, Trust},
    manifest::Manifest,
    provider::Provider,
};

/// The store and manifest of this machine; `None`, and a line that says so, when something is missing.
pub(crate) fn assets() -> Option<(AssetStore, Manifest)> {
    let manifest = Manifest::built_in().expect("the built-in manifest is valid");
    let cache = || {
        let home = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
            .map(|dir| dir.join("quire"))
    };
    let dir = std::env::var_os("QUIRE__ASSETS__DIR").map(PathBuf::from).or_else(cache)?;
    let store = AssetStore::new(&dir);
    let needed = store.needed(&manifest, Provider::Cpu);
    let status = store.status(&needed, Trust::Remembered).expect("the store is readable");
    if let Some(missing) = status.iter().find(|status| status.state != AssetState::Present) {
        eprintln!("skipped: {} is not in {}", missing.name, dir.display());
        return None;
    }
    Some((store, manifest))
}

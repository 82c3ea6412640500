//! The assets of this machine, for tests that run the real networks.

use std::path::PathBuf;

use quire_models::{
    assets::{AssetStore, Trust},
    manifest::{Manifest, Role},
    prepare,
    session::{OnnxSession, Provider, Runtime, SessionOptions},
};

/// The store and manifest of this machine; `None`, and a line that says so, when something is missing.
pub(crate) fn assets() -> Option<(AssetStore, Manifest)> {
    let manifest = Manifest::built_in().unwrap();
    let cache = || {
        let home = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
            .map(|dir| dir.join("quire"))
    };
    let dir = std::env::var_os("QUIRE__ASSETS__DIR").map(PathBuf::from).or_else(cache)?;
    let store = AssetStore::new(&dir);
    let needed = store.needed(&manifest, Provider::Cpu);
    let status = store.status(&needed, Trust::Remembered).unwrap();
    if let Some(missing) =
        status.iter().find(|status| status.state != quire_models::assets::AssetState::Present)
    {
        eprintln!("skipped: {} is not in {}", missing.name, dir.display());
        return None;
    }
    Some((store, manifest))
}

/// The model of `role`, prepared as the manifest says or as it was published.
pub(crate) fn session(store: &AssetStore, manifest: &Manifest, role: Role, prepared: bool) -> OnnxSession {
    let library = store.resolve_library(manifest, Provider::Cpu.library()).unwrap();
    let model = manifest.model(role).unwrap();
    let path =
        if prepared { prepare::prepared(store, model).unwrap() } else { store.resolve_model(model).unwrap() };
    Runtime::load(&library).unwrap().session(&path, &SessionOptions::default()).unwrap()
}

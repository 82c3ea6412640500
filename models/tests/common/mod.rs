//! The assets of this machine, for tests that run the real networks.

use std::path::PathBuf;

use quire_models::{
    assets::{AssetStore, Trust},
    manifest::{Manifest, Role},
    prepare,
    provider::Provider,
    session::{OnnxSession, Runtime, SessionOptions},
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
    if let Some(missing) =
        status.iter().find(|status| status.state != quire_models::assets::AssetState::Present)
    {
        eprintln!("skipped: {} is not in {}", missing.name, dir.display());
        return None;
    }
    Some((store, manifest))
}

/// The runtime of this machine.
pub(crate) fn runtime(store: &AssetStore, manifest: &Manifest) -> Runtime {
    let library = store.resolve_library(manifest, Provider::Cpu.library()).expect("the runtime is there");
    Runtime::load(&library).expect("the runtime opens")
}

/// The model of `role`, prepared as the manifest says.
pub(crate) fn session(store: &AssetStore, manifest: &Manifest, role: Role) -> OnnxSession {
    session_for(Provider::Cpu, store, manifest, role)
}

/// The model of `role`, prepared for `provider`, but run on the CPU.
pub(crate) fn session_for(
    provider: Provider,
    store: &AssetStore,
    manifest: &Manifest,
    role: Role,
) -> OnnxSession {
    let model = manifest.model(role).expect("the role is filled");
    let path = prepare::prepared(store, model, provider).expect("the graph is prepared");
    runtime(store, manifest).session(&path, &SessionOptions::default()).expect("the model opens")
}

//! The assets of this machine, for tests that run the real networks.

mod assets;

use quire_models::{
    assets::AssetStore,
    manifest::{Manifest, Role},
    prepare,
    provider::Provider,
    session::{OnnxSession, Runtime, SessionOptions},
};

pub(crate) use assets::assets;

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

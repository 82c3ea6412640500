//! The whole fleet in one process: the coordinator, queue, worker and store that a cluster uses.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use async_trait::async_trait;
use quire_adapters::{
    filesystem::FilesystemObjectStore,
    in_memory::{InMemoryJobQueue, InMemoryProgressStore},
};
use quire_coordinator::{Coordinator, CountError, PageCounter, Settings};
use quire_models::{
    Models,
    assets::AssetStore,
    manifest::{LibraryName, Manifest},
};
use quire_ports::{ObjectStore, Ports, QueueLimits};
use quire_proto::{DocumentId, Profile, Tenant, manifest::DocumentFailure};
use quire_render::{OpenError, RenderPool, SourceFile};
use quire_worker::{Worker, WorkerParts};

use crate::{config::Config, profile::profile};

/// Everything that `convert` runs.
pub(crate) struct Embedded {
    /// Splits documents and accounts for their pages.
    pub(crate) coordinator: Coordinator,
    /// Reads pages.
    pub(crate) worker: Worker,
    /// The render children, for pictures of pages.
    pub(crate) render: RenderPool,
    /// What decides how pages are read.
    pub(crate) profile: Profile,
    /// Whose documents these are: one person's, on one machine.
    pub(crate) tenant: Tenant,
    /// Where everything lies.
    pub(crate) store: Arc<dyn ObjectStore>,
}

impl Embedded {
    /// Starts children and models over a store in `folder`. Must be called inside a tokio runtime.
    pub(crate) async fn start(
        config: &Config,
        folder: &Path,
        password: Option<String>,
    ) -> anyhow::Result<Self> {
        let manifest = config.assets.manifest().context("read the manifest of assets")?;
        let assets = config.assets.store();
        let pdfium = assets.resolve_library(&manifest, LibraryName::Pdfium)?;
        let render = config.render.to_config(&pdfium)?;
        let children = render.children;
        let (render, models) =
            tokio::try_join!(start_children(render), load_models(config, &assets, &manifest))?;

        let scratch = folder.join("scratch");
        std::fs::create_dir_all(&scratch).with_context(|| format!("create {}", scratch.display()))?;
        let limits = QueueLimits { prefetch: config.pipeline.ranges.get(), ..QueueLimits::default() };
        let store: Arc<dyn ObjectStore> = Arc::new(FilesystemObjectStore::open(folder)?);
        let ports = Ports {
            queue: Arc::new(InMemoryJobQueue::new(limits)),
            store: store.clone(),
            progress: Arc::new(InMemoryProgressStore::new()),
        };
        let counter = PoolCounter { pool: render.clone(), password: password.clone() };
        let profile = profile(&manifest, config.convert.options());
        let renderer = profile.renderer.clone();
        let coordinator =
            Coordinator::new(ports.clone(), Arc::new(counter), Settings::embedded(scratch.clone()));
        let parts =
            WorkerParts { ports, render: render.clone(), children, renderer, models, scratch, password };
        let worker = Worker::new(parts, &config.pipeline).context("start the worker")?;
        Ok(Self { coordinator, worker, render, profile, tenant: Tenant::local(), store })
    }
}

pub(crate) async fn start_children(config: quire_render::RenderConfig) -> anyhow::Result<RenderPool> {
    Ok(tokio::task::spawn_blocking(move || RenderPool::start(config)).await??)
}

async fn load_models(config: &Config, assets: &AssetStore, manifest: &Manifest) -> anyhow::Result<Models> {
    let options = config.pipeline.models(manifest);
    let (assets, manifest) = (assets.clone(), manifest.clone());
    Ok(tokio::task::spawn_blocking(move || Models::load(&assets, &manifest, options)).await??)
}

/// Counts pages in the render children.
pub(crate) struct PoolCounter {
    /// The children.
    pub(crate) pool: RenderPool,
    /// Opens all documents that have one.
    pub(crate) password: Option<String>,
}

impl std::fmt::Debug for PoolCounter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The password stays out of every log.
        f.write_str("PoolCounter")
    }
}

#[async_trait]
impl PageCounter for PoolCounter {
    async fn count(&self, _: DocumentId, source: &Path) -> Result<u32, CountError> {
        let unavailable = |error: std::io::Error| CountError::Unavailable(error.into());
        let source = SourceFile::open(source, self.password.clone()).map_err(unavailable)?;
        match self.pool.open(&source).await {
            Ok(document) => Ok(document.pages),
            Err(OpenError::NotJudged(error)) => Err(CountError::Unavailable(error.into())),
            Err(error) => Err(CountError::Document(DocumentFailure {
                class: error.class().to_owned(),
                message: error.to_string(),
            })),
        }
    }
}

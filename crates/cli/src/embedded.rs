//! The whole fleet in one process: the coordinator, queue, worker and store that a cluster uses.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use async_trait::async_trait;
use quire_adapters::{
    filesystem::FilesystemObjectStore,
    in_memory::{InMemoryJobQueue, InMemoryProgressStore},
};
use quire_coordinator::{Coordinator, CountError, PageCounter, Settings};
use quire_ports::{ObjectStore, Ports, QueueLimits};
use quire_proto::{DocumentId, Profile, Tenant, manifest::DocumentFailure};
use quire_render::{OpenError, RenderPool, SourceFile};
use quire_worker::{Place, Worker, trace::Trace};

use crate::{
    config::Config,
    machine::{Machine, Opening},
};

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
    /// Starts children, and networks when they are needed, over a store in `folder`. Must be called inside a tokio runtime.
    pub(crate) async fn start(
        config: &Config,
        folder: &Path,
        password: Option<String>,
        trace: Trace,
    ) -> anyhow::Result<Self> {
        let machine = Machine::start(config, Opening::WhenNeeded, trace).await?;
        let (render, profile) = (machine.render.clone(), machine.profile.clone());
        let scratch = folder.join("scratch");
        std::fs::create_dir_all(&scratch).with_context(|| format!("create {}", scratch.display()))?;
        let limits = QueueLimits { prefetch: config.pipeline.ranges().get(), ..QueueLimits::default() };
        let store: Arc<dyn ObjectStore> = Arc::new(FilesystemObjectStore::open(folder)?);
        let ports = Ports {
            queue: Arc::new(InMemoryJobQueue::new(limits)),
            store: store.clone(),
            progress: Arc::new(InMemoryProgressStore::new()),
        };
        let counter = PoolCounter { pool: render.clone(), password: password.clone() };
        let coordinator =
            Coordinator::new(ports.clone(), Arc::new(counter), Settings::embedded(scratch.clone()));
        let worker = machine.into_worker(config, ports, Place::Scratch(scratch), password);
        Ok(Self { coordinator, worker, render, profile, tenant: Tenant::local(), store })
    }
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

//! The page pipeline: takes page ranges, gives page records.
//!
//! ```text
//!  JobQueue ─▶ service ─▶ range ─▶ page ─▶ page ─▶ … each page: render, read, assemble
//!                           │                └──▶ engine: layout, detect, recognize, orient, table
//!                           └─▶ ObjectStore, ProgressStore, settle         (micro-batches over all pages)
//! ```
//!
//! Full means wait: pages wait for bytes of the [budget](budget::ByteBudget), ranges for
//! their pages, the intake for its ranges, and the queue holds the rest.

pub mod batcher;
pub mod budget;
mod chain;
pub mod config;
pub mod cpu;
pub mod documents;
pub mod engine;
pub mod meter;
pub mod page;
pub mod range;
pub mod service;

use std::{io, num::NonZeroUsize, path::PathBuf};

use quire_models::Models;
use quire_ports::Ports;
use quire_render::RenderPool;
use tokio_util::sync::CancellationToken;

pub use config::PipelineConfig;
pub use service::WorkerError;

/// A worker: models loaded, children running, ready to take ranges.
#[derive(Clone)]
pub struct Worker {
    ports: Ports,
    ranges: range::RangeWorker,
    limits: service::ServiceLimits,
}

/// What a [`Worker`] is made of.
pub struct WorkerParts {
    /// Queue, store and progress.
    pub ports: Ports,
    /// The render children.
    pub render: RenderPool,
    /// How many there are.
    pub children: NonZeroUsize,
    /// Name and build of the renderer, for the records.
    pub renderer: String,
    /// The networks, warm.
    pub models: Models,
    /// Folder for copies of documents that the store keeps elsewhere.
    pub scratch: PathBuf,
    /// Password for encrypted documents.
    pub password: Option<String>,
}

impl Worker {
    /// Puts a worker together. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn new(parts: WorkerParts, config: &PipelineConfig) -> io::Result<Self> {
        let WorkerParts { ports, render, children, renderer, models, scratch, password } = parts;
        let reader = page::PageReader::new(
            page::ReaderParts {
                render,
                children,
                renderer,
                engine: engine::Engine::start(models, &engine::EngineLimits::new(config))?,
                cpu: cpu::CpuPool::new(config.cpu_threads()),
                budget: budget::ByteBudget::new(
                    usize::try_from(config.page_memory.as_u64()).unwrap_or(usize::MAX),
                ),
            },
            page::ReaderParams {
                min_line_confidence: config.min_line_confidence,
                ..page::ReaderParams::default()
            },
        );
        let documents = documents::Documents::new(ports.store.clone(), scratch, password);
        let ranges = range::RangeWorker::new(ports.clone(), documents, reader);
        let limits = service::ServiceLimits { ranges: config.ranges, grace: config.drain };
        Ok(Self { ports, ranges, limits })
    }

    /// Works until `shutdown`, then drains.
    pub async fn run(&self, shutdown: &CancellationToken) -> Result<(), WorkerError> {
        service::run(self.ports.queue.as_ref(), &self.ranges, self.limits, shutdown).await
    }
}

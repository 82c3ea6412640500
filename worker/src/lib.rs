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
pub mod chain;
pub mod children;
pub mod config;
pub mod cpu;
pub mod documents;
pub mod engine;
pub mod meter;
#[cfg(test)]
mod pace;
pub mod page;
pub mod range;
pub mod schedule;
pub mod service;
pub mod trace;
mod tuning;

use std::{num::NonZeroUsize, sync::Arc};

use quire_ports::Ports;
use quire_proto::Profile;
use quire_render::RenderPool;
use tokio_util::sync::CancellationToken;

pub use config::PipelineConfig;
pub use documents::{DocumentCache, Documents, Place};
pub use page::ReadPages;
pub use service::{ServiceLimits, WorkerError};

/// A worker: models loaded, children running, ready to take ranges.
#[derive(Clone)]
pub struct Worker {
    ranges: range::RangeWorker,
    limits: ServiceLimits,
}

/// What reads pages on this machine: children running, an engine that opens its networks.
pub struct ReadingParts {
    /// The render children.
    pub render: RenderPool,
    /// How many there are.
    pub children: NonZeroUsize,
    /// Whether as many are always to work; otherwise the number is tuned.
    pub children_fixed: bool,
    /// The networks.
    pub engine: engine::Engine,
    /// Name and build of the renderer.
    pub renderer: String,
    /// Records when each stage works.
    pub trace: trace::Trace,
}

/// Puts a reader of pages together. Must be called inside a tokio runtime.
pub fn page_reader(parts: ReadingParts, config: &PipelineConfig) -> page::PageReader {
    let ReadingParts { render, children, children_fixed, engine, renderer, trace } = parts;
    let children_setting = tuning::ChildrenSetting { running: children, fixed: children_fixed };
    let page_memory = usize::try_from(config.page_memory().as_u64()).unwrap_or(usize::MAX);
    let parts = page::ReaderParts {
        render,
        children,
        renderer,
        engine,
        cpu: cpu::CpuPool::new(config.cpu_threads(), trace.clone()),
        budget: budget::ByteBudget::new(page_memory),
        trace,
    };
    let params = page::ReaderParams {
        min_line_confidence: config.min_line_confidence,
        second_opinion: config.second_opinion,
        ..page::ReaderParams::default()
    };
    let reader = page::PageReader::new(parts, params);
    let ladders = tuning::ladders(config, children_setting);
    if !ladders.is_empty() {
        reader.tune(tuning::Controller::new(ladders, tuning::Params::default()));
    }
    reader
}

impl Worker {
    /// A worker that reads pages with `reader`, which makes records of `profile`.
    pub fn new(
        ports: Ports,
        documents: Documents,
        reader: Arc<dyn ReadPages>,
        profile: Profile,
        limits: ServiceLimits,
    ) -> Self {
        let ranges = range::RangeWorker::new(ports, documents, reader, profile, limits);
        Self { ranges, limits }
    }

    /// Works until `shutdown`, then drains.
    pub async fn run(&self, shutdown: &CancellationToken) -> Result<(), WorkerError> {
        service::run(&self.ranges, self.limits, shutdown).await
    }
}

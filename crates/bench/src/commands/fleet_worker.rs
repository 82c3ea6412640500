//! `quire-bench fleet-worker`: a worker whose pages cost a fixed time and hold nothing.
//!
//! Intake, document cache, range files, progress and settlement are those of
//! `quire-worker`; only the reader stands in. What is measured with it is the
//! fleet around the networks. Configured as `quire-worker` is.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use async_trait::async_trait;
use quire_cli::{config::Config, fleet};
use quire_ports::QueueLimits;
use quire_proto::record::{ModeReason, PageMode, PageRecord, PageStatus, Provenance};
use quire_worker::{
    DocumentCache, Documents, Place, ReadPages, ServiceLimits, Worker,
    page::{PageStop, PageTask, ReadPage},
};
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Options of `quire-bench fleet-worker`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// What a page costs, in milliseconds.
    #[arg(long, default_value_t = 20)]
    ms_per_page: u64,
    /// Pages at the same time.
    #[arg(long, default_value = "1")]
    lanes: NonZeroUsize,
    /// A page that takes the process along
    #[arg(long, value_name = "PAGE")]
    dies_on: Option<u32>,
}

/// What a worker has done, written to stdout at its end.
#[derive(Debug, Serialize)]
struct Report {
    pages: u64,
    seconds: f64,
}

/// Works until a signal.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let config = Config::load(None)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
    let report = runtime.block_on(work(&config, options))?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(true)
}

async fn work(config: &Config, options: &Options) -> anyhow::Result<Report> {
    let shutdown = CancellationToken::new();
    let signals = tokio::spawn(quire_runtime::cancel_on_signal(shutdown.clone()));
    let ranges = config.pipeline.ranges();
    let ports =
        fleet::connect(config, QueueLimits { prefetch: ranges.get(), ..QueueLimits::default() }).await?;
    let folder = config.worker.cache_folder(&config.assets);
    let cache = DocumentCache::open(folder, config.worker.cache_bytes.as_u64())?;
    let documents = Documents::new(ports.store.clone(), Place::Cache(cache), None);
    let reader = Arc::new(FixedCost {
        cost: Duration::from_millis(options.ms_per_page),
        lanes: Semaphore::new(options.lanes.get()),
        pages: AtomicU64::new(0),
        dies_on: options.dies_on,
    });
    let limits = ServiceLimits { ranges, grace: config.pipeline.drain, stall: config.pipeline.stall };
    let worker = Worker::with_reader(ports, documents, reader.clone(), config.profile()?, limits);
    let started = Instant::now();
    worker.run(&shutdown).await?;
    signals.abort();
    Ok(Report { pages: reader.pages.load(Relaxed), seconds: started.elapsed().as_secs_f64() })
}

/// Takes the same time for each page.
struct FixedCost {
    cost: Duration,
    lanes: Semaphore,
    pages: AtomicU64,
    dies_on: Option<u32>,
}

#[async_trait]
impl ReadPages for FixedCost {
    async fn read(&self, task: &PageTask, shutdown: &CancellationToken) -> Result<ReadPage, PageStop> {
        let _lane = tokio::select! {
            biased;
            () = shutdown.cancelled() => return Err(PageStop::Interrupted),
            lane = self.lanes.acquire() => lane.ok(),
        };
        if self.dies_on == Some(task.page.get()) {
            // As a driver or an out-of-memory killer would: nothing is said and nothing is tidied up.
            std::process::abort();
        }
        tokio::time::sleep(self.cost).await;
        self.pages.fetch_add(1, Relaxed);
        Ok(ReadPage { record: record(task), figures: Vec::new() })
    }
}

fn record(task: &PageTask) -> PageRecord {
    PageRecord {
        mode: PageMode::Text,
        mode_reason: ModeReason::CleanTextLayer,
        provenance: Provenance { profile: Some(task.profile), ..Provenance::default() },
        ..PageRecord::empty(task.document, task.page, PageStatus::Done)
    }
}

//! `quire-bench fleet-worker`: a worker whose pages cost a fixed time and hold nothing.
//!
//! Intake, document cache, range files, progress and settlement are those of
//! `quire-worker`; only the reader stands in. What is measured with it is the
//! fleet around the networks. Configured as `quire-worker` is.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    num::NonZeroUsize,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
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
use serde::{Deserialize, Serialize};
use tokio::{sync::Semaphore, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::fleet::timed::{Stopwatch, Timing, timed};

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
    /// Times every call to queue, store and progress, for the report at the end
    #[arg(long)]
    timed: bool,
    /// Writes the number of pages read so far to stdout, four times a second
    #[arg(long)]
    tick: bool,
    /// File to which every page that was read is added
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

/// What a worker has done, written to stdout at its end.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// Pages that were read.
    pub pages: u64,
    /// Seconds that it ran.
    pub seconds: f64,
    /// Seconds from its first page to its last.
    pub busy: f64,
    /// Time of each kind of call.
    pub timings: Option<BTreeMap<String, Timing>>,
}

/// Pages at a moment.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Tick {
    /// Seconds since 1970.
    pub at: f64,
    /// Pages that were read.
    pub pages: u64,
}

/// Calls of each kind that are left out: connections are opened and documents fetched.
const WARM_UP: usize = 20;

const TICK: Duration = Duration::from_millis(250);

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
    let service = ServiceLimits::new(&config.pipeline);
    let limits = QueueLimits { prefetch: service.ranges.get(), ..QueueLimits::default() };
    let (mut ports, watch) = (fleet::connect(config, limits).await?, Stopwatch::default());
    if options.timed {
        ports = timed(ports, &watch);
    }
    let folder = config.worker.cache_folder(&config.assets);
    let cache = DocumentCache::open(folder, config.worker.cache_bytes.as_u64())?;
    let documents = Documents::new(ports.store.clone(), Place::Cache(cache), None);
    let reader = Arc::new(FixedCost {
        cost: Duration::from_millis(options.ms_per_page),
        lanes: Semaphore::new(options.lanes.get()),
        pages: AtomicU64::new(0),
        busy: Mutex::new(None),
        dies_on: options.dies_on,
        journal: options
            .journal
            .as_ref()
            .map(|path| File::options().create(true).append(true).open(path))
            .transpose()?,
    });
    let ticks = options.tick.then(|| tokio::spawn(tick(reader.clone())));
    let worker = Worker::new(ports, documents, reader.clone(), config.profile()?, service);
    let started = Instant::now();
    worker.run(&shutdown).await?;
    signals.abort();
    ticks.iter().for_each(JoinHandle::abort);
    Ok(Report {
        pages: reader.pages.load(Relaxed),
        seconds: started.elapsed().as_secs_f64(),
        busy: reader.busy_time().as_secs_f64(),
        timings: options.timed.then(|| watch.timings(WARM_UP)),
    })
}

async fn tick(reader: Arc<FixedCost>) {
    loop {
        tokio::time::sleep(TICK).await;
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let tick = Tick { at, pages: reader.pages.load(Relaxed) };
        // Whoever does not listen any more misses nothing.
        drop(serde_json::to_string(&tick).map(|line| writeln!(io::stdout(), "{line}")));
    }
}

/// Takes the same time for each page.
struct FixedCost {
    cost: Duration,
    lanes: Semaphore,
    pages: AtomicU64,
    /// When the first page began, and when the last one ended.
    busy: Mutex<Option<(Instant, Instant)>>,
    dies_on: Option<u32>,
    journal: Option<File>,
}

impl FixedCost {
    fn busy_time(&self) -> Duration {
        let busy = *self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.map_or(Duration::ZERO, |(first, last)| last - first)
    }

    fn note(&self, task: &PageTask, began: Instant) {
        self.pages.fetch_add(1, Relaxed);
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        *busy = Some((busy.map_or(began, |(first, _)| first), Instant::now()));
        if let Some(mut journal) = self.journal.as_ref() {
            // One write, so that a killed worker leaves no half of a line.
            let line = format!("{} {}\n", task.document, task.page);
            drop(journal.write_all(line.as_bytes()));
        }
    }
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
        let began = Instant::now();
        // Even a sleep of nothing takes up to a millisecond.
        if !self.cost.is_zero() {
            tokio::time::sleep(self.cost).await;
        }
        self.note(task, began);
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

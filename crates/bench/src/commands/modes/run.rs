//! One run: all pages in flight, under a schedule.

use std::{
    fs,
    num::NonZeroUsize,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use bytesize::ByteSize;
use futures_util::{StreamExt, stream::FuturesUnordered};
use quire_cli::{
    config::Config,
    machine::{self, PageReading},
};
use quire_proto::{
    DocumentId, PageNumber,
    profile::{ProcessingOptions, TextMode},
    record::{Block, PageStatus},
};
use quire_render::SourceFile;
use quire_worker::{
    PipelineConfig,
    engine::EngineLimits,
    page::PageTask,
    schedule::Schedule,
    trace::{Timeline, Trace},
};
use tokio_util::sync::CancellationToken;

use super::Options;

/// Reads pages, again and again.
pub(super) struct Bench {
    reading: PageReading,
    trace: Trace,
    pipeline: PipelineConfig,
    tasks: Vec<PageTask>,
    /// From the start until models were warm.
    pub(super) ready: Duration,
    /// What the first run read; every other run must read the same.
    first: Option<Vec<Vec<Block>>>,
}

/// One run.
pub(super) struct Measured {
    pub(super) name: &'static str,
    pub(super) timeline: Timeline,
    wall: Duration,
    first_page: Duration,
    peak_mib: f64,
    pages: usize,
    failed: usize,
}

impl Bench {
    pub(super) async fn start(
        mut config: Config,
        document: &Path,
        options: &Options,
    ) -> anyhow::Result<Self> {
        let begun = Instant::now();
        // A barrier holds every page at once: all must fit, or it would never open.
        let per_page = ByteSize::mib(60).as_u64() * u64::from(options.dpi).pow(2) / 40_000;
        let all = ByteSize(per_page * options.pages.get() as u64);
        config.pipeline.page_memory = Some(config.pipeline.page_memory().max(all));
        // What one mode settles on would be the start of the next.
        config.pipeline.tune = options.tune;
        let trace = Trace::on();
        let reading = machine::page_reader(&config, trace.clone()).await?;
        let source =
            SourceFile::open(document, None).with_context(|| format!("open {}", document.display()))?;
        let pages =
            reading.render.open(&source).await.with_context(|| format!("open {}", document.display()))?.pages;
        let mode = if options.text_layer { TextMode::Auto } else { TextMode::Force };
        let task = |at: usize| PageTask {
            document: DocumentId::from_digest([0; 32]),
            profile: reading.profile.id(),
            options: ProcessingOptions { dpi: options.dpi, mode, ..ProcessingOptions::default() },
            page: PageNumber::new(at as u32 % pages.max(1) + 1).unwrap_or(PageNumber::FIRST),
            source: source.clone(),
        };
        let tasks = (0..options.pages.get()).map(task).collect();
        Ok(Self { reading, trace, pipeline: config.pipeline, tasks, ready: begun.elapsed(), first: None })
    }

    pub(super) fn describe(&self) -> String {
        format!(
            "{} pages at {} dpi on {}",
            self.tasks.len(),
            self.tasks[0].options.dpi,
            self.reading.provider
        )
    }

    pub(super) fn is_gpu(&self) -> bool {
        self.reading.provider.is_accelerator()
    }

    /// Micro-batches of at most `size` items from now on.
    pub(super) fn batch(&mut self, size: NonZeroUsize) {
        self.pipeline.batch_pages = Some(size);
        self.pipeline.batch_lines = Some(size);
        self.reading.reader.set_limits(&EngineLimits::new(&self.pipeline));
    }

    /// The run of `repeat` whose time is in the middle.
    pub(super) async fn median(
        &mut self,
        name: &'static str,
        start: &dyn Fn() -> Schedule,
        repeat: usize,
    ) -> anyhow::Result<Measured> {
        let mut runs = Vec::new();
        for _ in 0..repeat.max(1) {
            runs.push(self.run(name, start()).await?);
        }
        runs.sort_by_key(|run| run.wall);
        Ok(runs.swap_remove(runs.len() / 2))
    }

    /// Reads all pages under `schedule`.
    ///
    /// # Errors
    /// When a page is not read, or reads otherwise than in the first run.
    pub(super) async fn run(&mut self, name: &'static str, schedule: Schedule) -> anyhow::Result<Measured> {
        let reader = self.reading.reader.with_schedule(schedule);
        let never = CancellationToken::new();
        drop(self.trace.take());
        reset_peak();
        let (begun, mut first_page) = (Instant::now(), None);
        let mut reading: FuturesUnordered<_> = (self.tasks.iter().enumerate())
            .map(|(at, task)| {
                let (reader, task, never) = (reader.clone(), task.clone(), never.clone());
                tokio::spawn(async move { (at, reader.read(&task, &never).await) })
            })
            .collect();
        let (mut blocks, mut failed) = (vec![Vec::new(); self.tasks.len()], 0);
        while let Some(read) = reading.next().await {
            let (at, page) = read?;
            let record = page?.record;
            first_page.get_or_insert_with(|| begun.elapsed());
            failed += usize::from(record.status == PageStatus::Failed);
            blocks[at] = record.blocks;
        }
        let wall = begun.elapsed();
        let timeline = self.trace.take();
        let first = self.first.get_or_insert_with(|| blocks.clone());
        let other = first.iter().zip(&blocks).position(|(first, now)| text_of(first) != text_of(now));
        ensure!(other.is_none(), "{name} reads page {} otherwise than the first run", other.unwrap_or(0) + 1);
        let first_page = first_page.unwrap_or_default();
        let pages = self.tasks.len();
        Ok(Measured { name, timeline, wall, first_page, peak_mib: peak_mib(), pages, failed })
    }

    pub(super) async fn end(self) {
        self.reading.render.shutdown().await;
    }
}

/// All that a page says, in order.
fn text_of(blocks: &[Block]) -> Vec<&str> {
    blocks.iter().flat_map(|block| &block.lines).map(|line| line.text.as_str()).collect()
}

impl Measured {
    pub(super) fn pages_per_second(&self) -> f64 {
        self.pages as f64 / self.wall.as_secs_f64().max(1e-9)
    }

    pub(super) fn row(&self) -> Vec<String> {
        vec![
            self.name.to_owned(),
            format!("{:.2}", self.wall.as_secs_f64()),
            format!("{:.2}", self.pages_per_second()),
            format!("{:.2}", self.first_page.as_secs_f64()),
            format!("{:.0} %", 100.0 * self.timeline.networks_busy()),
            format!("{:.0}", self.peak_mib),
            format!("{} of {}", self.pages - self.failed, self.pages),
        ]
    }

    pub(super) fn picture(&self) -> String {
        let (wall, pace) = (self.wall.as_secs_f64(), self.pages_per_second());
        let sentence = self.timeline.sentence();
        self.timeline.svg(&format!("{}: {wall:.2} s, {pace:.2} pages/s, {sentence}", self.name))
    }
}

/// Lets the kernel count the highest memory anew. Where it will not, the peak is that of the whole process.
fn reset_peak() {
    drop(fs::write("/proc/self/clear_refs", "5"));
}

/// Highest resident memory of this process since then, in MiB.
fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib / 1024.0)
}

//! `quire-bench fleet million`: a job of a million pages, and what it does to the broker and the coordinator.

use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::{
    fleet::{Common, Process, Services, documents, report},
    report::{Bar, markdown_table},
};

/// Most ranges on the queue and at workers: `[coordinator] window`.
const WINDOW: f64 = 256.0;
/// Most memory of the coordinator, in MiB.
const MEMORY_MIB: f64 = 300.0;
/// Longest from the acceptance of the job to its first page, in seconds.
const FIRST_PAGE: f64 = 2.0;

/// Between two looks at the queue, each of which starts an Erlang machine.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Options of `quire-bench fleet million`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    common: Common,
    /// Documents of the job.
    #[arg(long, default_value_t = 100)]
    documents: usize,
    /// Pages of each.
    #[arg(long, default_value_t = 10_000)]
    pages: usize,
    /// Workers, whose pages cost nothing.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Longest that the job may take, in seconds.
    #[arg(long, default_value_t = 1800)]
    limit: u64,
}

/// What was seen of the job.
struct Seen {
    sent: Duration,
    first_page: Duration,
    whole: Duration,
    depth: u64,
    memory_mib: f64,
    cpu: [Duration; 2],
    done: u64,
}

/// Runs the command; whether all bars hold.
pub(super) fn run(options: &Options) -> anyhow::Result<bool> {
    let seen = measure(options)?;
    let pages = (options.documents * options.pages) as f64;
    let ranges = pages / 16.0;
    let rows = [
        ("documents sent and job accepted, s", seen.sent.as_secs_f64()),
        ("from there to the first page, s", seen.first_page.as_secs_f64()),
        ("from there to the manifest, s", seen.whole.as_secs_f64()),
        ("pages/s", pages / seen.whole.as_secs_f64()),
        ("most ranges on the queue and at workers", seen.depth as f64),
        ("most memory of the coordinator, MiB", seen.memory_mib),
        ("processor time of the coordinator, ms per range", seen.cpu[0].as_secs_f64() * 1000.0 / ranges),
        ("processor time of the workers, ms per range", seen.cpu[1].as_secs_f64() * 1000.0 / ranges),
    ];
    let rows = rows.map(|(what, value)| vec![what.to_owned(), format!("{value:.1}")]);
    let how = format!(
        "{} documents of {} pages in one job, {} workers whose pages cost nothing; coordinator, RabbitMQ, Redis and an S3 \
         server in memory on the same machine.",
        options.documents, options.pages, options.workers
    );
    let bars = [
        Bar::at_least("pages done", seen.done as f64, pages),
        Bar::at_most("ranges on the queue and at workers", seen.depth as f64, WINDOW),
        Bar::at_most("memory of the coordinator, MiB", seen.memory_mib, MEMORY_MIB),
        Bar::at_most("seconds to the first page", seen.first_page.as_secs_f64(), FIRST_PAGE),
    ];
    report::finish(&options.common, "million", &how, &markdown_table(&["figure", "value"], &rows), &bars)
}

fn measure(options: &Options) -> anyhow::Result<Seen> {
    let mut services = Services::start(&options.common)?;
    let mut ground = services.ground()?;
    let folder = ground.path("in");
    documents::write(&folder, options.documents, options.pages)?;
    let mut coordinator = ground.coordinator()?;
    let started = (0..options.workers).map(|_| ground.worker(8, &["--ms-per-page", "0", "--lanes", "1000"]));
    let mut workers: Vec<Process> = started.collect::<anyhow::Result<_>>()?;

    let sending = Instant::now();
    let job = ground.submit(&folder)?.job;
    let (sent, accepted) = (sending.elapsed(), Instant::now());
    while services.s3.objects_ending(".jsonl.zst") == 0 {
        ensure!(accepted.elapsed() < Duration::from_secs(60), "no page is read");
        std::thread::sleep(Duration::from_millis(5));
    }
    let first_page = accepted.elapsed();

    let mut depth = 0;
    let mut looked = Instant::now();
    let ended = ground.finish(&job, Duration::from_secs(options.limit), || {
        coordinator.lives()?;
        workers.iter_mut().try_for_each(Process::lives)?;
        if looked.elapsed() >= LOOK_EVERY {
            depth = depth.max(on_the_queue(&services, ground.queues())?);
            looked = Instant::now();
        }
        std::thread::sleep(Duration::from_secs(1));
        Ok(())
    })?;
    let whole = accepted.elapsed();
    let cpu = workers.iter().map(Process::cpu_time).sum::<anyhow::Result<Duration>>()?;
    let memory_mib = coordinator.peak_memory()? as f64 / 1_048_576.0;
    let cpu = [coordinator.cpu_time()?, cpu];
    Ok(Seen { sent, first_page, whole, depth, memory_mib, cpu, done: ended.pages.done })
}

/// Messages of these queues, ready and lent.
fn on_the_queue(services: &Services, queues: &str) -> anyhow::Result<u64> {
    let listed = services.broker.ctl(&["list_queues", "name", "messages"])?;
    let lines = listed.lines().filter(|line| line.starts_with(&format!("{queues}.")));
    Ok(lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).sum())
}

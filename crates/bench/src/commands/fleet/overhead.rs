//! `quire-bench fleet overhead`: one worker, ranges whose pages cost nothing, every call timed.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;

use crate::{
    commands::fleet_worker::Report,
    fleet::{
        Common, Services, documents, report,
        timed::{RECEIVE, SLOT, Timing},
    },
    report::{Bar, markdown_table},
};

/// Most time that a range may keep a worker busy beside its pages, in milliseconds.
const OVERHEAD_MS: f64 = 5.0;

/// Pages in a range of a fleet.
const RANGE: usize = 16;

/// No run takes this long; this only ends one that hangs.
const LIMIT: Duration = Duration::from_mins(5);

/// Options of `quire-bench fleet overhead`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    common: Common,
    /// Ranges in each run.
    #[arg(long, default_value_t = 1000)]
    ranges: usize,
}

/// One way to run a worker.
struct Way {
    name: &'static str,
    /// Ranges held at once.
    held: usize,
    /// What a page costs, in milliseconds; all pages of a range at the same time.
    page_ms: u32,
}

const WAYS: [Way; 3] = [
    Way { name: "one range at a time, pages cost nothing", held: 1, page_ms: 0 },
    Way { name: "two ranges at a time, pages cost nothing", held: 2, page_ms: 0 },
    Way { name: "two ranges at a time, 50 ms of pages each", held: 2, page_ms: 50 },
];

/// Runs the command; whether all bars hold.
pub(super) fn run(options: &Options) -> anyhow::Result<bool> {
    let mut services = Services::start(&options.common)?;
    let reports: Vec<Report> =
        WAYS.iter().map(|way| measure(&mut services, way, options.ranges)).collect::<anyhow::Result<_>>()?;
    let first =
        reports.first().and_then(|report| report.timings.as_ref()).context("a worker reports times")?;
    let slot = first.get(SLOT).map_or(f64::NAN, |timing| timing.mean * 1000.0);
    let table = format!("{}\n{}", ways(&reports), calls(first));
    let how = format!(
        "One worker, a coordinator, RabbitMQ, Redis and an S3 server in memory on one machine; {} ranges of {RANGE} pages for \
         each row. A slot is busy from the arrival of a range until it is settled; the next range is waited for after \
         that, unless another is held already.",
        options.ranges
    );
    let bars = [Bar::at_most("worker time per range beside its pages, ms", slot, OVERHEAD_MS)];
    report::finish(&options.common, "overhead", &how, &table, &bars)
}

fn measure(services: &mut Services, way: &Way, ranges: usize) -> anyhow::Result<Report> {
    let mut ground = services.ground()?;
    let folder = ground.path("in");
    documents::write(&folder, 4, ranges * RANGE / 4)?;
    let _coordinator = ground.coordinator()?;
    let cost = way.page_ms.to_string();
    let mut worker = ground.worker(way.held, &["--timed", "--ms-per-page", &cost, "--lanes", "1000"])?;
    let job = ground.submit(&folder)?.job;
    ground.finish(&job, LIMIT, || {
        std::thread::sleep(Duration::from_millis(500));
        worker.lives()
    })?;
    let said = worker.stop()?;
    serde_json::from_str(said.lines().next_back().unwrap_or_default()).context("read the worker's report")
}

fn ways(reports: &[Report]) -> String {
    let rows = WAYS.iter().zip(reports).map(|(way, report)| {
        let timings = report.timings.as_ref();
        let ms = |what: &str| timings.and_then(|all| all.get(what)).map_or(f64::NAN, |t| t.mean * 1000.0);
        let ranges = report.pages as f64 / RANGE as f64;
        let wall = report.busy * 1000.0 / ranges;
        let cells =
            [ms(SLOT), ms(SLOT) - f64::from(way.page_ms), ms(RECEIVE), wall].map(|ms| format!("{ms:.2}"));
        std::iter::once(way.name.to_owned()).chain(cells).collect()
    });
    let header = ["ms per range", "slot busy", "beside pages", "wait for the next", "wall"];
    markdown_table(&header, &rows.collect::<Vec<Vec<String>>>())
}

/// Where the time of the first way goes. Both `head` calls of a range are made at once.
fn calls(timings: &BTreeMap<String, Timing>) -> String {
    let ranges = timings.get(SLOT).map_or(1, |slot| slot.calls) as f64;
    let made = timings.iter().filter(|(_, timing)| timing.calls > 0);
    let rows = made.map(|(what, timing)| {
        let [mean, p99] = [timing.mean, timing.p99].map(|seconds| format!("{:.2}", seconds * 1000.0));
        vec![what.clone(), format!("{:.2}", timing.calls as f64 / ranges), mean, p99]
    });
    markdown_table(&["call", "per range", "mean ms", "p99 ms"], &rows.collect::<Vec<_>>())
}

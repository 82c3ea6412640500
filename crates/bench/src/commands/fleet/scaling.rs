//! `quire-bench fleet scaling`: the rate of many workers over that of one.

use std::time::Duration;

use anyhow::{Context, ensure};

use crate::{
    commands::fleet_worker::Tick,
    fleet::{Common, Process, Services, documents, report},
    report::{Bar, markdown_table},
};

/// Least of N times the rate of one worker that N workers must reach.
const EFFICIENCY: f64 = 0.95;

/// Longest until every worker has read a page.
const STARTED_WITHIN: Duration = Duration::from_secs(60);

/// Between the first pages of all workers and the measurement.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// Options of `quire-bench fleet scaling`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    common: Common,
    /// What a page costs, in milliseconds.
    #[arg(long, default_value_t = 20)]
    ms_per_page: u32,
    /// Seconds that each number of workers is measured.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// Numbers of workers; the first is what the others are compared with.
    #[arg(long, value_delimiter = ',', default_value = "1,2,4,8,16")]
    workers: Vec<usize>,
}

/// Runs the command; whether all bars hold.
pub(super) fn run(options: &Options) -> anyhow::Result<bool> {
    let mut services = Services::start(&options.common)?;
    let mut rates = Vec::new();
    for workers in &options.workers {
        rates.push((*workers, measure(&mut services, options, *workers)?));
    }
    let (first, alone) = *rates.first().context("no number of workers")?;
    let one = alone / first as f64;
    let rows = rates.iter().map(|(workers, rate)| {
        vec![workers.to_string(), format!("{rate:.1}"), format!("{:.3}", rate / (*workers as f64 * one))]
    });
    let table = markdown_table(&["workers", "pages/s", "of N times one"], &rows.collect::<Vec<_>>());
    let how = format!(
        "Workers of one lane whose pages cost {} ms, each a process, two ranges held at once; coordinator, RabbitMQ, \
         Redis and an S3 server in memory on the same machine. Each worker counts its pages; {} s from when all of them work.",
        options.ms_per_page, options.seconds
    );
    let bars = rates.iter().skip(1).map(|(workers, rate)| {
        Bar::at_least(
            format!("{workers} workers, of N times one"),
            rate / (*workers as f64 * one),
            EFFICIENCY,
        )
    });
    report::finish(&options.common, "scaling", &how, &table, &bars.collect::<Vec<_>>())
}

/// Pages per second of this many workers together.
fn measure(services: &mut Services, options: &Options, workers: usize) -> anyhow::Result<f64> {
    let mut ground = services.ground()?;
    let folder = ground.path("in");
    let each = (options.seconds + 30) * 1000 / u64::from(options.ms_per_page.max(1));
    documents::write(&folder, workers, usize::try_from(each)?)?;
    let _coordinator = ground.coordinator()?;
    let cost = options.ms_per_page.to_string();
    let started = (0..workers).map(|_| ground.worker(2, &["--tick", "--ms-per-page", &cost]));
    let mut running: Vec<Process> = started.collect::<anyhow::Result<_>>()?;
    ground.submit(&folder)?;
    all_work(&mut running)?;
    std::thread::sleep(SETTLED_AFTER + Duration::from_secs(options.seconds));
    running.iter().map(|worker| rate(&ticks(worker), options.seconds)).sum()
}

fn all_work(workers: &mut [Process]) -> anyhow::Result<()> {
    let deadline = std::time::Instant::now() + STARTED_WITHIN;
    for worker in workers {
        while ticks(worker).last().is_none_or(|tick| tick.pages == 0) {
            worker.lives()?;
            ensure!(std::time::Instant::now() < deadline, "a worker gets no page");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    Ok(())
}

fn ticks(worker: &Process) -> Vec<Tick> {
    worker.said().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Pages per second over the last `seconds`.
fn rate(ticks: &[Tick], seconds: u64) -> anyhow::Result<f64> {
    let last = ticks.last().context("a worker says nothing")?;
    let first = ticks.iter().find(|tick| tick.at + seconds as f64 >= last.at).unwrap_or(last);
    ensure!(last.at > first.at, "a worker says too little");
    Ok((last.pages - first.pages) as f64 / (last.at - first.at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_that_of_the_last_seconds() {
        let ticks = [(0.0, 0), (10.0, 5), (20.0, 25), (30.0, 45)].map(|(at, pages)| Tick { at, pages });

        assert_eq!(rate(&ticks, 20).unwrap(), 2.0);
        assert!(rate(&ticks[..1], 20).is_err());
    }
}

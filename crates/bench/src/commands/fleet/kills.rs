//! `quire-bench fleet kills`: workers are killed at random, and every page is there once.

use std::{collections::HashMap, fs, time::Duration};

use anyhow::ensure;

use crate::{
    fleet::{Common, Ground, Process, Services, documents, report},
    report::{Bar, markdown_table},
};

/// Pages in a range of a fleet, the most that a kill may cost.
const RANGE: f64 = 16.0;

/// Longest until the job ends after the last kill.
const LIMIT: Duration = Duration::from_mins(5);

/// Options of `quire-bench fleet kills`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    common: Common,
    /// How often a worker is killed.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Workers at the same time.
    #[arg(long, default_value_t = 3)]
    workers: usize,
    /// Pages of the job.
    #[arg(long, default_value_t = 20_000)]
    pages: usize,
    /// What a page costs, in milliseconds.
    #[arg(long, default_value_t = 10)]
    ms_per_page: u32,
    /// Seed of the moments and the victims.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the command; whether all bars hold.
pub(super) fn run(options: &Options) -> anyhow::Result<bool> {
    let mut services = Services::start(&options.common)?;
    let mut ground = services.ground()?;
    let folder = ground.path("in");
    documents::write(&folder, 4, options.pages / 4)?;
    let journal = ground.path("journal");
    let _coordinator = ground.coordinator()?;
    let mut workers = Vec::new();
    for _ in 0..options.workers {
        workers.push(worker(&mut ground, options)?);
    }
    let job = ground.submit(&folder)?.job;
    let mut random = fastrand::Rng::with_seed(options.seed);
    for kill in 0..options.kills {
        std::thread::sleep(Duration::from_millis(random.u64(200..700)));
        let pages = ground.status(&job)?;
        ensure!(pages.phase != "finished", "the job ended after {kill} kills: give it more pages");
        let victim = random.usize(..workers.len());
        workers[victim].kill()?;
        workers[victim] = worker(&mut ground, options)?;
    }
    ground.finish(&job, LIMIT, || {
        workers.iter_mut().try_for_each(Process::lives)?;
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    })?;
    let verified = ground.verify(&job)?;
    tell(options, &verified, &fs::read_to_string(journal)?)
}

fn worker(ground: &mut Ground, options: &Options) -> anyhow::Result<Process> {
    let (cost, journal) = (options.ms_per_page.to_string(), ground.path("journal").display().to_string());
    ground.worker(2, &["--ms-per-page", &cost, "--journal", &journal])
}

fn tell(options: &Options, verified: &crate::fleet::Verified, journal: &str) -> anyhow::Result<bool> {
    let (pages, kills) = (options.pages as f64, f64::from(options.kills));
    let redone = read_again(journal) as f64;
    let lost = pages - verified.pages.done as f64;
    let doubled = verified.pages.submitted() as f64 - pages;
    let rows = [
        ("kills", kills),
        ("pages", pages),
        ("pages lost", lost),
        ("pages doubled", doubled),
        ("pages read again", redone),
        ("the same, for each kill", redone / kills),
        ("objects that hold the pages", verified.objects as f64),
    ];
    let rows = rows.map(|(what, value)| vec![what.to_owned(), format!("{value:.1}")]);
    let how = format!(
        "{} workers of one lane whose pages cost {} ms, two ranges held at once; every 0.2 to 0.7 s one of them is killed \
         and another started (seed {}). The result is read back with `quire verify`.",
        options.workers, options.ms_per_page, options.seed
    );
    let bars = [
        Bar::at_most("pages lost", lost, 0.0),
        Bar::at_most("pages doubled", doubled, 0.0),
        Bar::at_most("results that are not sound", f64::from(u8::from(!verified.sound)), 0.0),
        Bar::at_most("pages read again for each kill", redone / kills, RANGE),
    ];
    report::finish(&options.common, "kills", &how, &markdown_table(&["figure", "value"], &rows), &bars)
}

/// Readings beyond the first of each page.
fn read_again(journal: &str) -> usize {
    let mut readings: HashMap<&str, usize> = HashMap::new();
    journal.lines().for_each(|page| *readings.entry(page).or_default() += 1);
    readings.values().map(|times| times - 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_was_read_three_times_was_read_again_twice() {
        assert_eq!(read_again("a 1\na 2\na 1\nb 1\na 1\n"), 2);
    }
}

//! How far a job is and how fast it goes, as the process that runs it knows.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use quire_proto::{JobId, Ledger};
use tokio::time::Instant;

/// Time over which a rate is taken.
const SPAN: Duration = Duration::from_secs(30);

/// Time between two samples.
const STEP: Duration = Duration::from_secs(1);

/// The gauges of the jobs that run in this process. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gauges(Arc<Mutex<HashMap<JobId, Weak<Gauge>>>>);

impl Gauges {
    /// The gauge of a job that begins to run.
    pub(crate) fn of(&self, job: JobId) -> Arc<Gauge> {
        let mut gauges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gauges.retain(|_, gauge| gauge.strong_count() > 0);
        gauges.get(&job).and_then(Weak::upgrade).unwrap_or_else(|| {
            let gauge = Arc::new(Gauge::default());
            gauges.insert(job, Arc::downgrade(&gauge));
            gauge
        })
    }

    /// The gauge of a job, while it runs here.
    pub(crate) fn get(&self, job: JobId) -> Option<Arc<Gauge>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&job)?.upgrade()
    }
}

/// Pages by state, and pages per second.
#[derive(Debug, Default)]
pub struct Gauge(Mutex<Reading>);

#[derive(Debug, Default)]
struct Reading {
    ledger: Ledger,
    /// When how many pages were decided.
    samples: VecDeque<(Instant, u64)>,
}

impl Gauge {
    /// Takes note of where the job is now.
    pub(crate) fn set(&self, ledger: Ledger, now: Instant) {
        let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reading.ledger = ledger;
        if reading.samples.back().is_none_or(|(at, _)| now.duration_since(*at) >= STEP) {
            reading.samples.push_back((now, ledger.decided()));
        }
        while reading.samples.front().is_some_and(|(at, _)| now.duration_since(*at) > SPAN) {
            reading.samples.pop_front();
        }
    }

    /// Pages by state.
    pub fn ledger(&self) -> Ledger {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).ledger
    }

    /// Pages per second of late; `None` before there is anything to tell.
    pub fn rate(&self) -> Option<f64> {
        let reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = reading.samples.iter().find(|(at, _)| at.elapsed() <= SPAN)?;
        let seconds = recent.0.elapsed().as_secs_f64();
        let pages = reading.ledger.decided().saturating_sub(recent.1);
        (seconds >= 1.0).then(|| pages as f64 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_rate_is_that_of_late() {
        let gauge = Gauge::default();
        let ledger = |done| Ledger { done, pending: 1000 - done, ..Ledger::default() };
        gauge.set(ledger(0), Instant::now());
        assert_eq!(gauge.rate(), None);

        for second in 1..=100 {
            tokio::time::advance(STEP).await;
            gauge.set(ledger(second * 2), Instant::now());
        }

        assert_eq!(gauge.ledger().done, 200);
        assert!((gauge.rate().unwrap() - 2.0).abs() < 0.1, "{:?}", gauge.rate());
    }
}

//! Where the time of a stage goes: calls, items, seconds busy.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// Counts what one model does; clones share the counters.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    threads: AtomicU64,
    batches: AtomicU64,
    items: AtomicU64,
    cost: AtomicU64,
    busy_micros: AtomicU64,
    held_micros: AtomicU64,
}

/// What a [`Meter`] counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Threads that run the model.
    pub threads: u64,
    /// Batches run.
    pub batches: u64,
    /// Items in them.
    pub items: u64,
    /// What the items cost, in the unit of the model: pixels.
    pub cost: u64,
    /// Time spent inside the model.
    pub busy: Duration,
    /// Time that its threads held items back, to wait for company.
    pub held: Duration,
}

impl Meter {
    /// Says how many threads run the model.
    pub fn threads(&self, threads: usize) {
        self.0.threads.store(threads as u64, Relaxed);
    }

    /// Counts a batch of `items` that took `busy`.
    pub fn batch(&self, items: usize, busy: Duration) {
        self.0.batches.fetch_add(1, Relaxed);
        self.0.items.fetch_add(items as u64, Relaxed);
        self.0.busy_micros.fetch_add(micros(busy), Relaxed);
    }

    /// Counts what the items of a batch cost, and how long a thread held them back.
    pub fn held(&self, cost: usize, held: Duration) {
        self.0.cost.fetch_add(cost as u64, Relaxed);
        self.0.held_micros.fetch_add(micros(held), Relaxed);
    }

    /// What was counted so far.
    pub fn read(&self) -> Reading {
        let time = |micros: &AtomicU64| Duration::from_micros(micros.load(Relaxed));
        Reading {
            threads: self.0.threads.load(Relaxed),
            batches: self.0.batches.load(Relaxed),
            items: self.0.items.load(Relaxed),
            cost: self.0.cost.load(Relaxed),
            busy: time(&self.0.busy_micros),
            held: time(&self.0.held_micros),
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// How much work was under way, integrated over time: also of work that has not ended yet.
#[derive(Debug)]
pub struct Occupancy(Mutex<Occupied>);

#[derive(Debug)]
struct Occupied {
    now: u32,
    since: Instant,
    total: Duration,
}

impl Default for Occupancy {
    fn default() -> Self {
        Self(Mutex::new(Occupied { now: 0, since: Instant::now(), total: Duration::ZERO }))
    }
}

/// Work that is under way until this is dropped.
#[derive(Debug)]
pub struct Working<'a>(&'a Occupancy);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        let mut occupied = self.0.up_to_now();
        occupied.now = occupied.now.saturating_sub(1);
    }
}

impl Occupancy {
    /// Work begins.
    pub fn work(&self) -> Working<'_> {
        self.up_to_now().now += 1;
        Working(self)
    }

    /// Time that all work together took so far.
    pub fn total(&self) -> Duration {
        self.up_to_now().total
    }

    fn up_to_now(&self) -> MutexGuard<'_, Occupied> {
        let mut occupied = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let passed = now.saturating_duration_since(mem::replace(&mut occupied.since, now));
        let work = passed * occupied.now;
        occupied.total += work;
        occupied
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;

    use super::*;

    #[test]
    fn work_that_has_not_ended_counts_and_what_overlaps_counts_twice() {
        let (occupancy, step) = (Occupancy::default(), Duration::from_millis(20));
        let first = occupancy.work();
        sleep(step);

        let second = occupancy.work();
        sleep(step);
        let both = occupancy.total();
        drop((first, second));

        assert!(both >= 3 * step, "{both:?}");
        let ended = occupancy.total();
        sleep(step);
        assert_eq!(occupancy.total(), ended);
    }
}

//! Where the time of a model goes: batches, items, seconds busy.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// Counts what one model does; clones share the counters.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    batches: AtomicU64,
    items: AtomicU64,
    busy_micros: AtomicU64,
}

/// What a [`Meter`] counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Batches run.
    pub batches: u64,
    /// Items in them.
    pub items: u64,
    /// Time spent inside the model.
    pub busy: Duration,
}

impl Meter {
    /// Counts a batch of `items` that took `busy`.
    pub fn batch(&self, items: usize, busy: Duration) {
        self.0.batches.fetch_add(1, Relaxed);
        self.0.items.fetch_add(items as u64, Relaxed);
        self.0.busy_micros.fetch_add(u64::try_from(busy.as_micros()).unwrap_or(u64::MAX), Relaxed);
    }

    /// What was counted so far.
    pub fn read(&self) -> Reading {
        Reading {
            batches: self.0.batches.load(Relaxed),
            items: self.0.items.load(Relaxed),
            busy: Duration::from_micros(self.0.busy_micros.load(Relaxed)),
        }
    }
}

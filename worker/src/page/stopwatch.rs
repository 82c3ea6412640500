//! Where the time of a page went.

use std::{collections::BTreeMap, time::Instant};

/// Milliseconds by stage, waiting included.
#[derive(Debug)]
pub(super) struct Stopwatch {
    since: Instant,
    stages: BTreeMap<String, u64>,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { since: Instant::now(), stages: BTreeMap::new() }
    }

    /// Ends a stage: the time since the last one ended is its.
    pub(super) fn lap(&mut self, stage: &str) {
        let now = Instant::now();
        let spent = u64::try_from((now - self.since).as_millis()).unwrap_or(u64::MAX);
        *self.stages.entry(stage.to_owned()).or_default() += spent;
        self.since = now;
    }

    pub(super) fn finish(self) -> BTreeMap<String, u64> {
        self.stages
    }
}

//! Pauses the intake while a service is away.

use std::time::Duration;

use quire_ports::Backoff;
use tokio::time::{Instant, sleep_until};

/// The first pause; each further outage doubles it.
const SHORTEST: Duration = Duration::from_millis(500);

const LONGEST: Duration = Duration::from_secs(30);

/// Outages in a row, and when to try again.
#[derive(Debug)]
pub(super) struct Breaker {
    outages: Backoff,
    until: Instant,
}

impl Breaker {
    pub(super) fn new() -> Self {
        Self { outages: Backoff::new(SHORTEST, LONGEST), until: Instant::now() }
    }

    /// Something that every range needs was away.
    pub(super) fn trip(&mut self) {
        self.until = Instant::now() + self.outages.pause();
    }

    /// A range went well.
    pub(super) fn reset(&mut self) {
        self.outages.reset();
    }

    /// Ranges that may be at work now: after an outage one finds out for all.
    pub(super) fn at_once(&self, limit: usize) -> usize {
        if self.outages.failures() == 0 { limit } else { 1 }
    }

    /// When the pause ends.
    pub(super) fn until(&self) -> Instant {
        self.until
    }
}

/// Waits for the end of a pause. Cancel safe: the end stands.
pub(super) async fn pause(until: Instant) {
    if until > Instant::now() {
        sleep_until(until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_up_to_a_limit_and_end_with_a_success() {
        let mut breaker = Breaker::new();
        let mut pauses = Vec::new();
        for _ in 0..40 {
            breaker.trip();
            pauses.push(breaker.until() - Instant::now());
        }

        assert!(pauses[0] <= SHORTEST && pauses[39] <= LONGEST && pauses[39] >= LONGEST / 2);
        assert_eq!(breaker.at_once(4), 1);
        breaker.reset();
        assert_eq!(breaker.at_once(4), 4);
    }
}

//! Pauses between attempts: longer each time, and never the same for two processes.

use std::time::Duration;

/// First pause.
const FIRST: Duration = Duration::from_millis(200);

/// Longest pause: an outage that ends is noticed within this time.
const LONGEST: Duration = Duration::from_secs(10);

/// How long to wait before the next attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next pause: up to double the one before, at least half of that.
    pub(crate) fn pause(&mut self) -> Duration {
        let ceiling = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        ceiling.mul_f64(fastrand::f64().mul_add(0.5, 0.5))
    }

    /// An attempt succeeded.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_begin_again() {
        let mut backoff = Backoff::default();

        let pauses: Vec<Duration> = (0..20).map(|_| backoff.pause()).collect();
        backoff.reset();

        assert!(pauses[0] <= FIRST && pauses[19] <= LONGEST && pauses[19] >= LONGEST / 2, "{pauses:?}");
        assert!(backoff.pause() <= FIRST);
    }
}

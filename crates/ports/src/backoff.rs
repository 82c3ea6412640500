//! Pauses between attempts at a service that is away.

use std::time::Duration;

/// Pauses that double up to a limit, and differ between processes, so that those that failed together do not come
/// back together.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    shortest: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    /// Pauses of up to `shortest` at first and up to `longest` in the end.
    pub const fn new(shortest: Duration, longest: Duration) -> Self {
        Self { shortest, longest, failures: 0 }
    }

    /// The pause after one more failure: at least half of its limit.
    pub fn pause(&mut self) -> Duration {
        let ceiling = self.shortest.saturating_mul(1 << self.failures.min(16)).min(self.longest);
        self.failures = self.failures.saturating_add(1);
        jittered(ceiling)
    }

    /// Failures since the last success.
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// An attempt succeeded.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }
}

/// Between half of `most` and all of it.
pub fn jittered(most: Duration) -> Duration {
    most.mul_f64(fastrand::f64().mul_add(0.5, 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORTEST: Duration = Duration::from_millis(200);
    const LONGEST: Duration = Duration::from_secs(10);

    #[test]
    fn pauses_grow_to_a_limit_and_begin_again() {
        let mut backoff = Backoff::new(SHORTEST, LONGEST);

        let pauses: Vec<Duration> = (0..20).map(|_| backoff.pause()).collect();
        backoff.reset();

        assert!(pauses[0] <= SHORTEST && pauses[19] <= LONGEST && pauses[19] >= LONGEST / 2, "{pauses:?}");
        assert!(backoff.pause() <= SHORTEST);
    }
}

//! How often a broker that is away is asked again.

use std::time::Duration;

use quire_ports::Backoff;
use tokio::time::{Instant, sleep_until};

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// When the broker may be asked again.
#[derive(Debug)]
pub(super) struct Pace {
    backoff: Backoff,
    next: Option<Instant>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { backoff: Backoff::new(FIRST_PAUSE, LONGEST_PAUSE), next: None }
    }
}

impl Pace {
    /// Waits until it is time to try. Cancel safe: a wait that is begun again ends at the same time.
    pub(super) async fn wait(&self) {
        if let Some(next) = self.next {
            sleep_until(next).await;
        }
    }

    /// Takes note of a failure: the next wait is longer.
    pub(super) fn failed(&mut self) {
        self.next = Some(Instant::now() + self.backoff.pause());
    }

    /// Takes note of a success: the next wait is none.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_a_bound_and_end_with_a_success() {
        let mut pace = Pace::default();
        let mut longest = Duration::ZERO;

        for _ in 0..20 {
            pace.failed();
            let began = Instant::now();
            pace.wait().await;
            longest = longest.max(began.elapsed());
        }
        pace.succeeded();
        let began = Instant::now();
        pace.wait().await;

        assert!(
            (LONGEST_PAUSE / 2..=LONGEST_PAUSE + Duration::from_millis(2)).contains(&longest),
            "{longest:?}"
        );
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}

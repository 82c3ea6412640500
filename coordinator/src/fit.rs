//! How large the window must be: workers never wait for work, and what waits is short.
//!
//! ```text
//!  on the queue and at workers ─ on the queue = at workers ─▶ four times as many, within bounds
//! ```

use quire_ports::JobQueue;
use tracing::debug;

use crate::window::Window;

/// So many times what workers hold: while one part is read, the next is at hand, with room for what is told late.
const TIMES: usize = 4;

/// Enough to begin with.
pub(crate) const LEAST: usize = 16;

/// Fits the window to what workers hold now, up to `most`. Without an answer of the queue it stays as it is.
pub(crate) async fn fit(window: &Window, queue: &dyn JobQueue, most: usize) {
    let used = window.used();
    match queue.waiting().await {
        Ok(waiting) => window.resize(size(used.saturating_sub(waiting), most)),
        Err(error) => debug!(%error, "the window stays as it is"),
    }
}

fn size(at_workers: usize, most: usize) -> usize {
    at_workers.saturating_mul(TIMES).max(LEAST).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_follows_the_workers_between_its_bounds() {
        let sizes = [0, 2, 10, 50, 1000].map(|at_workers| size(at_workers, 256));

        assert_eq!(sizes, [16, 16, 40, 200, 256]);
        assert_eq!(size(0, 4), 4, "what is configured is the most");
    }

    #[test]
    fn any_number_of_workers_is_fed_within_seconds() {
        let (workers, mut window) = (200, LEAST);

        // What workers hold can be no more than what is let out.
        for _ in 0..3 {
            window = size(window.min(workers), 4096);
        }

        assert!(window >= 2 * workers, "{window}");
    }
}

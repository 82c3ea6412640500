//! How many bytes of pages may be in flight.
//!
//! Every page takes a [`Permit`] before it is rendered and keeps it until its
//! record is finished, so the permits bound all queues of the pipeline at once.
//! The size of a page is known only after rendering: the permit then grows or
//! shrinks to the truth without waiting, and the next page pays by waiting longer.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use tokio::sync::Notify;

/// A bound in bytes, shared by all pages of a worker. Cloning shares it.
#[derive(Clone, Debug)]
pub struct ByteBudget {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limit: usize,
    used: Mutex<usize>,
    /// Most that was used since somebody asked.
    peak: AtomicUsize,
    released: Notify,
}

impl Shared {
    fn used(&self) -> MutexGuard<'_, usize> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ByteBudget {
    /// A budget of `limit` bytes.
    pub fn new(limit: usize) -> Self {
        let (used, peak) = (Mutex::new(0), AtomicUsize::new(0));
        Self { shared: Arc::new(Shared { limit, used, peak, released: Notify::new() }) }
    }

    /// Bytes held by permits now.
    pub fn used(&self) -> usize {
        *self.shared.used()
    }

    /// Share of the budget that was used at most since the last call; above 1 when pages proved larger than they were
    /// taken for.
    pub(crate) fn peak(&self) -> f64 {
        let peak = self.shared.peak.swap(self.used(), Relaxed);
        peak as f64 / self.shared.limit.max(1) as f64
    }

    /// Waits until `bytes` fit. A page larger than the whole budget is admitted when it is alone.
    ///
    /// Cancel safe: nothing is taken until it returns.
    pub async fn admit(&self, bytes: usize) -> Permit {
        loop {
            let released = self.shared.released.notified();
            tokio::pin!(released);
            released.as_mut().enable();
            if let Some(permit) = self.try_admit(bytes) {
                return permit;
            }
            released.await;
        }
    }

    /// A permit if `bytes` fit now.
    pub fn try_admit(&self, bytes: usize) -> Option<Permit> {
        let mut used = self.shared.used();
        if *used > 0 && used.saturating_add(bytes) > self.shared.limit {
            return None;
        }
        *used += bytes;
        self.shared.peak.fetch_max(*used, Relaxed);
        Some(Permit { shared: Arc::clone(&self.shared), bytes })
    }
}

/// Bytes taken from a [`ByteBudget`]; returned on drop.
#[derive(Debug)]
pub struct Permit {
    shared: Arc<Shared>,
    bytes: usize,
}

impl Permit {
    /// Corrects an estimate to `bytes`; never waits.
    pub fn resize(&mut self, bytes: usize) {
        let mut used = self.shared.used();
        *used = *used - self.bytes + bytes;
        self.shared.peak.fetch_max(*used, Relaxed);
        self.bytes = bytes;
        drop(used);
        self.shared.released.notify_waiters();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *self.shared.used() -= self.bytes;
        self.shared.released.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[test]
    fn exactly_as_many_pages_enter_as_fit() {
        let budget = ByteBudget::new(100);

        let held: Vec<_> = std::iter::from_fn(|| budget.try_admit(30)).collect();

        assert_eq!(held.len(), 3);
        assert_eq!(budget.used(), 90);
    }

    #[test]
    fn a_page_larger_than_the_budget_enters_alone() {
        let budget = ByteBudget::new(100);

        let huge = budget.try_admit(1000).unwrap();

        assert!(budget.try_admit(1).is_none());
        drop(huge);
        assert!(budget.try_admit(1).is_some());
    }

    #[test]
    fn the_peak_is_what_was_used_at_most_since_it_was_asked() {
        let budget = ByteBudget::new(100);
        let mut first = budget.try_admit(60).unwrap();
        first.resize(150);
        first.resize(20);

        assert_eq!(budget.peak(), 1.5);
        drop(first);
        assert_eq!((budget.peak(), budget.peak()), (0.2, 0.0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_budget_waits_for_a_release() {
        let budget = ByteBudget::new(100);
        let mut held = budget.admit(60).await;
        assert!(timeout(Duration::from_secs(1), budget.admit(60)).await.is_err());

        held.resize(40);

        assert!(timeout(Duration::from_secs(1), budget.admit(60)).await.is_ok());
    }
}

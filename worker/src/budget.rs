//! How many bytes of pages may be in flight.
//!
//! Every page takes a [`Permit`] before it is rendered and keeps it until its
//! record is finished, so the permits bound all queues of the pipeline at once.
//! The size of a page is known only after rendering: the permit then grows or
//! shrinks to the truth without waiting, and the next page pays by waiting longer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
        Self { shared: Arc::new(Shared { limit, used: Mutex::new(0), released: Notify::new() }) }
    }

    /// Bytes held by permits now.
    pub fn used(&self) -> usize {
        *self.shared.used()
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

    #[tokio::test(start_paused = true)]
    async fn a_full_budget_waits_for_a_release() {
        let budget = ByteBudget::new(100);
        let mut held = budget.admit(60).await;
        assert!(timeout(Duration::from_secs(1), budget.admit(60)).await.is_err());

        held.resize(40);

        assert!(timeout(Duration::from_secs(1), budget.admit(60)).await.is_ok());
    }
}

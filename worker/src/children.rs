//! Places at the render children: as many pages are rendered at once, and the number can change while they are.

use std::{
    num::NonZeroUsize,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::sync::Semaphore;

use crate::meter::Occupancy;

/// One place for each render child that may work; pages take them in the order in which they come.
#[derive(Debug)]
pub struct Children {
    free: Semaphore,
    count: Mutex<Count>,
    waiting: AtomicUsize,
    rendering: Occupancy,
    rendered: AtomicU64,
}

#[derive(Debug)]
struct Count {
    /// Places that there are to be.
    allowed: usize,
    /// Places that fall away when they are given back.
    owed: usize,
}

/// A place, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place<'a>(&'a Children);

impl Children {
    /// So many places.
    pub fn new(allowed: NonZeroUsize) -> Self {
        let allowed = allowed.get();
        Self {
            free: Semaphore::new(allowed),
            count: Mutex::new(Count { allowed, owed: 0 }),
            waiting: AtomicUsize::new(0),
            rendering: Occupancy::default(),
            rendered: AtomicU64::new(0),
        }
    }

    /// From now on, so many. Places in use fall away as they are given back.
    pub fn allow(&self, allowed: NonZeroUsize) {
        let allowed = allowed.get();
        let mut count = self.count();
        let (fewer, mut more) =
            (count.allowed.saturating_sub(allowed), allowed.saturating_sub(count.allowed));
        count.allowed = allowed;
        let kept = more.min(count.owed);
        (count.owed, more) = (count.owed - kept, more - kept);
        self.free.add_permits(more);
        count.owed += fewer - self.free.forget_permits(fewer);
    }

    /// Waits for a place. Cancel safe: nothing is taken until it returns.
    pub(crate) async fn take(&self) -> Place<'_> {
        let _waiting = Waiting::begin(&self.waiting);
        // The semaphore is never closed.
        if let Ok(place) = self.free.acquire().await {
            place.forget();
        }
        Place(self)
    }

    /// Pages that wait for a place now.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Relaxed)
    }

    /// Time that all children together have drawn so far.
    pub(crate) fn busy(&self) -> Duration {
        self.rendering.total()
    }

    /// Pages rendered so far.
    pub(crate) fn rendered(&self) -> u64 {
        self.rendered.load(Relaxed)
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// Has a page drawn by `render`, which is counted.
    pub(crate) async fn render<T, E>(&self, render: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let working = self.0.rendering.work();
        let page = render.await;
        drop(working);
        self.0.rendered.fetch_add(u64::from(page.is_ok()), Relaxed);
        page
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut count = self.0.count();
        if count.owed > 0 {
            count.owed -= 1;
        } else {
            self.0.free.add_permits(1);
        }
    }
}

/// A page that waits, also until it is cancelled.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::*;

    fn count(number: usize) -> NonZeroUsize {
        NonZeroUsize::new(number).unwrap()
    }

    #[test]
    fn places_in_use_fall_away_when_they_are_given_back() {
        let children = Children::new(count(3));
        let mut held: Vec<_> = (0..3).filter_map(|_| children.take().now_or_never()).collect();

        children.allow(count(1));

        held.truncate(1);
        assert!(children.take().now_or_never().is_none());
        held.clear();
        assert_eq!((0..3).filter_map(|_| children.take().now_or_never().map(std::mem::forget)).count(), 1);
    }

    proptest! {
        /// Whatever the order of takes, returns and changes, as many places are left as were allowed at last.
        #[test]
        fn there_are_as_many_places_as_were_allowed_at_last(steps in prop::collection::vec((0_usize..3, 1_usize..9), 0..60)) {
            let children = Children::new(count(4));
            let (mut held, mut allowed) = (Vec::new(), 4);

            for (step, number) in steps {
                match step {
                    0 => held.extend(children.take().now_or_never()),
                    1 => drop(held.pop()),
                    _ => { children.allow(count(number)); allowed = number; }
                }
            }

            held.clear();
            let places: Vec<_> = (0..20).filter_map(|_| children.take().now_or_never()).collect();
            prop_assert_eq!(places.len(), allowed);
            prop_assert_eq!(children.waiting(), 0);
        }
    }
}

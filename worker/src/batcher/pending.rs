//! Items that wait for their batch, by bucket. Pure: the clock is an argument.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use super::BatchLimits;

/// Longest that an item waits while full batches of others run.
const PATIENCE: Duration = Duration::from_secs(1);

struct Waiting<T> {
    item: T,
    cost: usize,
    since: Instant,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<T> {
    /// Run these.
    Run(Vec<T>),
    /// Nothing is due: wait at most so long for more.
    Wait(Duration),
    /// Nothing is waiting at all.
    Idle,
}

/// Buckets of waiting items.
pub(super) struct Pending<T> {
    limits: BatchLimits,
    buckets: BTreeMap<u32, VecDeque<Waiting<T>>>,
}

impl<T> Pending<T> {
    pub(super) fn new(limits: BatchLimits) -> Self {
        Self { limits, buckets: BTreeMap::new() }
    }

    pub(super) fn set_limits(&mut self, limits: BatchLimits) {
        self.limits = limits;
    }

    pub(super) fn push(&mut self, bucket: u32, cost: usize, item: T, now: Instant) {
        self.buckets.entry(bucket).or_default().push_back(Waiting { item, cost, since: now });
    }

    /// A full bucket first, of these `last`, which the thread ran before: a network is faster when the shape stays. Else the
    /// bucket whose first item has waited long enough. An item that has waited for [`PATIENCE`] goes before full buckets,
    /// or a line of a rare width would wait as long as there are others.
    pub(super) fn next(&mut self, now: Instant, last: Option<u32>) -> Next<T> {
        let Some((oldest, since)) = self.oldest() else { return Next::Idle };
        let waited = now.saturating_duration_since(since);
        if let (true, Some(full)) = (waited < PATIENCE, self.full_bucket(last)) {
            return Next::Run(self.take(full));
        }
        if waited >= self.limits.wait {
            return Next::Run(self.take(oldest));
        }
        Next::Wait(self.limits.wait - waited)
    }

    /// The next batch whether it is due or not: the queue has closed.
    pub(super) fn drain(&mut self) -> Option<Vec<T>> {
        let (oldest, _) = self.oldest()?;
        Some(self.take(oldest))
    }

    fn full_bucket(&self, last: Option<u32>) -> Option<u32> {
        let full = |items: &VecDeque<Waiting<T>>| {
            items.len() >= self.limits.count.get()
                || items.iter().map(|waiting| waiting.cost).sum::<usize>() >= self.limits.cost
        };
        let same = last.filter(|last| self.buckets.get(last).is_some_and(full));
        same.or_else(|| self.oldest_of(full).map(|(bucket, _)| bucket))
    }

    fn oldest(&self) -> Option<(u32, Instant)> {
        self.oldest_of(|_| true)
    }

    /// Of the buckets that `fit`, the one whose first item has waited longest.
    fn oldest_of(&self, fit: impl Fn(&VecDeque<Waiting<T>>) -> bool) -> Option<(u32, Instant)> {
        let fitting = self.buckets.iter().filter(|(_, items)| fit(items));
        let firsts = fitting.filter_map(|(bucket, items)| Some((*bucket, items.front()?.since)));
        firsts.min_by_key(|(_, since)| *since)
    }

    /// Takes from the front of `bucket` while the batch stays within its limits; at least one item.
    fn take(&mut self, bucket: u32) -> Vec<T> {
        let mut batch = Vec::new();
        let Some(items) = self.buckets.get_mut(&bucket) else { return batch };
        let mut cost = 0_usize;
        while let Some(waiting) = items.front() {
            cost = cost.saturating_add(waiting.cost);
            let fits = cost <= self.limits.cost && batch.len() < self.limits.count.get();
            if !batch.is_empty() && !fits {
                break;
            }
            batch.extend(items.pop_front().map(|waiting| waiting.item));
        }
        if items.is_empty() {
            self.buckets.remove(&bucket);
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;

    const WAIT: Duration = Duration::from_millis(8);

    fn pending() -> Pending<u32> {
        Pending::new(BatchLimits {
            cost: 100,
            count: NonZeroUsize::new(3).unwrap(),
            wait: WAIT,
            queue: NonZeroUsize::new(8).unwrap(),
        })
    }

    #[test]
    fn a_batch_closes_on_cost_before_it_overflows() {
        let (mut pending, now) = (pending(), Instant::now());
        pending.push(1, 60, 1, now);
        assert_eq!(pending.next(now, None), Next::Wait(WAIT));

        pending.push(1, 60, 2, now);

        assert_eq!(pending.next(now, None), Next::Run(vec![1]));
        assert_eq!(pending.next(now, None), Next::Wait(WAIT));
    }

    #[test]
    fn a_batch_closes_on_count() {
        let (mut pending, now) = (pending(), Instant::now());

        (0..4).for_each(|item| pending.push(1, 1, item, now));

        assert_eq!(pending.next(now, None), Next::Run(vec![0, 1, 2]));
    }

    #[test]
    fn a_batch_closes_on_wait_and_buckets_never_mix() {
        let (mut pending, now) = (pending(), Instant::now());
        pending.push(2, 1, 20, now);
        pending.push(1, 1, 10, now + Duration::from_millis(1));
        pending.push(2, 1, 21, now + Duration::from_millis(2));

        let due = now + WAIT;

        assert_eq!(pending.next(due, None), Next::Run(vec![20, 21]));
        assert_eq!(pending.next(due, None), Next::Wait(Duration::from_millis(1)));
    }

    #[test]
    fn of_full_buckets_the_one_that_waited_longest_runs_first() {
        let (mut pending, now) = (pending(), Instant::now());
        pending.push(2, 100, 20, now);
        pending.push(1, 100, 10, now + Duration::from_millis(1));

        assert_eq!(pending.next(now + WAIT, None), Next::Run(vec![20]));
    }

    #[test]
    fn of_full_buckets_the_one_that_the_thread_ran_before_goes_on() {
        let (mut pending, now) = (pending(), Instant::now());
        pending.push(2, 100, 20, now);
        pending.push(1, 100, 10, now + Duration::from_millis(1));

        assert_eq!(pending.next(now + WAIT, Some(1)), Next::Run(vec![10]));
        assert_eq!(pending.next(now + WAIT, Some(1)), Next::Run(vec![20]));
    }

    #[test]
    fn an_item_of_a_rare_bucket_waits_for_full_ones_only_so_long() {
        let (mut pending, now) = (pending(), Instant::now());
        pending.push(7, 1, 70, now);
        (0..6).for_each(|item| pending.push(1, 1, item, now + Duration::from_millis(1)));

        assert_eq!(pending.next(now + WAIT, None), Next::Run(vec![0, 1, 2]));
        assert_eq!(pending.next(now + PATIENCE, None), Next::Run(vec![70]));
    }

    #[test]
    fn an_item_over_the_budget_runs_alone() {
        let (mut pending, now) = (pending(), Instant::now());

        pending.push(1, 1000, 1, now);
        pending.push(1, 1, 2, now);

        assert_eq!(pending.next(now, None), Next::Run(vec![1]));
        assert_eq!(pending.drain(), Some(vec![2]));
        assert_eq!(pending.next(now, None), Next::Idle);
    }
}

//! One bounded window of published ranges, shared by all jobs of a process.
//!
//! ```text
//!  free slot ─▶ the tenant that had least for its weight ─▶ its highest priority ─▶ the job that waited longest
//! ```
//!
//! The queue behind it stays short, so whatever comes in now is not behind a
//! large job that came before. One invariant: no slot is granted while the slots
//! that seats hold or were granted fill the window.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use quire_proto::{Priority, Tenant};
use tokio::sync::Notify;

/// What a slot costs a tenant of weight one. Large, so that it divides by any sensible weight.
const STRIDE: u64 = 1 << 20;

/// The window. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Window(Arc<Mutex<Table>>);

#[derive(Debug)]
struct Table {
    size: usize,
    /// Slots that seats hold or were granted.
    used: usize,
    weights: BTreeMap<Tenant, u32>,
    tenants: BTreeMap<Tenant, Account>,
    seats: BTreeMap<u64, Place>,
    next_seat: u64,
    /// Counts grants, so that the seat that waited longest is known.
    clock: u64,
}

/// What a tenant had.
#[derive(Debug, Default)]
struct Account {
    spent: u64,
    seats: usize,
}

#[derive(Debug)]
struct Place {
    tenant: Tenant,
    priority: Priority,
    wanted: usize,
    granted: usize,
    held: usize,
    served: u64,
    news: Arc<Notify>,
}

/// One job's place at the window; leaving it gives everything back.
#[derive(Debug)]
pub(crate) struct Seat {
    window: Window,
    number: u64,
    news: Arc<Notify>,
}

impl Window {
    /// A window of `size` ranges; a tenant of weight two gets twice as many as one of weight one.
    pub(crate) fn new(size: usize, weights: BTreeMap<Tenant, u32>) -> Self {
        let (tenants, seats) = (BTreeMap::new(), BTreeMap::new());
        let table = Table { size, used: 0, weights, tenants, seats, next_seat: 0, clock: 0 };
        Self(Arc::new(Mutex::new(table)))
    }

    /// Ranges that are on the queue or at workers, and those on their way there.
    pub(crate) fn used(&self) -> usize {
        self.lock().used
    }

    /// Lets more out from now on, or fewer once enough have come back.
    pub(crate) fn resize(&self, size: usize) {
        let mut table = self.lock();
        table.size = size;
        table.deal();
    }

    /// Joins.
    pub(crate) fn seat(&self, tenant: &Tenant, priority: Priority) -> Seat {
        let mut table = self.lock();
        // Whoever was away does not get what it missed.
        let present = table.tenants.values().filter(|account| account.seats > 0).map(|account| account.spent);
        let level = present.min().unwrap_or_default();
        let account = table.tenants.entry(tenant.clone()).or_default();
        if account.seats == 0 {
            account.spent = account.spent.max(level);
        }
        account.seats += 1;
        let (number, news) = (table.next_seat, Arc::new(Notify::new()));
        table.next_seat += 1;
        let place = Place {
            tenant: tenant.clone(),
            priority,
            wanted: 0,
            granted: 0,
            held: 0,
            served: table.clock,
            news: news.clone(),
        };
        table.seats.insert(number, place);
        Seat { window: self.clone(), number, news }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn deal(&mut self) {
        while self.used < self.size {
            let Some(number) = self.next() else { return };
            let Some(place) = self.seats.get_mut(&number) else { return };
            self.used += 1;
            self.clock += 1;
            place.wanted -= 1;
            place.granted += 1;
            place.served = self.clock;
            place.news.notify_one();
            let weight = self.weights.get(&place.tenant).copied().unwrap_or(1).max(1);
            if let Some(account) = self.tenants.get_mut(&place.tenant) {
                account.spent += STRIDE / u64::from(weight);
            }
        }
    }

    fn next(&self) -> Option<u64> {
        let waiting = self.seats.iter().filter(|(_, place)| place.wanted > 0);
        let order = |place: &Place| {
            let spent = self.tenants.get(&place.tenant).map_or(0, |account| account.spent);
            (spent, place.tenant.clone(), std::cmp::Reverse(place.priority), place.served)
        };
        waiting.min_by_key(|(_, place)| order(place)).map(|(number, _)| *number)
    }
}

impl Seat {
    /// Asks for `ranges` slots beyond those it has; replaces what was asked before.
    pub(crate) fn want(&self, ranges: usize) {
        let mut table = self.window.lock();
        if let Some(place) = table.seats.get_mut(&self.number) {
            place.wanted = ranges.saturating_sub(place.granted);
        }
        table.deal();
    }

    /// Takes what was granted; each slot is held until it is given back.
    pub(crate) fn take(&self) -> usize {
        let mut table = self.window.lock();
        let Some(place) = table.seats.get_mut(&self.number) else { return 0 };
        let granted = std::mem::take(&mut place.granted);
        place.held += granted;
        granted
    }

    /// Gives slots back.
    pub(crate) fn give_back(&self, slots: usize) {
        let mut table = self.window.lock();
        if let Some(place) = table.seats.get_mut(&self.number) {
            let slots = slots.min(place.held);
            place.held -= slots;
            table.used -= slots;
        }
        table.deal();
    }

    /// Waits until something may have been granted. Cancel safe.
    pub(crate) async fn granted(&self) {
        self.news.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut table = self.window.lock();
        if let Some(place) = table.seats.remove(&self.number) {
            table.used -= place.granted + place.held;
            if let Some(account) = table.tenants.get_mut(&place.tenant) {
                account.seats -= 1;
            }
        }
        // Accounts of tenants that left are kept while others are there: coming back is no advantage.
        if table.seats.is_empty() {
            table.tenants.clear();
        }
        table.deal();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> Tenant {
        Tenant::new(name).unwrap()
    }

    /// Lets `window` turn over `turns` slots and counts what each seat got.
    fn turn_over(seats: &[Seat], turns: usize) -> Vec<usize> {
        let mut got = vec![0; seats.len()];
        let mut holders = std::collections::VecDeque::new();
        seats.iter().for_each(|seat| seat.want(1000));
        for _ in 0..turns {
            for (index, seat) in seats.iter().enumerate() {
                let taken = seat.take();
                got[index] += taken;
                holders.extend(std::iter::repeat_n(index, taken));
            }
            if let Some(index) = holders.pop_front() {
                seats[index].give_back(1);
            }
        }
        got
    }

    #[test]
    fn jobs_of_a_tenant_share_alike() {
        let window = Window::new(4, BTreeMap::new());
        let seats: Vec<Seat> = (0..3).map(|_| window.seat(&tenant("a"), Priority::Low)).collect();

        let got = turn_over(&seats, 300);

        assert!(got.iter().all(|got| (95..=105).contains(got)), "{got:?}");
    }

    #[test]
    fn tenants_share_by_weight_however_many_jobs_they_have() {
        let window = Window::new(4, BTreeMap::from([(tenant("b"), 3)]));
        let seats = ["a", "a", "a", "b"].map(|name| window.seat(&tenant(name), Priority::Low));

        let got = turn_over(&seats, 400);

        let (a, b) = (got[0] + got[1] + got[2], got[3]);
        assert!((95..=110).contains(&a) && (290..=310).contains(&b), "{got:?}");
    }

    #[test]
    fn a_high_priority_has_every_slot_that_comes_free() {
        let window = Window::new(4, BTreeMap::new());
        let low = window.seat(&tenant("a"), Priority::Low);
        low.want(100);
        assert_eq!(low.take(), 4, "alone it has the whole window");
        let high = window.seat(&tenant("a"), Priority::High);
        high.want(2);
        assert_eq!(high.take(), 0);

        low.give_back(3);

        assert_eq!((high.take(), low.take()), (2, 1));
    }

    #[test]
    fn a_window_that_shrinks_lets_nothing_out_until_enough_came_back() {
        let window = Window::new(4, BTreeMap::new());
        let seat = window.seat(&tenant("a"), Priority::Low);
        seat.want(9);
        assert_eq!(seat.take(), 4);

        window.resize(2);
        seat.give_back(2);
        assert_eq!((seat.take(), window.used()), (0, 2));
        seat.give_back(1);
        assert_eq!((seat.take(), window.used()), (1, 2));
        window.resize(5);

        assert_eq!((seat.take(), window.used()), (3, 5));
    }

    #[test]
    fn a_seat_that_is_left_gives_everything_back() {
        let window = Window::new(4, BTreeMap::new());
        let (one, other) =
            (window.seat(&tenant("a"), Priority::Low), window.seat(&tenant("b"), Priority::Low));
        one.want(9);
        assert_eq!(one.take(), 4);
        other.want(3);

        drop(one);

        assert_eq!(other.take(), 3);
    }
}

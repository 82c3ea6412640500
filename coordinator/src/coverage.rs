//! Which pages of a document are decided, and by which range object.
//!
//! The answer depends on the objects only, not on the order in which they were
//! found: a page that could be read wins over one that failed, then the newer
//! epoch, then the smaller key.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use quire_ports::PageMark;
use quire_proto::{
    Ledger, ObjectKey, PageNumber, PageRange, PageSet, manifest::CoverPiece, record::PageStatus,
};

/// What one range object says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeOutcome {
    /// Where it lies.
    pub key: ObjectKey,
    /// SHA-256 of the object as stored.
    pub sha256: [u8; 32],
    /// Its round of trying.
    pub epoch: u32,
    /// Its pages.
    pub range: PageRange,
    /// The state of each page, in order.
    pub statuses: Vec<PageStatus>,
}

#[derive(Clone, Debug)]
struct Decision {
    status: PageStatus,
    object: Arc<RangeOutcome>,
}

impl Decision {
    fn rank(&self) -> (bool, u32, Reverse<&ObjectKey>) {
        (self.status != PageStatus::Failed, self.object.epoch, Reverse(&self.object.key))
    }
}

/// The decided pages of one document, as far as they are wanted. A page takes some forty bytes.
#[derive(Clone, Debug)]
pub struct Coverage {
    wanted: PageSet,
    epoch: u32,
    decisions: BTreeMap<PageNumber, Decision>,
    /// What counts of `decisions`, kept up to date because it is asked for after every object.
    ledger: Ledger,
}

impl Coverage {
    /// Nothing decided yet of the `wanted` pages; what failed before `epoch` will be tried again.
    pub fn new(wanted: PageSet, epoch: u32) -> Self {
        let ledger = Ledger { pending: wanted.count(), ..Ledger::default() };
        Self { wanted, epoch, decisions: BTreeMap::new(), ledger }
    }

    /// Takes in what an object says. Idempotent, and indifferent to order.
    pub fn absorb(&mut self, mut object: RangeOutcome) {
        let statuses = std::mem::take(&mut object.statuses);
        let object = Arc::new(object);
        for (page, status) in object.range.pages().zip(statuses) {
            let found = Decision { status, object: object.clone() };
            let better = self.decisions.get(&page).is_none_or(|known| found.rank() > known.rank());
            if better && self.wanted.contains(page) {
                self.decide(page, found);
            }
        }
    }

    fn decide(&mut self, page: PageNumber, found: Decision) {
        let before = self.decisions.get(&page).filter(|known| self.counts(known)).map(|known| known.status);
        let after = Some(found.status).filter(|_| self.counts(&found));
        match before {
            Some(status) => self.ledger.discount(status),
            None if after.is_some() => self.ledger.pending -= 1,
            None => {}
        }
        match after {
            Some(status) => self.ledger.count(status),
            None if before.is_some() => self.ledger.pending += 1,
            None => {}
        }
        self.decisions.insert(page, found);
    }

    /// Wanted pages that nothing decides.
    pub fn holes(&self) -> PageSet {
        self.wanted.pages().filter(|page| !self.is_decided(*page)).collect()
    }

    /// Whether a page of `range` is a hole.
    pub fn has_hole_in(&self, range: PageRange) -> bool {
        range.pages().any(|page| self.wanted.contains(page) && !self.is_decided(page))
    }

    /// Whether no page is a hole.
    pub fn is_complete(&self) -> bool {
        self.ledger.pending == 0
    }

    /// Whether something decides `page`.
    pub fn is_decided(&self, page: PageNumber) -> bool {
        self.decisions.get(&page).is_some_and(|decision| self.counts(decision))
    }

    fn counts(&self, decision: &Decision) -> bool {
        decision.status != PageStatus::Failed || decision.object.epoch >= self.epoch
    }

    /// The wanted pages by state.
    pub fn ledger(&self) -> Ledger {
        self.ledger
    }

    /// The decided pages and their states, in order.
    pub fn marks(&self) -> impl Iterator<Item = PageMark> + '_ {
        let counting = self.decisions.iter().filter(|(_, decision)| self.counts(decision));
        counting.map(|(page, decision)| PageMark { page: *page, status: decision.status })
    }

    /// Where the record of each decided page lies: pieces that do not overlap, ordered by their first page.
    pub fn pieces(&self) -> Vec<CoverPiece> {
        let mut by_object: BTreeMap<&ObjectKey, (&RangeOutcome, Vec<PageNumber>)> = BTreeMap::new();
        for (page, decision) in self.decisions.iter().filter(|(_, decision)| self.counts(decision)) {
            let object = decision.object.as_ref();
            by_object.entry(&object.key).or_insert_with(|| (object, Vec::new())).1.push(*page);
        }
        let mut pieces: Vec<CoverPiece> = by_object
            .into_values()
            .map(|(object, pages)| CoverPiece {
                key: object.key.clone(),
                sha256: object.sha256,
                pages: pages.into_iter().collect(),
            })
            .collect();
        pieces.sort_by_key(|piece| piece.pages.ranges().first().copied());
        pieces
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use quire_proto::{DocumentId, ProfileId, Tenant};

    use super::*;

    fn object(epoch: u32, first: u32, statuses: Vec<PageStatus>) -> RangeOutcome {
        let last = first + u32::try_from(statuses.len()).unwrap() - 1;
        let range = format!("{first}-{last}").parse().unwrap();
        let key = ObjectKey::range_result(
            &Tenant::local(),
            DocumentId::of(b"d"),
            ProfileId::of(b"p"),
            epoch,
            range,
        );
        RangeOutcome { key, sha256: [0; 32], epoch, range, statuses }
    }

    fn any_object() -> impl Strategy<Value = RangeOutcome> {
        let status = prop_oneof![Just(PageStatus::Done), Just(PageStatus::Blank), Just(PageStatus::Failed)];
        (0u32..3, 1u32..30, proptest::collection::vec(status, 1..8))
            .prop_map(|(epoch, first, statuses)| object(epoch, first, statuses))
    }

    #[test]
    fn a_page_that_was_read_wins_over_a_newer_failure() {
        let mut coverage = Coverage::new(PageSet::first(1), 1);

        coverage.absorb(object(1, 1, vec![PageStatus::Failed]));
        coverage.absorb(object(0, 1, vec![PageStatus::Done]));

        assert_eq!(coverage.ledger(), Ledger { done: 1, ..Ledger::default() });
    }

    #[test]
    fn what_failed_in_an_earlier_epoch_is_a_hole() {
        let mut coverage = Coverage::new(PageSet::first(2), 1);

        coverage.absorb(object(0, 1, vec![PageStatus::Failed, PageStatus::Done]));

        assert_eq!(coverage.holes().to_string(), "1");
        assert_eq!(coverage.ledger(), Ledger { done: 1, pending: 1, ..Ledger::default() });
    }

    proptest! {
        #[test]
        fn every_wanted_page_is_a_hole_or_in_exactly_one_piece(
            objects in proptest::collection::vec(any_object(), 0..12),
            wanted in proptest::collection::btree_set(1u32..40, 0..40),
            epoch in 0u32..3,
        ) {
            let wanted: PageSet = wanted.into_iter().filter_map(PageNumber::new).collect();
            let mut coverage = Coverage::new(wanted.clone(), epoch);

            objects.into_iter().for_each(|object| coverage.absorb(object));

            let pieces = coverage.pieces();
            let covered: Vec<PageNumber> =
                pieces.iter().flat_map(|piece| piece.pages.pages().collect::<Vec<_>>()).collect();
            let holes: Vec<PageNumber> = coverage.holes().pages().collect();
            let all: BTreeSet<PageNumber> = covered.iter().chain(&holes).copied().collect();
            prop_assert_eq!(all.len(), covered.len() + holes.len(), "no page twice");
            prop_assert_eq!(all.into_iter().collect::<PageSet>(), wanted.clone());
            prop_assert_eq!(coverage.ledger().submitted(), wanted.count());
            let mut counted = Ledger { pending: holes.len() as u64, ..Ledger::default() };
            coverage.marks().for_each(|mark| counted.count(mark.status));
            prop_assert_eq!(coverage.ledger(), counted, "kept up to date");
            prop_assert_eq!(coverage.is_complete(), holes.is_empty());
        }

        #[test]
        fn the_order_of_discovery_does_not_matter(
            objects in proptest::collection::vec(any_object(), 0..12),
            seed in any::<u64>(),
        ) {
            // The same key always holds the same object.
            let unique: BTreeMap<ObjectKey, RangeOutcome> =
                objects.into_iter().map(|object| (object.key.clone(), object)).collect();
            let mut shuffled: Vec<RangeOutcome> = unique.values().cloned().collect();
            fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
            let (mut one, mut other) =
                (Coverage::new(PageSet::first(40), 1), Coverage::new(PageSet::first(40), 1));

            unique.into_values().for_each(|object| one.absorb(object));
            shuffled.into_iter().for_each(|object| other.absorb(object));

            prop_assert_eq!(one.pieces(), other.pieces());
        }
    }
}

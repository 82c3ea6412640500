//! One document of a run: what is decided, what is on the queue, what is still to publish.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet, VecDeque},
    num::NonZeroU32,
    time::Duration,
};

use quire_ports::{ObjectStore, PageMark, StoreError};
use quire_proto::{
    DocumentId, Ledger, ObjectKey, PageNumber, PageRange, PageSet,
    manifest::{JobSpec, ManifestDocument},
};
use tokio::time::Instant;

use crate::{coverage::Coverage, results::Shelf};

/// A range on the queue or at a worker.
pub(super) struct Outstanding {
    published: Instant,
    /// Pages that progress has not mentioned yet.
    unmarked: BTreeSet<PageNumber>,
}

/// One document that has pages.
pub(super) struct DocumentRun {
    pub(super) shelf: Shelf,
    pub(super) coverage: Coverage,
    pub(super) todo: VecDeque<PageRange>,
    pub(super) outstanding: BTreeMap<PageRange, Outstanding>,
    pub(super) complete: bool,
    seen: HashSet<ObjectKey>,
    /// What the run knows of `coverage`.
    told: Ledger,
}

impl DocumentRun {
    pub(super) fn new(spec: &JobSpec, document: DocumentId, selected: PageSet) -> Self {
        Self {
            shelf: Shelf { tenant: spec.tenant.clone(), document, profile: spec.profile.id() },
            coverage: Coverage::new(selected, spec.epoch),
            todo: VecDeque::new(),
            outstanding: BTreeMap::new(),
            complete: false,
            seen: HashSet::new(),
            told: Ledger::default(),
        }
    }

    /// Its pages by state as they were when this was last asked, and as they are.
    pub(super) fn take_change(&mut self) -> (Ledger, Ledger) {
        let now = self.coverage.ledger();
        (std::mem::replace(&mut self.told, now), now)
    }

    /// Reads every object that is new on the shelf.
    pub(super) async fn look(&mut self, store: &dyn ObjectStore) -> Result<(), StoreError> {
        self.shelf.absorb_new(store, &mut self.seen, &mut self.coverage).await
    }

    /// Reads one object; says whether it is there and sound.
    pub(super) async fn look_at(
        &mut self,
        store: &dyn ObjectStore,
        key: &ObjectKey,
    ) -> Result<bool, StoreError> {
        self.shelf.absorb(store, key, &mut self.seen, &mut self.coverage).await
    }

    pub(super) fn published(&mut self, range: PageRange, now: Instant) {
        let unmarked = range.pages().collect();
        self.outstanding.insert(range, Outstanding { published: now, unmarked });
    }

    /// Takes note of progress; returns the ranges that now look finished.
    pub(super) fn mark(&mut self, pages: &[PageMark]) -> Vec<PageRange> {
        let mut finished = Vec::new();
        for (range, outstanding) in &mut self.outstanding {
            if !pages.iter().any(|mark| range.contains(mark.page)) {
                continue;
            }
            let before = outstanding.unmarked.len();
            outstanding.unmarked.retain(|page| !pages.iter().any(|mark| mark.page == *page));
            if before > 0 && outstanding.unmarked.is_empty() {
                finished.push(*range);
            }
        }
        finished
    }

    /// Forgets outstanding ranges whose pages are decided; says how many.
    pub(super) fn drop_finished(&mut self) -> usize {
        let before = self.outstanding.len();
        self.outstanding.retain(|range, _| self.coverage.has_hole_in(*range));
        before - self.outstanding.len()
    }

    pub(super) fn older_than(&self, age: Duration) -> Vec<PageRange> {
        let old = self.outstanding.iter().filter(|(_, outstanding)| outstanding.published.elapsed() >= age);
        old.map(|(range, _)| *range).collect()
    }

    /// Whether the document has just become complete.
    pub(super) fn becomes_complete(&mut self) -> bool {
        let becomes = !self.complete && self.coverage.is_complete();
        self.complete |= becomes;
        becomes
    }

    /// When nothing is under way, makes the holes the next work; says whether there is any.
    pub(super) fn find_work(&mut self, range_size: NonZeroU32) -> bool {
        if !self.todo.is_empty() || !self.outstanding.is_empty() || self.complete {
            return false;
        }
        self.todo = self.coverage.holes().tiles(range_size).collect();
        !self.todo.is_empty()
    }

    /// What the manifest says of it; holes are `cancelled` when the job is.
    pub(super) fn manifest(&self, cancelled: bool) -> ManifestDocument {
        let mut ledger = self.coverage.ledger();
        let mut given_up = PageSet::default();
        if cancelled {
            ledger.cancelled = std::mem::take(&mut ledger.pending);
            given_up = self.coverage.holes();
        }
        ManifestDocument {
            document: self.shelf.document,
            ledger,
            failure: None,
            cover: self.coverage.pieces(),
            cancelled: given_up,
        }
    }
}

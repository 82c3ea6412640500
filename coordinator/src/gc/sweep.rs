//! One collection: what is referred to, then what is not, batch by batch.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use quire_ports::{Listings, ObjectMeta, ObjectStore, StoreError};
use quire_proto::{ObjectKey, Tenant, object_key::Shelf};
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use super::{Collected, Collection, Swept, references::References};
use crate::CoordinatorError;

/// Longest that a flag is in anybody's way.
pub(super) const FLAG_COUNTS_FOR: Duration = Duration::from_secs(30);

/// Longest that a batch deletes after it has raised its flag.
const BATCH_WITHIN: Duration = Duration::from_secs(10);

/// Objects deleted under one flag: whoever submits a job at this moment waits for as many.
const BATCH: usize = 256;

/// Objects deleted at once.
const AT_ONCE: usize = 16;

/// Shortest life of a pin, and age of an upload from which on nobody is at it any more.
const DAY: Duration = Duration::from_secs(86_400);

/// Longest collection: a pin that was written during it must be there at its end.
const LONGEST: Duration = Duration::from_secs(12 * 3600);

/// A collection under way.
pub(super) struct Sweep<'a> {
    store: &'a dyn ObjectStore,
    tenant: &'a Tenant,
    terms: Collection,
    /// The time by the clock of the store, which is the one that objects are dated by.
    now: SystemTime,
    started: Instant,
    used: References,
}

/// What became of an object.
enum Fate {
    Removed(u64),
    Young,
    Used,
    Left,
    Gone,
}

impl<'a> Sweep<'a> {
    pub(super) async fn new(
        store: &'a dyn ObjectStore,
        tenant: &'a Tenant,
        terms: Collection,
    ) -> Result<Self, CoordinatorError> {
        let now = clock_of(store, tenant).await?;
        Ok(Self { store, tenant, terms, now, started: Instant::now(), used: References::default() })
    }

    pub(super) async fn run(mut self) -> Result<Collected, CoordinatorError> {
        self.used.take_jobs(self.store, self.tenant).await?;
        self.used.take_pins(self.store, self.tenant, self.before(Duration::ZERO)).await?;
        let mut collected = Collected { dry_run: self.terms.dry_run, ..Collected::default() };
        for shelf in Shelf::ALL {
            let swept = self.shelf(shelf).await?;
            *match shelf {
                Shelf::Documents => &mut collected.documents,
                Shelf::Results => &mut collected.results,
                Shelf::Assets => &mut collected.figures,
            } = swept;
        }
        // Not every server lists them, and not every key may.
        collected.uploads = self.uploads().await.unwrap_or_else(|error| {
            warn!(%error, "unfinished uploads stay where they are");
            0
        });
        if !self.terms.dry_run {
            self.forget(&ObjectKey::pins_prefix(self.tenant)).await?;
            self.forget(&ObjectKey::sweeps_prefix(self.tenant)).await?;
        }
        collected.jobs = self.used.jobs();
        Ok(collected)
    }

    /// The end of the time in which garbage was written, which is at least this long ago.
    fn before(&self, at_least: Duration) -> SystemTime {
        self.now.checked_sub(self.terms.older_than.max(at_least)).unwrap_or(SystemTime::UNIX_EPOCH)
    }

    async fn shelf(&mut self, shelf: Shelf) -> Result<Swept, CoordinatorError> {
        let (prefix, mut swept) = (shelf.prefix(self.tenant), Swept::default());
        let mut listings = Listings::new(self.store, &prefix, None);
        while let Some(objects) = listings.next().await? {
            let mut garbage = Vec::new();
            for object in objects {
                match self.judge(&object) {
                    Fate::Removed(_) => garbage.push(object),
                    fate => swept.count(&fate),
                }
            }
            for batch in garbage.chunks(BATCH) {
                for fate in self.batch(batch).await? {
                    swept.count(&fate);
                }
            }
        }
        Ok(swept)
    }

    /// What is to become of an object, by what is known so far.
    fn judge(&self, object: &ObjectMeta) -> Fate {
        // What is not ours was put there by somebody else.
        let Some((document, profile)) = object.key.as_content() else { return Fate::Used };
        if self.used.has(document, profile) {
            Fate::Used
        } else if object.modified > self.before(Duration::ZERO) {
            Fate::Young
        } else {
            Fate::Removed(object.bytes)
        }
    }

    async fn batch(&mut self, batch: &[ObjectMeta]) -> Result<Vec<Fate>, CoordinatorError> {
        if self.terms.dry_run {
            return Ok(batch.iter().map(|object| Fate::Removed(object.bytes)).collect());
        }
        if self.started.elapsed() > LONGEST {
            return Ok(batch.iter().map(|_| Fate::Left).collect());
        }
        let (flag, until) = (new_flag(self.tenant), Instant::now() + BATCH_WITHIN);
        self.store.put(&flag, Bytes::new()).await?;
        let swept = self.under_flag(batch, until).await;
        if let Err(error) = self.store.delete(&flag).await {
            warn!(%flag, %error, "a flag stays up; whoever submits waits for it in vain");
        }
        swept
    }

    async fn under_flag(
        &mut self,
        batch: &[ObjectMeta],
        until: Instant,
    ) -> Result<Vec<Fate>, CoordinatorError> {
        self.used.take_pins(self.store, self.tenant, self.before(Duration::ZERO)).await?;
        let this = &*self;
        let keys: Vec<ObjectKey> = batch.iter().map(|object| object.key.clone()).collect();
        let fates = stream::iter(keys).map(|key| this.remove(key, until));
        Ok(fates.buffer_unordered(AT_ONCE).try_collect().await?)
    }

    async fn delete(&self, key: ObjectKey) -> Result<(), StoreError> {
        self.store.delete(&key).await
    }

    async fn remove(&self, key: ObjectKey, until: Instant) -> Result<Fate, StoreError> {
        let removed = async {
            let Some(object) = self.store.head(&key).await? else { return Ok(Fate::Gone) };
            let fate = self.judge(&object);
            // The clock is asked once more: a process may be held up anywhere.
            if matches!(fate, Fate::Removed(_)) && Instant::now() < until {
                self.store.delete(&key).await?;
                return Ok(fate);
            }
            Ok(if matches!(fate, Fate::Removed(_)) { Fate::Left } else { fate })
        };
        timeout_at(until, removed).await.unwrap_or(Ok(Fate::Left))
    }

    /// Ends uploads that nobody goes on with.
    async fn uploads(&self) -> Result<u64, CoordinatorError> {
        let before = self.before(DAY);
        let mut ended = 0;
        for upload in self.store.unfinished(&Shelf::Documents.prefix(self.tenant)).await? {
            if upload.begun > before {
                continue;
            }
            if !self.terms.dry_run {
                self.store.abandon(&upload).await?;
            }
            ended += 1;
        }
        Ok(ended)
    }

    /// Removes pins and flags that mean nothing any more.
    async fn forget(&self, prefix: &str) -> Result<(), CoordinatorError> {
        let before = self.before(DAY);
        let mut listings = Listings::new(self.store, prefix, None);
        while let Some(objects) = listings.next().await? {
            let old = objects.into_iter().filter(|object| object.modified <= before);
            let removing = stream::iter(old).map(|object| self.delete(object.key));
            removing.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        }
        Ok(())
    }
}

impl Swept {
    fn count(&mut self, fate: &Fate) {
        match fate {
            Fate::Removed(bytes) => {
                self.removed += 1;
                self.bytes += bytes;
            }
            Fate::Young => self.young += 1,
            Fate::Used => self.used += 1,
            Fate::Left => self.left += 1,
            Fate::Gone => {}
        }
    }
}

fn new_flag(tenant: &Tenant) -> ObjectKey {
    ObjectKey::sweep(tenant, fastrand::u64(..))
}

/// What the clock of the store says.
async fn clock_of(store: &dyn ObjectStore, tenant: &Tenant) -> Result<SystemTime, StoreError> {
    let probe = new_flag(tenant);
    store.put(&probe, Bytes::new()).await?;
    let written = store.head(&probe).await;
    store.delete(&probe).await?;
    Ok(written?.map_or_else(SystemTime::now, |probe| probe.modified))
}

//! Range objects in the store, believed only when they prove themselves.

use std::collections::HashSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use quire_ports::{
    Listings, ObjectStore, StoreError,
    range_file::{CorruptRange, RangeFile, RangeId},
};
use quire_proto::{DocumentId, ObjectKey, ProfileId, Tenant};
use sha2::{Digest, Sha256};
use tracing::error;

use crate::coverage::{Coverage, RangeOutcome};

/// Objects read at once.
const READ_AT_ONCE: usize = 16;

/// Where the results of one document are.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub(crate) tenant: Tenant,
    pub(crate) document: DocumentId,
    pub(crate) profile: ProfileId,
}

impl Shelf {
    /// Takes in every object that is not in `seen` yet.
    pub(crate) async fn absorb_new(
        &self,
        store: &dyn ObjectStore,
        seen: &mut HashSet<ObjectKey>,
        coverage: &mut Coverage,
    ) -> Result<(), StoreError> {
        let prefix = ObjectKey::results_prefix(&self.tenant, self.document, self.profile);
        let mut listings = Listings::new(store, &prefix, None);
        while let Some(objects) = listings.next().await? {
            let new = objects.into_iter().map(|object| object.key).filter(|key| !seen.contains(key));
            let new: Vec<ObjectKey> = new.collect();
            let mut reading =
                stream::iter(new).map(|key| self.sound_named(store, key)).buffer_unordered(READ_AT_ONCE);
            while let Some((key, outcome)) = reading.try_next().await? {
                if let Some(outcome) = outcome {
                    coverage.absorb(outcome);
                    seen.insert(key);
                }
            }
        }
        Ok(())
    }

    async fn sound_named(
        &self,
        store: &dyn ObjectStore,
        key: ObjectKey,
    ) -> Result<(ObjectKey, Option<RangeOutcome>), StoreError> {
        let outcome = self.sound(store, &key).await?;
        Ok((key, outcome))
    }

    /// Takes in one object; says whether it is there and sound.
    pub(crate) async fn absorb(
        &self,
        store: &dyn ObjectStore,
        key: &ObjectKey,
        seen: &mut HashSet<ObjectKey>,
        coverage: &mut Coverage,
    ) -> Result<bool, StoreError> {
        if seen.contains(key) {
            return Ok(true);
        }
        let Some(outcome) = self.sound(store, key).await? else { return Ok(false) };
        coverage.absorb(outcome);
        seen.insert(key.clone());
        Ok(true)
    }

    /// Reads an object that is there and sound.
    ///
    /// One that is not sound is removed, since it would stand in the way of its successor, and its pages are holes.
    async fn sound(
        &self,
        store: &dyn ObjectStore,
        key: &ObjectKey,
    ) -> Result<Option<RangeOutcome>, StoreError> {
        let Some(mut outcome) = self.read(store, key).await? else { return Ok(None) };
        if outcome.is_err() {
            // The damage may be on the way rather than in the store, and removal is for good: look twice.
            let Some(again) = self.read(store, key).await? else { return Ok(None) };
            outcome = again;
        }
        match outcome {
            Ok(outcome) => Ok(Some(outcome)),
            Err(reason) => {
                error!(%key, %reason, "a range object is corrupt; it is removed and its pages are done again");
                store.delete(key).await?;
                Ok(None)
            }
        }
    }

    async fn read(
        &self,
        store: &dyn ObjectStore,
        key: &ObjectKey,
    ) -> Result<Option<Result<RangeOutcome, CorruptRange>>, StoreError> {
        match store.get(key).await {
            Ok(body) => Ok(Some(self.outcome(key, &body))),
            Err(StoreError::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn outcome(&self, key: &ObjectKey, body: &[u8]) -> Result<RangeOutcome, CorruptRange> {
        let (epoch, range) = key.as_range_result().ok_or(CorruptRange::Misplaced)?;
        let id = RangeId { document: self.document, profile: self.profile, range, epoch };
        let statuses = RangeFile::open_as(body, &id)?.outcomes()?;
        Ok(RangeOutcome { key: key.clone(), sha256: Sha256::digest(body).into(), epoch, range, statuses })
    }
}

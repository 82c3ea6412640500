//! Range objects in the store, believed only when they prove themselves.

use std::collections::HashSet;

use quire_ports::{
    ObjectStore, StoreError,
    range_file::{CorruptRange, RangeFile, RangeId},
};
use quire_proto::{DocumentId, ObjectKey, ProfileId, Tenant};
use sha2::{Digest, Sha256};
use tracing::error;

use crate::coverage::{Coverage, RangeOutcome};

/// Objects asked for in one listing.
const LISTED_AT_ONCE: usize = 1000;

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
        let mut after: Option<ObjectKey> = None;
        loop {
            let page = store.list(&prefix, after.as_ref(), LISTED_AT_ONCE).await?;
            for object in &page.objects {
                if !seen.contains(&object.key) {
                    self.absorb(store, &object.key, seen, coverage).await?;
                }
            }
            after = page.objects.into_iter().next_back().map(|object| object.key);
            if !page.more || after.is_none() {
                return Ok(());
            }
        }
    }

    /// Takes in one object; says whether it is there and sound.
    ///
    /// One that is not sound is removed, since it would stand in the way of its successor, and its pages are holes.
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
        let Some(mut outcome) = self.read(store, key).await? else { return Ok(false) };
        if outcome.is_err() {
            // The damage may be on the way rather than in the store, and removal is for good: look twice.
            let Some(again) = self.read(store, key).await? else { return Ok(false) };
            outcome = again;
        }
        match outcome {
            Ok(outcome) => {
                coverage.absorb(outcome);
                seen.insert(key.clone());
                Ok(true)
            }
            Err(reason) => {
                error!(%key, %reason, "a range object is corrupt; it is removed and its pages are done again");
                store.delete(key).await?;
                Ok(false)
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

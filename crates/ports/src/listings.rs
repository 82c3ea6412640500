//! All objects below a prefix, one listing after the other.

use quire_proto::ObjectKey;

use crate::{ObjectMeta, ObjectStore, StoreError};

/// Objects asked for in one listing.
const LISTED_AT_ONCE: usize = 1000;

/// Lists objects in ascending order of their keys, however many there are.
#[derive(Debug)]
pub struct Listings<'a> {
    store: &'a dyn ObjectStore,
    prefix: &'a str,
    after: Option<ObjectKey>,
    more: bool,
}

impl<'a> Listings<'a> {
    /// Everything whose key begins with `prefix` and comes after the key `after`.
    pub fn new(store: &'a dyn ObjectStore, prefix: &'a str, after: Option<ObjectKey>) -> Self {
        Self { store, prefix, after, more: true }
    }

    /// The next objects, at least one; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<ObjectMeta>>, StoreError> {
        if !self.more {
            return Ok(None);
        }
        let listing = self.store.list(self.prefix, self.after.as_ref(), LISTED_AT_ONCE).await?;
        self.more = listing.more && !listing.objects.is_empty();
        self.after = listing.objects.last().map(|object| object.key.clone());
        Ok(Some(listing.objects).filter(|objects| !objects.is_empty()))
    }
}

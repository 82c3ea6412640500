//! Whether the server keeps its conditions.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures_util::future::join_all;
use quire_ports::{Put, StoreError};
use quire_proto::ObjectKey;
use tracing::error;

use super::{S3ObjectStore, error::Failure};

/// Simultaneous creators of one object: a server that looks and then writes lets several of them win.
const CREATORS: u8 = 32;

/// Whether of many simultaneous creators exactly one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conditions {
    /// The server checks that an object is absent as it creates it.
    Kept,
    /// The server accepts the condition and ignores it, or does not know it.
    Ignored,
}

impl S3ObjectStore {
    /// Has many create the same object at once, and goes by what it finds from then on.
    pub async fn probe(&self) -> Result<Conditions, StoreError> {
        let key = probe_key();
        let creators =
            (0..CREATORS).map(|creator| self.put_conditional(&key, Bytes::from(vec![creator; 64])));
        let mut created = 0;
        let mut known = true;
        let mut failed = None;
        for put in join_all(creators).await {
            match put {
                Ok(Put::Created) => created += 1,
                Ok(Put::Exists) => {}
                Err(failure) if failure.is_not_implemented() => known = false,
                Err(failure) => failed = Some(failure),
            }
        }
        self.remove(&key).await?;
        if let Some(failure) = failed {
            return Err(failure.on_what(key.as_str()));
        }
        let conditions = if known && created == 1 { Conditions::Kept } else { Conditions::Ignored };
        if conditions == Conditions::Ignored {
            error!(created, "the object store ignores If-None-Match: two writers of one object may both win");
        }
        self.ignores_conditions.store(conditions == Conditions::Ignored, Ordering::Relaxed);
        Ok(conditions)
    }

    /// What the last probe found; before it, the server is believed.
    pub fn conditions(&self) -> Conditions {
        if self.ignores_conditions.load(Ordering::Relaxed) { Conditions::Ignored } else { Conditions::Kept }
    }

    pub(super) async fn put_conditional(&self, key: &ObjectKey, body: Bytes) -> Result<Put, Failure> {
        let request = self.put_request(key, body).if_none_match("*");
        match request.send().await.map_err(Failure::from) {
            Ok(_) => Ok(Put::Created),
            Err(failure) if failure.is_taken() => Ok(Put::Exists),
            Err(failure) => Err(failure),
        }
    }
}

/// A key that no tenant has and no other probe.
fn probe_key() -> ObjectKey {
    let random = format!("probe/{:016x}", fastrand::u64(..));
    random.parse().expect("letters, digits and a slash are a key")
}

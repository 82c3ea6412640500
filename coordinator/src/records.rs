//! The JSON records of a job in the store: written once, read back by whoever comes second.

use bytes::Bytes;
use quire_ports::{ObjectStore, Put, StoreError};
use quire_proto::ObjectKey;
use serde::{Serialize, de::DeserializeOwned};

use crate::CoordinatorError;

/// Reads a record; `None` when it was not written yet.
pub(crate) async fn read<T: DeserializeOwned>(
    store: &dyn ObjectStore,
    key: &ObjectKey,
) -> Result<Option<T>, CoordinatorError> {
    match store.get(key).await {
        Ok(body) => serde_json::from_slice(&body).map(Some).map_err(|source| bad(key, source)),
        Err(StoreError::Missing(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes a record unless there is one; returns the one that is there afterwards.
pub(crate) async fn write_once<T: Serialize + DeserializeOwned>(
    store: &dyn ObjectStore,
    key: &ObjectKey,
    record: T,
) -> Result<T, CoordinatorError> {
    let body = serde_json::to_vec_pretty(&record).map_err(|source| bad(key, source))?;
    match store.put_if_absent(key, Bytes::from(body)).await? {
        Put::Created => Ok(record),
        Put::Exists => Ok(read(store, key).await?.unwrap_or(record)),
    }
}

fn bad(key: &ObjectKey, source: serde_json::Error) -> CoordinatorError {
    CoordinatorError::Record { key: key.clone(), source }
}

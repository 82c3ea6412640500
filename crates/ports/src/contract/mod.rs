//! What every adapter promises, as suites that each of them runs.
//!
//! Each suite takes a function that makes a fresh, empty instance. A promise
//! that is broken is an error or a failed assertion, never a test that hangs.

pub mod job_queue;
pub mod object_store;
pub mod progress_store;

use std::{future::Future, time::Duration};

use anyhow::Context;

/// Longest wait for something that must come.
const MUST_COME: Duration = Duration::from_secs(30);

/// Wait after which something is taken not to come.
const MUST_NOT_COME: Duration = Duration::from_millis(500);

async fn soon<T>(what: impl Future<Output = T>) -> anyhow::Result<T> {
    tokio::time::timeout(MUST_COME, what).await.context("nothing came")
}

async fn never<T>(what: impl Future<Output = T>) -> bool {
    tokio::time::timeout(MUST_NOT_COME, what).await.is_err()
}

//! Ports of one process, for `quire convert` and for tests. What they hold dies with the process.

mod job_queue;
mod object_store;
mod progress_store;

pub use job_queue::InMemoryJobQueue;
pub use object_store::InMemoryObjectStore;
pub use progress_store::InMemoryProgressStore;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks even after a panic elsewhere: each change below is made whole within one lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

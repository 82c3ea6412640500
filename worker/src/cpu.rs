//! The pool for work between the models: cropping, contours, decoding, assembling.

use std::{num::NonZeroUsize, sync::Arc, time::Instant};

use tokio::{sync::Semaphore, task};

use crate::trace::{self, Kind, Trace};

/// Runs short computations beside the model threads, at most so many at once. Cloning shares the pool.
#[derive(Clone, Debug)]
pub struct CpuPool {
    places: Arc<Semaphore>,
    trace: Trace,
}

/// The computation did not end: it panicked, which is a bug, or the process is stopping.
#[derive(Debug, thiserror::Error)]
#[error("{step} did not finish")]
pub struct CpuError {
    step: &'static str,
    source: task::JoinError,
}

impl CpuPool {
    /// A pool of `threads`, whose work `trace` records.
    pub fn new(threads: NonZeroUsize, trace: Trace) -> Self {
        Self { places: Arc::new(Semaphore::new(threads.get())), trace }
    }

    /// Runs `work`, named `step` in errors. A panic inside becomes an error of this call alone.
    pub async fn run<T: Send + 'static>(
        &self,
        step: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CpuError> {
        // The semaphore is never closed; without a place the work would only run less orderly.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (trace, page) = (self.trace.clone(), trace::page());
        let running = task::spawn_blocking(move || {
            let start = Instant::now();
            let result = work();
            trace.record(Kind::Cpu, step, start, 1, || page.into_iter().collect());
            drop(place);
            result
        });
        running.await.map_err(|source| CpuError { step, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_of_one_call_and_gives_its_place_back() {
        let pool = CpuPool::new(NonZeroUsize::MIN, Trace::default());

        let panicked = pool.run("boom", || panic!("as a bug would")).await;

        let panicked: Result<(), CpuError> = panicked;
        assert!(panicked.unwrap_err().to_string().contains("boom"));
        assert_eq!(pool.run("add", || 1 + 1).await.unwrap(), 2);
    }
}

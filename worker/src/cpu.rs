//! The pool for work between the models: cropping, contours, decoding, assembling.

use std::{num::NonZeroUsize, sync::Arc};

use tokio::{sync::Semaphore, task};

/// Runs short computations beside the model threads, at most so many at once. Cloning shares the pool.
#[derive(Clone, Debug)]
pub struct CpuPool {
    places: Arc<Semaphore>,
}

/// The computation did not end: it panicked, which is a bug, or the process is stopping.
#[derive(Debug, thiserror::Error)]
#[error("{step} did not finish")]
pub struct CpuError {
    step: &'static str,
    source: task::JoinError,
}

impl CpuPool {
    /// A pool of `threads`.
    pub fn new(threads: NonZeroUsize) -> Self {
        Self { places: Arc::new(Semaphore::new(threads.get())) }
    }

    /// Runs `work`, named `step` in errors. A panic inside becomes an error of this call alone.
    pub async fn run<T: Send + 'static>(
        &self,
        step: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CpuError> {
        // The semaphore is never closed; without a place the work would only run less orderly.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let running = task::spawn_blocking(move || {
            let result = work();
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
        let pool = CpuPool::new(NonZeroUsize::MIN);

        let panicked = pool.run("boom", || panic!("as a bug would")).await;

        let panicked: Result<(), CpuError> = panicked;
        assert!(panicked.unwrap_err().to_string().contains("boom"));
        assert_eq!(pool.run("add", || 1 + 1).await.unwrap(), 2);
    }
}

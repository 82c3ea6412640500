//! What waits for a model: pushed by tasks, taken in batches by the threads of the model.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use quire_proto::PageNumber;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{
    BatchError, BatchLimits,
    pending::{Next, Pending},
};
use crate::trace;

/// One item on its way.
pub(super) struct Request<I, O> {
    pub(super) input: I,
    /// The page that it is part of.
    pub(super) page: Option<PageNumber>,
    pub(super) answer: oneshot::Sender<Result<O, BatchError>>,
    /// Its place in the queue, free again when its batch starts.
    pub(super) place: OwnedSemaphorePermit,
}

/// Items that are run together.
pub(super) struct Batch<I, O> {
    pub(super) requests: Vec<Request<I, O>>,
    /// How long the thread waited for more while there were some.
    pub(super) held: Duration,
}

/// Waiting items, and the threads that wait for them.
pub(super) struct Queue<I, O> {
    state: Mutex<State<Request<I, O>>>,
    changed: Condvar,
    places: Arc<Semaphore>,
}

struct State<R> {
    /// Items whose bucket no thread has looked at yet.
    arrived: Vec<R>,
    pending: Pending<R>,
    closed: bool,
    /// Threads that still serve.
    threads: usize,
    /// Items that may wait.
    places: usize,
}

impl<I, O> Queue<I, O> {
    /// An empty queue, served by `threads`.
    pub(super) fn new(limits: BatchLimits, threads: usize) -> Self {
        let state = State {
            arrived: Vec::new(),
            pending: Pending::new(limits),
            closed: false,
            threads,
            places: limits.queue.get(),
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            places: Arc::new(Semaphore::new(limits.queue.get())),
        }
    }

    /// Adds an item once there is a place; false when nobody serves the queue any more.
    pub(super) async fn push(&self, input: I, answer: oneshot::Sender<Result<O, BatchError>>) -> bool {
        let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return false };
        let mut state = self.lock();
        if state.threads == 0 {
            return false;
        }
        state.arrived.push(Request { input, page: trace::page(), answer, place });
        drop(state);
        self.changed.notify_one();
        true
    }

    /// The next batch, of the bucket `last` if it is full; `sort` gives an item's bucket and cost. None when the queue is
    /// closed and empty.
    pub(super) fn next_batch(
        &self,
        last: Option<u32>,
        sort: impl Fn(&I) -> (u32, usize),
    ) -> Option<Batch<I, O>> {
        let mut held = Duration::ZERO;
        let mut state = self.lock();
        loop {
            for request in std::mem::take(&mut state.arrived) {
                let (bucket, cost) = sort(&request.input);
                state.pending.push(bucket, cost, request, Instant::now());
            }
            if state.closed {
                return state.pending.drain().map(|requests| Batch { requests, held });
            }
            state = match state.pending.next(Instant::now(), last) {
                Next::Run(requests) => {
                    // What is left may be a batch for the next thread.
                    self.changed.notify_one();
                    return Some(Batch { requests, held });
                }
                Next::Idle => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Next::Wait(most) => {
                    let since = Instant::now();
                    let waited =
                        self.changed.wait_timeout(state, most).unwrap_or_else(PoisonError::into_inner);
                    held += since.elapsed();
                    waited.0
                }
            };
        }
    }

    /// Later batches close by `limits`. The queue only ever gets longer: places in use cannot be taken away.
    pub(super) fn set_limits(&self, limits: BatchLimits) {
        let mut state = self.lock();
        state.pending.set_limits(limits);
        let more = limits.queue.get().saturating_sub(state.places);
        state.places += more;
        self.places.add_permits(more);
        drop(state);
        self.changed.notify_all();
    }

    /// Nothing more will come: what is there is still served.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// A thread has ended. With the last one, what waits is dropped, and so are its answers.
    pub(super) fn leave(&self) {
        let mut state = self.lock();
        state.threads -= 1;
        if state.threads == 0 {
            self.places.close();
            state.arrived.clear();
            while state.pending.drain().is_some() {}
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Whether all threads end before `most` has passed; waits for them.
    pub(super) fn is_left_within(&self, most: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), most, |state| state.threads > 0);
        waited.unwrap_or_else(PoisonError::into_inner).0.threads == 0
    }

    fn lock(&self) -> MutexGuard<'_, State<Request<I, O>>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<I, O> fmt::Debug for Queue<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("free", &self.places.available_permits()).finish_non_exhaustive()
    }
}

//! Micro-batches: single items in, one model call for many of them, single answers out.
//!
//! ```text
//!  page task ─┐                ┌─ bucket 320: ▮▮▮▮▮     ┌─▶ thread: model.run(batch)
//!  page task ─┼─▶ bounded queue ─ bucket 640: ▮▮      ──┤
//!  page task ─┘                └─ bucket 960: ▮         └─▶ thread: model.run(batch)
//!       ▲                                                              │
//!       └────────────────────── each item's own answer ◀───────────────┘
//! ```
//!
//! Items of several pages and documents share a batch; only items of one bucket
//! do. Nothing here knows pages, so nothing can wait for "all pages" of anything.

mod pending;
mod queue;
mod thread;

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use quire_models::ModelError;
use tokio::sync::oneshot;
use tracing::warn;

use queue::Queue;

pub use thread::spawn;

/// A model that takes several items at once.
pub trait BatchModel: Send + 'static {
    /// One item.
    type Input: Send + 'static;
    /// Its answer.
    type Output: Send + 'static;
    /// Name in threads, errors and measurements.
    const NAME: &'static str;

    /// Items share a batch only when their buckets are equal: the tensor's shape.
    fn bucket(&self, input: &Self::Input) -> u32;

    /// What an item costs within a batch, in the unit of [`BatchLimits::cost`].
    fn cost(&self, input: &Self::Input) -> usize;

    /// Runs the model; one output per input, in order.
    fn run(&mut self, inputs: &[Self::Input]) -> Result<Vec<Self::Output>, ModelError>;
}

/// When a micro-batch closes: on cost, then on count, then on wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// Most cost in one batch: padded pixels.
    pub cost: usize,
    /// Most items in one batch.
    pub count: NonZeroUsize,
    /// Longest that an item waits for company while the model is idle.
    pub wait: Duration,
    /// Items that may wait in the queue; a full queue blocks the sender.
    pub queue: NonZeroUsize,
}

/// Why an item has no answer.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The model failed on this item even when it ran alone.
    #[error("{model} failed")]
    Model {
        /// [`BatchModel::NAME`].
        model: &'static str,
        /// The model's own error.
        source: ModelError,
    },
    /// The model gave more or fewer answers than it had items.
    #[error("{model} gave {actual} answers for {expected} items")]
    OutputCount {
        /// [`BatchModel::NAME`].
        model: &'static str,
        /// Items in the batch.
        expected: usize,
        /// Answers that came.
        actual: usize,
    },
    /// The model's thread is gone: the worker is stopping, or the model panicked.
    #[error("{model} has stopped")]
    Stopped {
        /// [`BatchModel::NAME`].
        model: &'static str,
    },
}

/// The sending end; clones share the threads, which end when the last one is dropped.
#[derive(Debug)]
pub struct Batcher<I, O> {
    name: &'static str,
    queue: Arc<Sending<I, O>>,
}

impl<I, O> Clone for Batcher<I, O> {
    fn clone(&self) -> Self {
        Self { name: self.name, queue: Arc::clone(&self.queue) }
    }
}

/// Longest that the last sender waits for the threads to end.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// Closes the queue when nobody can send any more, and waits until the networks are gone: a process that ends while a
/// network is on a GPU crashes in the driver.
#[derive(Debug)]
struct Sending<I, O>(Arc<Queue<I, O>>);

impl<I, O> Drop for Sending<I, O> {
    fn drop(&mut self) {
        self.0.close();
        if !self.0.is_left_within(ENDS_WITHIN) {
            warn!("a network does not end; it is left behind");
        }
    }
}

impl<I: Send, O: Send> Batcher<I, O> {
    /// Later batches close by `limits`.
    pub fn set_limits(&self, limits: BatchLimits) {
        self.queue.0.set_limits(limits);
    }

    /// Sends one item and waits for its answer. Waits while the queue is full.
    pub async fn submit(&self, input: I) -> Result<O, BatchError> {
        let stopped = || BatchError::Stopped { model: self.name };
        let (answer, answered) = oneshot::channel();
        if !self.queue.0.push(input, answer).await {
            return Err(stopped());
        }
        answered.await.map_err(|_| stopped())?
    }
}

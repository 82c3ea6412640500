//! The bounded queue in front of the children.
//!
//! A child takes the first job for the document that it holds open, so documents do not take turns in one
//! child and pay for opening each time. No job is passed over for ever.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use quire_proto::PageNumber;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::{
    error::{OpenError, PageError},
    rendered_page::{RenderOptions, RenderedPage},
    source::SourceFile,
    wire::DocumentInfo,
};

/// How often the job at the head may be passed over.
const MAX_PASSED_OVER: u32 = 16;

/// What a child is to do, and where the answer goes.
pub(crate) enum Task {
    Open {
        reply: oneshot::Sender<Result<DocumentInfo, OpenError>>,
    },
    Render {
        page: PageNumber,
        options: RenderOptions,
        reply: oneshot::Sender<Result<RenderedPage, PageError>>,
    },
}

impl Task {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Open { reply } => reply.is_closed(),
            Self::Render { reply, .. } => reply.is_closed(),
        }
    }
}

/// A task on a document.
pub(crate) struct Job {
    pub(crate) source: SourceFile,
    pub(crate) task: Task,
    passed_over: u32,
    /// The job's place in the queue, free again when the job is done and dropped.
    _room: OwnedSemaphorePermit,
}

/// The queue.
pub(crate) struct JobQueue {
    state: Mutex<State>,
    filled: Condvar,
    room: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl JobQueue {
    /// A queue that holds `bound` jobs.
    pub(crate) fn new(bound: usize) -> Self {
        Self { state: Mutex::default(), filled: Condvar::new(), room: Arc::new(Semaphore::new(bound)) }
    }

    /// Adds a task once there is room for it; drops it when the queue is closed. Cancel safe: nothing is added
    /// before there is room.
    pub(crate) async fn push(&self, source: SourceFile, task: Task) {
        let Ok(room) = self.room.clone().acquire_owned().await else { return };
        let mut state = self.lock();
        if !state.closed {
            state.jobs.push_back(Job { source, task, passed_over: 0, _room: room });
            self.filled.notify_one();
        }
    }

    /// Waits for a job, one for the document `open` if there is one; `None` once the queue is closed.
    pub(crate) fn take(&self, open: Option<u64>) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            state.jobs.retain(|job| !job.task.is_abandoned());
            if let Some(job) = state.pick(open) {
                return Some(job);
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Drops all jobs and wakes everybody.
    pub(crate) fn close(&self) {
        self.room.close();
        let mut state = self.lock();
        state.closed = true;
        state.jobs.clear();
        self.filled.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn pick(&mut self, open: Option<u64>) -> Option<Job> {
        let head = self.jobs.front_mut()?;
        if head.passed_over >= MAX_PASSED_OVER {
            return self.jobs.pop_front();
        }
        let index = self.jobs.iter().position(|job| Some(job.source.id()) == open).unwrap_or(0);
        if index > 0
            && let Some(head) = self.jobs.front_mut()
        {
            head.passed_over += 1;
        }
        self.jobs.remove(index)
    }
}

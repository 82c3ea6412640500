//! The pool: jobs in, pages out, one thread for each child.

use std::{
    os::fd::OwnedFd,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use quire_proto::PageNumber;
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::sync::oneshot;

use crate::{
    config::RenderConfig,
    error::{OpenError, PageError, RenderError},
    job_queue::{Job, JobQueue, Task},
    rendered_page::{RenderOptions, RenderedPage},
    sandbox_level::SandboxLevel,
    slot::Slot,
    source::SourceFile,
    wire::DocumentInfo,
};

/// A set of render children. Clones share them; the last clone takes them along when it is dropped.
#[derive(Clone)]
pub struct RenderPool {
    inner: Arc<Inner>,
    level: SandboxLevel,
}

struct Inner {
    queue: Arc<JobQueue>,
    /// Dropped to tell every thread, also one that waits for its child, that it is over.
    stop: Mutex<Option<OwnedFd>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl RenderPool {
    /// Starts the children and waits until all are ready: milliseconds, as a rule.
    pub fn start(config: RenderConfig) -> Result<Self, RenderError> {
        let config = Arc::new(with_absolute_paths(config)?);
        let children = config.children.get();
        let (stop, stopper) = pipe_with(PipeFlags::CLOEXEC)
            .map_err(|errno| RenderError::System { action: "create a pipe", source: errno.into() })?;
        let stop = Arc::new(stop);
        // One job waits for each child that works, so that none is idle while answers travel.
        let queue = Arc::new(JobQueue::new(children * 2));
        let (ready, readiness) = sync_channel(children);
        // Complete before the first thread runs, so that an early return ends what was started.
        let inner = Arc::new(Inner {
            queue: queue.clone(),
            stop: Mutex::new(Some(stopper)),
            threads: Mutex::default(),
        });

        for number in 0..children {
            let (config, stop, queue, ready) = (config.clone(), stop.clone(), queue.clone(), ready.clone());
            let thread = std::thread::Builder::new()
                .name(format!("render-{number}"))
                .spawn(move || run_slot(config, stop, &queue, ready))
                .map_err(|source| RenderError::System { action: "start a thread", source })?;
            inner.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        }
        drop(ready);

        let levels: Vec<_> = readiness.iter().collect::<Result<_, _>>()?;
        let level = *levels.first().ok_or(RenderError::Stopped)?;
        Ok(Self { inner, level })
    }

    /// How well the children are confined.
    pub fn sandbox_level(&self) -> SandboxLevel {
        self.level
    }

    /// Opens a document and counts its pages. Cancel safe: a job nobody waits for is dropped.
    pub async fn open(&self, source: &SourceFile) -> Result<DocumentInfo, OpenError> {
        let (reply, answer) = oneshot::channel();
        self.inner.queue.push(source.clone(), Task::Open { reply }).await;
        answer.await.unwrap_or(Err(OpenError::NotJudged(RenderError::Stopped)))
    }

    /// Renders a page. Cancel safe: a job nobody waits for is dropped, a page that is being drawn is finished first.
    pub async fn render(
        &self,
        source: &SourceFile,
        page: PageNumber,
        options: RenderOptions,
    ) -> Result<RenderedPage, PageError> {
        let (reply, answer) = oneshot::channel();
        self.inner.queue.push(source.clone(), Task::Render { page, options, reply }).await;
        answer.await.unwrap_or(Err(PageError::NotJudged(RenderError::Stopped)))
    }

    /// Ends all children, also for other clones of the pool, and waits until they are gone.
    pub async fn shutdown(self) {
        self.inner.close();
        let joined = tokio::task::spawn_blocking(move || self.inner.join()).await;
        if let Err(error) = joined {
            tracing::warn!(%error, "cannot wait for the render threads");
        }
    }
}

impl Inner {
    fn close(&self) {
        self.queue.close();
        self.stop.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn join(&self) {
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a render thread panicked");
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
        self.join();
    }
}

/// Closes the queue when a thread panics: better no rendering than callers that wait for ever.
struct CloseOnPanic<'a>(&'a JobQueue);

impl Drop for CloseOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.close();
        }
    }
}

/// The life of one thread: start a child, work until the queue closes. The child ends with the slot.
fn run_slot(
    config: Arc<RenderConfig>,
    stop: Arc<OwnedFd>,
    queue: &JobQueue,
    ready: SyncSender<Result<SandboxLevel, RenderError>>,
) {
    let _guard = CloseOnPanic(queue);
    let (started, slot) = match Slot::start(config, stop) {
        Ok((slot, level)) => (Ok(level), Some(slot)),
        Err(error) => (Err(error), None),
    };
    // Nobody listens when another child has already failed to start.
    if ready.send(started).is_err() {
        return;
    }
    drop(ready);
    let Some(mut slot) = slot else { return };
    while let Some(Job { source, task, .. }) = queue.take(slot.holds()) {
        // A caller that went away does not want the answer.
        match task {
            Task::Open { reply } => drop(reply.send(slot.open(&source))),
            Task::Render { page, options, reply } => drop(reply.send(slot.render(&source, page, options))),
        }
    }
}

/// Children run in `/`, where relative paths mean something else.
fn with_absolute_paths(mut config: RenderConfig) -> Result<RenderConfig, RenderError> {
    for path in [&mut config.program, &mut config.pdfium] {
        *path = std::path::absolute(&path)
            .map_err(|source| RenderError::System { action: "read the current directory", source })?;
    }
    Ok(config)
}

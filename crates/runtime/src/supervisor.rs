//! Owns every long-running task of a process, from spawn to join.
//!
//! Shutdown closes the front and drains to the back: the token stops the intake,
//! the intake drops its queue, and each stage ends when its input closes.

use std::{collections::HashMap, future::Future, time::Duration};

use tokio::{
    task::{Id, JoinError, JoinSet},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::debug;

/// Why a process did not end well.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    /// A task gave up; the others were drained.
    #[error("task {task} failed")]
    TaskFailed {
        /// Its name.
        task: &'static str,
        /// Its reason.
        source: anyhow::Error,
    },
    /// A task panicked, which is a bug; the others were drained.
    #[error("task {task} panicked")]
    TaskPanicked {
        /// Its name.
        task: &'static str,
        /// The panic.
        source: JoinError,
    },
    /// Tasks were still running when the grace period ended; they were aborted.
    #[error("tasks did not stop in time: {}", tasks.join(", "))]
    GraceExpired {
        /// Their names, sorted.
        tasks: Vec<&'static str>,
    },
}

/// The tasks of a process and the token that stops them.
pub struct Supervisor {
    shutdown: CancellationToken,
    tasks: JoinSet<anyhow::Result<()>>,
    names: HashMap<Id, &'static str>,
}

impl Supervisor {
    /// A supervisor whose tasks stop when `shutdown` is cancelled.
    pub fn new(shutdown: CancellationToken) -> Self {
        Self { shutdown, tasks: JoinSet::new(), names: HashMap::new() }
    }

    /// Starts a task. It is expected to end by itself once the token is cancelled.
    pub fn spawn(
        &mut self,
        name: &'static str,
        task: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        let handle = self.tasks.spawn(task);
        self.names.insert(handle.id(), name);
    }

    /// Runs until all tasks have ended; at shutdown or the first failure, drains the others within `grace`.
    pub async fn run(mut self, grace: Duration) -> Result<(), SupervisorError> {
        let shutdown = self.shutdown.clone();
        let first = tokio::select! {
            () = shutdown.cancelled() => None,
            failure = self.next_failure() => failure,
        };
        self.shutdown.cancel();
        debug!(running = self.tasks.len(), ?grace, "draining tasks");

        let mut failure = first;
        let drain = async {
            while let Some(late) = self.next_failure().await {
                failure.get_or_insert(late);
            }
        };
        if timeout(grace, drain).await.is_err() {
            return Err(self.abort_rest());
        }
        failure.map_or(Ok(()), Err)
    }

    /// Joins tasks until one fails; `None` once all have ended. Cancel safe: joining is.
    async fn next_failure(&mut self) -> Option<SupervisorError> {
        while let Some(joined) = self.tasks.join_next_with_id().await {
            let id = joined.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
            let task = self.names.remove(&id).unwrap_or("unnamed");
            match joined {
                Ok((_, Ok(()))) => debug!(task, "task ended"),
                Ok((_, Err(source))) => return Some(SupervisorError::TaskFailed { task, source }),
                Err(source) => return Some(SupervisorError::TaskPanicked { task, source }),
            }
        }
        None
    }

    fn abort_rest(mut self) -> SupervisorError {
        self.tasks.abort_all();
        let mut tasks: Vec<_> = self.names.into_values().collect();
        tasks.sort_unstable();
        SupervisorError::GraceExpired { tasks }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    const GRACE: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_stuck_task_is_named_when_grace_expires() {
        let shutdown = CancellationToken::new();
        let mut supervisor = Supervisor::new(shutdown.clone());
        supervisor.spawn("render", pending());
        shutdown.cancel();

        let error = supervisor.run(GRACE).await.unwrap_err();

        assert!(matches!(error, SupervisorError::GraceExpired { tasks } if tasks == ["render"]));
    }

    #[tokio::test(start_paused = true)]
    async fn one_failure_drains_the_others() {
        let shutdown = CancellationToken::new();
        let mut supervisor = Supervisor::new(shutdown.clone());
        supervisor.spawn("intake", async move {
            shutdown.cancelled().await;
            Ok(())
        });
        supervisor.spawn("layout", async { anyhow::bail!("model is gone") });

        let error = supervisor.run(GRACE).await.unwrap_err();

        assert!(matches!(error, SupervisorError::TaskFailed { task: "layout", .. }));
    }

    #[tokio::test(start_paused = true)]
    async fn tasks_that_end_by_themselves_end_the_run() {
        let mut supervisor = Supervisor::new(CancellationToken::new());
        supervisor.spawn("convert", async { Ok(()) });

        assert!(supervisor.run(GRACE).await.is_ok());
    }
}

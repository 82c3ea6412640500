//! The coordinator as a service: finds open jobs in the store and sees all of them through.
//!
//! ```text
//!  _open/ ── listed ──▶ one run for each job, all at one window ──▶ manifest ──▶ marker removed
//! ```
//!
//! Several may run over the same store: they do some work twice, and commit one manifest.

use std::{collections::HashSet, future::pending, time::Duration};

use quire_ports::Listings;
use quire_proto::{JobId, Tenant, object_key::OPEN_JOBS};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{
    Coordinator, CoordinatorError, JobOutcome,
    fit::{LEAST, fit},
    gc::Collection,
    settings::{Settings, patience},
};

/// Time between two looks at how much waits for a worker.
const FIT_EVERY: Duration = Duration::from_secs(1);

/// Runs every open job.
#[derive(Debug)]
pub struct Service {
    coordinator: Coordinator,
    wake: Notify,
}

type Job = (Tenant, JobId);

impl Service {
    /// A service that has not begun.
    pub fn new(coordinator: Coordinator) -> Self {
        coordinator.window.resize(coordinator.settings.window.min(LEAST));
        Self { coordinator, wake: Notify::new() }
    }

    /// What it runs jobs with.
    pub fn coordinator(&self) -> &Coordinator {
        &self.coordinator
    }

    /// Looks for new jobs now rather than soon.
    pub fn look_now(&self) {
        self.wake.notify_one();
    }

    /// Runs jobs until `shutdown`; those that are not finished then go on at the next start.
    pub async fn run(&self, shutdown: CancellationToken) {
        tokio::select! {
            () = self.run_jobs(shutdown) => {}
            () = self.fit_window() => {}
            () = self.collect_garbage() => {}
        }
    }

    /// Collects garbage from time to time. Does not end.
    async fn collect_garbage(&self) {
        let Settings { collect_every, collect_older_than, .. } = self.coordinator.settings;
        let Some(every) = collect_every else { return pending().await };
        let terms = Collection { older_than: collect_older_than, dry_run: false };
        loop {
            sleep(every).await;
            if let Err(error) = self.coordinator.collect_all(terms).await {
                warn!(%error, "garbage is not collected; trying again next time");
            }
        }
    }

    /// Keeps the window as large as the workers need. Does not end.
    async fn fit_window(&self) {
        let Coordinator { window, ports, settings, .. } = &self.coordinator;
        loop {
            fit(window, ports.queue.as_ref(), settings.window).await;
            sleep(FIT_EVERY).await;
        }
    }

    async fn run_jobs(&self, shutdown: CancellationToken) {
        let mut running: HashSet<Job> = HashSet::new();
        let mut runs: JoinSet<Job> = JoinSet::new();
        let mut backoff = patience();
        loop {
            let pause = match self.discover(&mut running, &mut runs, &shutdown).await {
                Ok(()) => {
                    backoff.reset();
                    self.coordinator.settings.discover_every
                }
                Err(error) => {
                    warn!(%error, "cannot look for jobs; trying again");
                    backoff.pause()
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = self.wake.notified() => {}
                () = sleep(pause) => {}
                Some(ended) = runs.join_next() => match ended {
                    Ok(job) => {
                        running.remove(&job);
                    }
                    Err(error) => error!(%error, "a run ended by itself; it goes on at the next start"),
                },
            }
        }
        while runs.join_next().await.is_some() {}
    }

    /// Starts a run for each job that has none, as far as there is room.
    async fn discover(
        &self,
        running: &mut HashSet<Job>,
        runs: &mut JoinSet<Job>,
        shutdown: &CancellationToken,
    ) -> Result<(), CoordinatorError> {
        let mut listings = Listings::new(self.coordinator.ports.store.as_ref(), OPEN_JOBS, None);
        while let Some(objects) = listings.next().await? {
            for job in objects.iter().filter_map(|object| object.key.as_open_job()) {
                if running.len() < self.coordinator.settings.jobs_at_once && running.insert(job.clone()) {
                    let coordinator = self.coordinator.clone();
                    let shutdown = shutdown.clone();
                    runs.spawn(async move {
                        see_through(&coordinator, &job.0, job.1, shutdown).await;
                        job
                    });
                }
            }
        }
        Ok(())
    }
}

/// Runs one job to its end, however often a service is away.
async fn see_through(coordinator: &Coordinator, tenant: &Tenant, job: JobId, shutdown: CancellationToken) {
    let mut backoff = patience();
    loop {
        // Nobody listens: the receiver goes at once.
        let (events, _) = mpsc::channel(1);
        match coordinator.run(tenant, job, events, shutdown.clone()).await {
            Ok(JobOutcome::Finished(manifest)) => {
                info!(%job, tenant = tenant.as_str(), ledger = ?manifest.ledger, "a job is finished");
                return;
            }
            Ok(JobOutcome::Interrupted(_)) => return,
            Err(CoordinatorError::UnknownJob(_)) => {
                warn!(%job, "an open job was removed");
                coordinator.close(tenant, job).await;
                return;
            }
            Err(error) if error.is_transient() => warn!(%job, %error, "a job waits for a service"),
            Err(error) => error!(%job, %error, "a job cannot go on"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = sleep(backoff.pause()) => {}
        }
    }
}

//! One run of a job: feed the queue, watch the store, commit the manifest.
//!
//! ```text
//!        ┌──────────── feed: publish while outstanding < window ◀───────────┐
//!        ▼                                                                  │
//!   wait for ── progress ──▶ ranges that look finished: read their objects ─┤
//!            ── a tick ────▶ reconcile: list, bury what is parked, publish ─┤
//!            ── shutdown    again what was lost                             │
//!                                                no holes left ─▶ manifest  ┘
//! ```

mod document;
mod finish;
mod watch;

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use quire_ports::Cursor;
use quire_proto::{
    DocumentId, Ledger, ObjectKey, PageRange, RangeJob,
    job::RANGE_JOB_SCHEMA,
    manifest::{JobPlan, JobSpec, Opened},
};
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

use self::document::DocumentRun;
use crate::{Coordinator, CoordinatorError, JobEvent, JobOutcome};

/// The state of one run; everything in it can be derived from the store again.
pub(crate) struct Run<'a> {
    coordinator: &'a Coordinator,
    spec: &'a JobSpec,
    plan: &'a JobPlan,
    events: mpsc::Sender<JobEvent>,
    shutdown: CancellationToken,
    /// Documents that have pages, in the order of the plan.
    documents: Vec<DocumentRun>,
    places: HashMap<DocumentId, usize>,
    /// Documents with ranges to publish; the first few take turns.
    turns: VecDeque<usize>,
    outstanding: usize,
    cursor: Cursor,
    cancelled: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        coordinator: &'a Coordinator,
        spec: &'a JobSpec,
        plan: &'a JobPlan,
        events: mpsc::Sender<JobEvent>,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            coordinator,
            spec,
            plan,
            events,
            shutdown,
            documents: Vec::new(),
            places: HashMap::new(),
            turns: VecDeque::new(),
            outstanding: 0,
            cursor: Cursor::default(),
            cancelled: false,
        }
    }

    pub(crate) async fn finish(mut self) -> Result<JobOutcome, CoordinatorError> {
        if let Some(manifest) = self.coordinator.manifest(&self.spec.tenant, self.spec.job).await? {
            return Ok(self.repeat(manifest).await);
        }
        self.start().await?;
        let mut tick = tokio::time::interval(self.coordinator.settings.reconcile_every);
        tick.tick().await;
        while !self.is_complete() {
            self.feed().await?;
            let shutdown = self.shutdown.clone();
            tokio::select! {
                () = shutdown.cancelled() => return Ok(JobOutcome::Interrupted(self.ledger())),
                news = self.news() => self.take_in(news).await?,
                _ = tick.tick() => self.reconcile().await?,
            }
        }
        if self.cancelled {
            // What was finished while nobody looked is not given up.
            for place in 0..self.documents.len() {
                self.look(place).await?;
            }
        }
        self.commit().await.map(JobOutcome::Finished)
    }

    /// Looks what is there already, and tells.
    async fn start(&mut self) -> Result<(), CoordinatorError> {
        // The cursor comes before the look at the store: what happens in between is seen twice, not missed.
        self.cursor = self.snapshot_cursor().await;
        for planned in &self.plan.documents {
            match &planned.opened {
                Opened::Failed(failure) => {
                    self.tell(JobEvent::Refused { document: planned.document, failure: failure.clone() })
                        .await;
                }
                Opened::Pages { selected, .. } => {
                    let mut document = DocumentRun::new(self.spec, planned.document, selected.clone());
                    document.look(self.coordinator.ports.store.as_ref()).await?;
                    let ledger = document.coverage.ledger();
                    self.tell(JobEvent::Planned { document: planned.document, ledger }).await;
                    self.add(document).await;
                }
            }
        }
        self.look_for_cancel().await
    }

    async fn add(&mut self, document: DocumentRun) {
        let place = self.documents.len();
        self.places.insert(document.shelf.document, place);
        self.documents.push(document);
        self.after_look(place).await;
    }

    /// Publishes while the window is open.
    async fn feed(&mut self) -> Result<(), CoordinatorError> {
        while !self.cancelled && self.outstanding < self.coordinator.settings.window {
            let Some(place) = self.turns.pop_front() else { break };
            if let Some(range) = self.documents[place].todo.pop_front() {
                self.publish(place, range).await?;
            }
            if !self.documents[place].todo.is_empty() {
                let turn = self.coordinator.settings.open_documents.saturating_sub(1).min(self.turns.len());
                self.turns.insert(turn, place);
            }
        }
        Ok(())
    }

    async fn publish(&mut self, place: usize, range: PageRange) -> Result<(), CoordinatorError> {
        let job = self.job(place, range);
        self.coordinator.ports.queue.publish(job).await?;
        self.documents[place].published(range, Instant::now());
        self.outstanding += 1;
        Ok(())
    }

    fn job(&self, place: usize, range: PageRange) -> RangeJob {
        let shelf = &self.documents[place].shelf;
        RangeJob {
            schema: RANGE_JOB_SCHEMA,
            tenant: self.spec.tenant.clone(),
            job: self.spec.job,
            document: shelf.document,
            profile: shelf.profile,
            options: self.spec.profile.options.clone(),
            range,
            epoch: self.spec.epoch,
            attempt: 1,
            priority: self.spec.priority,
            trace: Default::default(),
        }
    }

    /// Compares the plan with the store.
    async fn reconcile(&mut self) -> Result<(), CoordinatorError> {
        self.look_for_cancel().await?;
        self.bury_parked().await?;
        for place in 0..self.documents.len() {
            if !self.documents[place].outstanding.is_empty() {
                self.look(place).await?;
                self.republish_lost(place).await?;
            }
        }
        Ok(())
    }

    async fn republish_lost(&mut self, place: usize) -> Result<(), CoordinatorError> {
        let lost = self.documents[place].older_than(self.coordinator.settings.republish_after);
        for range in lost {
            tracing::warn!(document = %self.documents[place].shelf.document, %range, "no result: published again");
            self.coordinator.ports.queue.publish(self.job(place, range)).await?;
            self.documents[place].published(range, Instant::now());
        }
        Ok(())
    }

    /// Reads what is new on a document's shelf.
    async fn look(&mut self, place: usize) -> Result<(), CoordinatorError> {
        let store = self.coordinator.ports.store.clone();
        self.documents[place].look(store.as_ref()).await?;
        self.after_look(place).await;
        Ok(())
    }

    /// Draws the conclusions: fewer outstanding, perhaps complete, perhaps holes to publish again.
    async fn after_look(&mut self, place: usize) {
        let document = &mut self.documents[place];
        self.outstanding -= document.drop_finished();
        if document.becomes_complete() {
            let complete = document.manifest(false);
            self.tell(JobEvent::Complete(complete)).await;
        } else if document.find_work(self.spec.range_size) {
            self.turns.push_back(place);
        }
    }

    async fn look_for_cancel(&mut self) -> Result<(), CoordinatorError> {
        let marker = ObjectKey::job_cancel(&self.spec.tenant, self.spec.job);
        if !self.cancelled && self.coordinator.ports.store.head(&marker).await?.is_some() {
            self.cancelled = true;
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.cancelled || self.documents.iter().all(|document| document.complete)
    }

    fn ledger(&self) -> Ledger {
        self.documents.iter().map(|document| document.coverage.ledger()).sum()
    }

    async fn tell(&self, event: JobEvent) {
        // Nobody listens any more: the job goes on all the same.
        drop(self.events.send(event).await);
    }

    fn pause(&self) -> Duration {
        self.coordinator.settings.reconcile_every
    }
}

//! One run of a job: feed the queue, watch the store, commit the manifest.
//!
//! ```text
//!        ┌──────────── feed: publish what the window grants ◀───────────────┐
//!        ▼                                                                  │
//!   wait for ── progress ──▶ ranges that look finished: read their objects ─┤
//!            ── a slot                                                      │
//!            ── time ──────▶ cancelled? reconcile: list, bury what is       │
//!            ── shutdown     parked, publish again what was lost            │
//!                                                no holes left ─▶ manifest  ┘
//! ```

mod document;
mod feed;
mod finish;
mod reconcile;
mod watch;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use quire_ports::{Backoff, Cursor};
use quire_proto::{
    DocumentId, Ledger, ObjectKey,
    manifest::{JobPlan, JobSpec, Opened},
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use self::document::DocumentRun;
use crate::{
    Coordinator, CoordinatorError, JobEvent, JobOutcome, gauge::Gauge, settings::patience, window::Seat,
};

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
    seat: Seat,
    gauge: Arc<Gauge>,
    /// All pages by state, kept up to date.
    ledger: Ledger,
    cursor: Cursor,
    cancelled: bool,
    times: Times,
    backoff: Backoff,
}

/// What happens next, and when.
struct Times {
    publish: Instant,
    listen: Instant,
    reconcile: Instant,
    cancel: Instant,
}

/// Why a run goes round once more.
enum Step {
    Stop,
    Granted,
    Published,
    News(Result<quire_ports::Events, quire_ports::ProgressError>),
    Reconcile,
    Cancel,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        coordinator: &'a Coordinator,
        spec: &'a JobSpec,
        plan: &'a JobPlan,
        events: mpsc::Sender<JobEvent>,
        shutdown: CancellationToken,
    ) -> Self {
        let now = Instant::now();
        let settings = &coordinator.settings;
        Self {
            coordinator,
            spec,
            plan,
            events,
            shutdown,
            documents: Vec::new(),
            places: HashMap::new(),
            turns: VecDeque::new(),
            seat: coordinator.window.seat(&spec.tenant, spec.priority),
            gauge: coordinator.gauges.of(spec.job),
            ledger: Ledger::default(),
            cursor: Cursor::default(),
            cancelled: false,
            times: Times {
                publish: now,
                listen: now,
                reconcile: now + settings.reconcile_every,
                cancel: now + settings.look_for_cancel_every,
            },
            backoff: patience(),
        }
    }

    pub(crate) async fn finish(mut self) -> Result<JobOutcome, CoordinatorError> {
        if let Some(manifest) = self.coordinator.manifest(&self.spec.tenant, self.spec.job).await? {
            return Ok(self.repeat(manifest).await);
        }
        self.start().await?;
        while !self.is_complete() {
            let step = self.step().await;
            if matches!(step, Step::Stop) {
                return Ok(JobOutcome::Interrupted(self.ledger));
            }
            if let Err(error) = self.act(step).await {
                self.outlast(error)?;
            }
        }
        self.end().await
    }

    /// Waits for the next thing to do. Dropping it loses nothing.
    async fn step(&self) -> Step {
        let feeding = !self.cancelled && !self.turns.is_empty();
        let paused = self.times.publish > Instant::now();
        tokio::select! {
            () = self.shutdown.cancelled() => Step::Stop,
            () = self.seat.granted(), if feeding && !paused => Step::Granted,
            () = sleep_until(self.times.publish), if feeding && paused => Step::Published,
            () = sleep_until(self.times.cancel), if !self.cancelled => Step::Cancel,
            () = sleep_until(self.times.reconcile) => Step::Reconcile,
            news = self.news() => Step::News(news),
        }
    }

    async fn act(&mut self, step: Step) -> Result<(), CoordinatorError> {
        match step {
            Step::Stop | Step::Granted | Step::Published => {}
            Step::News(news) => self.take_in(news).await?,
            Step::Reconcile => self.reconcile().await?,
            Step::Cancel => self.look_for_cancel().await?,
        }
        self.feed().await
    }

    /// A service that is away is no reason to forget what is under way: the store is looked at again soon.
    fn outlast(&mut self, error: CoordinatorError) -> Result<(), CoordinatorError> {
        if !self.coordinator.settings.outlast_outages || !error.is_transient() {
            return Err(error);
        }
        let pause = self.backoff.pause();
        warn!(job = %self.spec.job, %error, ?pause, "a service is away; trying again");
        self.times.reconcile = Instant::now() + pause;
        Ok(())
    }

    /// Looks what is there already, and tells.
    async fn start(&mut self) -> Result<(), CoordinatorError> {
        // The cursor comes before the look at the store: what happens in between is seen twice, not missed.
        let marked = self.coordinator.ports.progress.snapshot(self.spec.job).await.unwrap_or_default();
        self.cursor = marked.cursor;
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
                    let marks = marked.documents.get(&planned.document).map_or(0, |marks| marks.decided());
                    if marks > ledger.decided() {
                        // Of a job that was removed and is back: nobody would be told of pages that are read again.
                        self.coordinator.forget_progress(self.spec.job, planned.document).await;
                    }
                    self.tell(JobEvent::Planned { document: planned.document, ledger }).await;
                    self.add(document).await;
                }
            }
        }
        self.look_for_cancel().await?;
        self.repair_progress().await;
        self.feed().await
    }

    async fn add(&mut self, document: DocumentRun) {
        let place = self.documents.len();
        self.places.insert(document.shelf.document, place);
        self.documents.push(document);
        self.after_look(place).await;
    }

    /// Reads what is new on a document's shelf.
    async fn look(&mut self, place: usize) -> Result<(), CoordinatorError> {
        let store = self.coordinator.ports.store.clone();
        let looked = self.documents[place].look(store.as_ref()).await;
        // What was read before an error counts.
        self.after_look(place).await;
        Ok(looked?)
    }

    /// Draws the conclusions: fewer outstanding, perhaps complete, perhaps holes to publish again.
    async fn after_look(&mut self, place: usize) {
        let document = &mut self.documents[place];
        let (before, now) = document.take_change();
        self.ledger = self.ledger.without(before) + now;
        self.gauge.set(self.ledger, Instant::now());
        self.seat.give_back(document.drop_finished());
        if document.becomes_complete() {
            let complete = document.manifest(false);
            self.tell(JobEvent::Complete(complete)).await;
        } else if document.find_work(self.spec.range_size) {
            self.turns.push_back(place);
        }
    }

    async fn look_for_cancel(&mut self) -> Result<(), CoordinatorError> {
        self.times.cancel = Instant::now() + self.coordinator.settings.look_for_cancel_every;
        let marker = ObjectKey::job_cancel(&self.spec.tenant, self.spec.job);
        if !self.cancelled && self.coordinator.ports.store.head(&marker).await?.is_some() {
            self.cancelled = true;
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.cancelled || self.documents.iter().all(|document| document.complete)
    }

    async fn tell(&self, event: JobEvent) {
        // Nobody listens any more: the job goes on all the same.
        drop(self.events.send(event).await);
    }
}

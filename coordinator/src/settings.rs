//! How much the coordinator does at once, and how patient it is.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use quire_ports::Backoff;
use quire_proto::Tenant;

/// How much the coordinator does at once, and how patient it is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Most ranges of all jobs published and not yet seen in the store; a service keeps as few as its workers need.
    /// Default 256.
    pub window: usize,
    /// Documents whose ranges are mixed on the queue. One delivers the first document soonest, many are fairer to
    /// small ones behind a large one; default 4.
    pub open_documents: usize,
    /// Documents opened at the same time to count their pages; default 8.
    pub counted_at_once: usize,
    /// Time between two comparisons of the plan with the store; default 60 s, 1 s within one process.
    pub reconcile_every: Duration,
    /// Age at which a published range without a result is taken for lost; default 300 s.
    pub republish_after: Duration,
    /// Time between two looks for new jobs; default 1 s.
    pub discover_every: Duration,
    /// Time between two looks whether a job is cancelled; default 2 s, 1 s within one process.
    pub look_for_cancel_every: Duration,
    /// Jobs that are worked on at the same time; the others wait for their turn. Default 256.
    pub jobs_at_once: usize,
    /// How much of the window a tenant gets beside others; those that are not here have 1.
    pub weights: BTreeMap<Tenant, u32>,
    /// Whether a run waits for a service that is away, or ends with an error; default true, false within one process.
    pub outlast_outages: bool,
    /// Whether garbage may be collected in the store, by this coordinator or another; default true, false within one
    /// process.
    pub collected: bool,
    /// Time between two collections of the garbage of all tenants; default none, which is when somebody asks.
    pub collect_every: Option<Duration>,
    /// Age below which nothing is garbage in such a collection; default seven days.
    pub collect_older_than: Duration,
    /// Folder for local copies of remote documents.
    pub scratch: PathBuf,
}

impl Settings {
    /// The defaults of a service.
    pub fn new(scratch: impl Into<PathBuf>) -> Self {
        Self {
            window: 256,
            open_documents: 4,
            counted_at_once: 8,
            reconcile_every: Duration::from_secs(60),
            republish_after: Duration::from_secs(300),
            discover_every: Duration::from_secs(1),
            look_for_cancel_every: Duration::from_secs(2),
            jobs_at_once: 256,
            weights: BTreeMap::new(),
            outlast_outages: true,
            collected: true,
            collect_every: None,
            collect_older_than: Duration::from_secs(7 * 86_400),
            scratch: scratch.into(),
        }
    }

    /// The defaults of one process, where nothing but a bug loses a message.
    pub fn embedded(scratch: impl Into<PathBuf>) -> Self {
        Self {
            reconcile_every: Duration::from_secs(1),
            republish_after: Duration::from_secs(3600),
            look_for_cancel_every: Duration::from_secs(1),
            outlast_outages: false,
            collected: false,
            ..Self::new(scratch)
        }
    }
}

/// Pauses while a service is away: an outage that ends is noticed within ten seconds.
pub(crate) const fn patience() -> Backoff {
    Backoff::new(Duration::from_millis(200), Duration::from_secs(10))
}

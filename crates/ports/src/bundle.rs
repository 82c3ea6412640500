//! One of each port: what a service is given at start.

use std::sync::Arc;

use crate::{JobQueue, ObjectStore, ProgressStore};

/// The ports of a process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ports {
    /// Where work waits.
    pub queue: Arc<dyn JobQueue>,
    /// Where documents and results lie: the only truth.
    pub store: Arc<dyn ObjectStore>,
    /// Where progress is seen: a cache that may be emptied at any moment.
    pub progress: Arc<dyn ProgressStore>,
}

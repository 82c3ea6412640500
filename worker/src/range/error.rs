//! Why a range was not finished, and what the queue does about it.

use std::time::Duration;

use quire_ports::{Disposition, StoreError, range_file::EncodeError};
use quire_proto::{PageRange, PageSet, ProfileId};

use crate::page::PageStop;

/// Why a range was not finished.
#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    /// The worker is stopping; what was finished is in the store.
    #[error("stopped with pages unread")]
    Interrupted {
        /// Pages that another worker must read, in order.
        unread: Vec<PageRange>,
    },
    /// The renderer or the engine does not work here; no page was judged.
    #[error("cannot read pages here")]
    Broken(#[source] PageStop),
    /// No page was finished for too long; what was finished before is in the store.
    #[error("pages {unread}: none was finished for {stall:?}")]
    Stalled {
        /// Pages that were not finished.
        unread: PageSet,
        /// How long that was.
        stall: Duration,
    },
    /// Another version of Quire, or other models, would be needed to give what was asked.
    #[error("the job wants profile {wanted}, and this worker makes {ours}")]
    OtherProfile {
        /// The profile of the job.
        wanted: ProfileId,
        /// What this worker makes of the same options.
        ours: ProfileId,
    },
    /// The store did not give the document or take the result.
    #[error("move range")]
    Store(#[from] StoreError),
    /// The records do not make a range file: a bug.
    #[error("write range")]
    Encode(#[from] EncodeError),
}

impl RangeError {
    /// What the queue does with the delivery. Exhaustive on purpose.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Interrupted { .. } | Self::Broken(_) | Self::Store(StoreError::Unavailable(_)) => {
                Disposition::Release
            }
            Self::Stalled { .. }
            | Self::OtherProfile { .. }
            | Self::Store(
                StoreError::Refused { .. } | StoreError::Input { .. } | StoreError::InputChanged { .. },
            ) => Disposition::Retry,
            Self::Store(StoreError::Missing(_) | StoreError::Corrupt { .. }) | Self::Encode(_) => {
                Disposition::Park
            }
        }
    }

    /// Whether the next range would fare no better: time to wait.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Store(
                StoreError::Unavailable(_) | StoreError::Refused { .. } | StoreError::Input { .. },
            )
            | Self::OtherProfile { .. } => true,
            Self::Interrupted { .. }
            | Self::Broken(_)
            | Self::Stalled { .. }
            | Self::Store(_)
            | Self::Encode(_) => false,
        }
    }
}

//! What ends a range before all of its pages are read: its job is cancelled, or nothing happens any more.

use std::{future::Future, pin::pin, time::Duration};

use quire_ports::ObjectStore;
use quire_proto::{ObjectKey, PageNumber};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::page::{PageStop, ReadPage};

/// Time between two looks whether the job is cancelled. A cancelled job has ended for its submitter within seconds.
const LOOK_FOR_CANCEL_EVERY: Duration = Duration::from_secs(2);

/// Why no further page of a range is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// The job was cancelled.
    Cancelled,
    /// No page was finished for too long.
    Stalled,
}

/// Watches over the pages of one range.
#[derive(Debug, Default)]
pub(super) struct Watch {
    finished: Notify,
    halted: CancellationToken,
}

impl Watch {
    /// Reads one page, unless the range is halted before it is read.
    pub(super) async fn page(
        &self,
        page: PageNumber,
        read: impl Future<Output = Result<ReadPage, PageStop>>,
    ) -> (PageNumber, Result<ReadPage, PageStop>) {
        tokio::select! {
            biased;
            read = read => {
                self.finished.notify_one();
                (page, read)
            }
            () = self.halted.cancelled() => (page, Err(PageStop::Interrupted)),
        }
    }

    /// Runs the pages to their end, which comes soon after `cancel` is in the store or `stall` went by without a page.
    pub(super) async fn over<T>(
        &self,
        pages: impl Future<Output = T>,
        store: &dyn ObjectStore,
        cancel: &ObjectKey,
        stall: Duration,
    ) -> (T, Option<Halt>) {
        let mut pages = pin!(pages);
        let halt = tokio::select! {
            biased;
            ended = &mut pages => return (ended, None),
            () = cancelled(store, cancel) => Halt::Cancelled,
            () = self.stalled(stall) => Halt::Stalled,
        };
        self.halted.cancel();
        (pages.await, Some(halt))
    }

    async fn stalled(&self, stall: Duration) {
        while timeout(stall, self.finished.notified()).await.is_ok() {}
    }
}

async fn cancelled(store: &dyn ObjectStore, cancel: &ObjectKey) {
    loop {
        sleep(LOOK_FOR_CANCEL_EVERY).await;
        // A store that is away is found out by whoever needs it.
        if matches!(store.head(cancel).await, Ok(Some(_))) {
            return;
        }
    }
}

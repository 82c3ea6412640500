//! Progress in memory: per job a set of pages and its last events.

use std::{
    collections::{BTreeMap, HashMap, VecDeque, hash_map::Entry},
    sync::Mutex,
};

use async_trait::async_trait;
use quire_ports::{
    Cursor, Events, PageMark, PageMarks, ProgressError, ProgressEvent, ProgressStore, Snapshot, Undertaking,
};
use quire_proto::{DocumentId, JobId, Ledger, PageNumber, record::PageStatus};
use tokio::sync::watch;

use super::lock;

/// Events that are kept per job; a reader that falls behind takes a snapshot.
const KEPT_EVENTS: usize = 1000;

/// Progress of the jobs of one process.
#[derive(Debug)]
pub struct InMemoryProgressStore {
    jobs: Mutex<HashMap<JobId, JobProgress>>,
    begun: Mutex<HashMap<Undertaking, u32>>,
    /// Sends nothing but the news that something happened.
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct JobProgress {
    pages: BTreeMap<DocumentId, HashMap<PageNumber, PageStatus>>,
    events: VecDeque<ProgressEvent>,
    /// Events that ever happened; the last of `events` is number `cursor`.
    cursor: u64,
}

impl JobProgress {
    fn mark(&mut self, document: DocumentId, marks: &[PageMark]) -> bool {
        let pages = self.pages.entry(document).or_default();
        let new: Vec<PageMark> = marks.iter().copied().filter(|mark| is_new(pages, *mark)).collect();
        if new.is_empty() {
            return false;
        }
        self.events.push_back(ProgressEvent { document, pages: new });
        self.cursor += 1;
        if self.events.len() > KEPT_EVENTS {
            self.events.pop_front();
        }
        true
    }

    fn after(&self, cursor: Cursor) -> Option<Events> {
        // A cursor ahead of us is from before this store was emptied.
        let Some(missed) = self.cursor.checked_sub(cursor.0) else { return Some(Events::Lapsed) };
        if missed == 0 {
            return None;
        }
        let kept = self.events.len() as u64;
        let Some(skip) = kept.checked_sub(missed) else { return Some(Events::Lapsed) };
        let events = self.events.iter().skip(usize::try_from(skip).unwrap_or(usize::MAX)).cloned().collect();
        Some(Events::Next { events, cursor: Cursor(self.cursor) })
    }
}

/// Sets the page's state unless it has a better one; says whether that changed anything.
fn is_new(pages: &mut HashMap<PageNumber, PageStatus>, mark: PageMark) -> bool {
    match pages.entry(mark.page) {
        Entry::Vacant(vacant) => {
            vacant.insert(mark.status);
            true
        }
        Entry::Occupied(mut known) => {
            let better = *known.get() == PageStatus::Failed && mark.status != PageStatus::Failed;
            if better {
                known.insert(mark.status);
            }
            better
        }
    }
}

impl InMemoryProgressStore {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self { jobs: Mutex::default(), begun: Mutex::default(), changed: watch::Sender::new(()) }
    }

    /// Forgets everything, as an emptied cache does.
    pub fn flush(&self) {
        lock(&self.jobs).clear();
        lock(&self.begun).clear();
        self.changed.send_replace(());
    }
}

impl Default for InMemoryProgressStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl ProgressStore for InMemoryProgressStore {
    async fn mark(&self, marks: &PageMarks) -> Result<(), ProgressError> {
        let news = lock(&self.jobs).entry(marks.job).or_default().mark(marks.document, &marks.pages);
        if news {
            self.changed.send_replace(());
        }
        Ok(())
    }

    async fn forget(&self, job: JobId, document: DocumentId) -> Result<(), ProgressError> {
        if let Some(progress) = lock(&self.jobs).get_mut(&job) {
            progress.pages.remove(&document);
        }
        Ok(())
    }

    async fn snapshot(&self, job: JobId) -> Result<Snapshot, ProgressError> {
        let jobs = lock(&self.jobs);
        let Some(progress) = jobs.get(&job) else { return Ok(Snapshot::default()) };
        let documents = progress.pages.iter().map(|(document, pages)| {
            let mut ledger = Ledger::default();
            pages.values().for_each(|status| ledger.count(*status));
            (*document, ledger)
        });
        Ok(Snapshot { documents: documents.collect(), cursor: Cursor(progress.cursor) })
    }

    async fn events(&self, job: JobId, cursor: Cursor) -> Result<Events, ProgressError> {
        let mut changed = self.changed.subscribe();
        loop {
            changed.mark_unchanged();
            let found = match lock(&self.jobs).get(&job) {
                Some(progress) => progress.after(cursor),
                None => (cursor > Cursor::default()).then_some(Events::Lapsed),
            };
            if let Some(events) = found {
                return Ok(events);
            }
            // The sender is a field of ours, so it outlives this wait.
            drop(changed.changed().await);
        }
    }

    async fn begin(&self, work: &Undertaking) -> Result<(), ProgressError> {
        *lock(&self.begun).entry(*work).or_default() += 1;
        Ok(())
    }

    async fn begun(&self, work: &Undertaking) -> Result<u32, ProgressError> {
        Ok(lock(&self.begun).get(work).copied().unwrap_or_default())
    }

    async fn end(&self, work: &Undertaking) -> Result<(), ProgressError> {
        lock(&self.begun).remove(work);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(page: u32) -> PageMarks {
        let pages = vec![PageMark { page: PageNumber::new(page).unwrap(), status: PageStatus::Done }];
        PageMarks { job: JobId::of(b"job"), document: DocumentId::of(b"document"), pages }
    }

    #[tokio::test]
    async fn a_reader_that_fell_behind_is_told() {
        let progress = InMemoryProgressStore::new();
        for page in 1..=1001 {
            progress.mark(&mark(page)).await.unwrap();
        }

        let events = progress.events(JobId::of(b"job"), Cursor::default()).await.unwrap();

        assert_eq!(events, Events::Lapsed);
    }

    #[tokio::test]
    async fn a_reader_notices_that_the_store_was_emptied() {
        let progress = InMemoryProgressStore::new();
        progress.mark(&mark(1)).await.unwrap();
        let cursor = progress.snapshot(JobId::of(b"job")).await.unwrap().cursor;

        progress.flush();

        assert_eq!(progress.events(JobId::of(b"job"), cursor).await.unwrap(), Events::Lapsed);
    }
}

//! The promises of a [`ProgressStore`].

use std::{future::Future, sync::Arc};

use anyhow::{Context, bail};
use quire_proto::{DocumentId, JobId, Ledger, PageNumber, PageRange, record::PageStatus};

use super::{never, soon};
use crate::{Cursor, Events, PageMark, PageMarks, ProgressEvent, ProgressStore, Undertaking};

type Progress = Arc<dyn ProgressStore>;

/// Runs the suite; `fresh` makes an empty store.
pub async fn is_kept<F>(fresh: impl Fn() -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<Progress>>,
{
    nothing_is_known_at_first(fresh().await?).await?;
    marking_twice_is_marking_once(fresh().await?).await?;
    failed_gives_way_and_done_stays(fresh().await?).await?;
    events_follow_the_snapshot_without_a_gap(fresh().await?).await?;
    a_waiting_reader_is_woken(fresh().await?).await?;
    what_is_forgotten_is_marked_anew(fresh().await?).await?;
    jobs_do_not_see_each_other(fresh().await?).await?;
    beginnings_without_an_end_are_counted(fresh().await?).await
}

fn job() -> JobId {
    JobId::of(b"job")
}

fn document() -> DocumentId {
    DocumentId::of(b"document")
}

fn marks(pages: impl IntoIterator<Item = u32>, status: PageStatus) -> PageMarks {
    let pages = pages.into_iter().filter_map(PageNumber::new).map(|page| PageMark { page, status }).collect();
    PageMarks { job: job(), document: document(), pages }
}

async fn counts(progress: &Progress) -> anyhow::Result<Ledger> {
    Ok(progress.snapshot(job()).await?.documents.get(&document()).copied().unwrap_or_default())
}

async fn after(progress: &Progress, cursor: Cursor) -> anyhow::Result<(Vec<ProgressEvent>, Cursor)> {
    match soon(progress.events(job(), cursor)).await?? {
        Events::Next { events, cursor } => Ok((events, cursor)),
        Events::Lapsed => bail!("a handful of events lapsed"),
    }
}

async fn nothing_is_known_at_first(progress: Progress) -> anyhow::Result<()> {
    let snapshot = progress.snapshot(job()).await?;

    assert!(snapshot.documents.is_empty());
    assert!(never(progress.events(job(), snapshot.cursor)).await);
    Ok(())
}

async fn what_is_forgotten_is_marked_anew(progress: Progress) -> anyhow::Result<()> {
    let other = PageMarks { document: DocumentId::of(b"other"), ..marks([1], PageStatus::Done) };
    progress.mark(&marks([1, 2], PageStatus::Done)).await?;
    progress.mark(&marks([3], PageStatus::Blank)).await?;
    progress.mark(&other).await?;
    let cursor = progress.snapshot(job()).await?.cursor;

    progress.forget(job(), document()).await?;
    let forgotten = progress.snapshot(job()).await?;
    progress.mark(&marks([1], PageStatus::Failed)).await?;
    let (events, _) = after(&progress, cursor).await?;

    assert_eq!(forgotten.documents.get(&document()).map_or(0, Ledger::decided), 0);
    assert_eq!(forgotten.documents[&other.document].done, 1, "other documents are as they were");
    assert_eq!(events.len(), 1, "whoever waits is told");
    assert_eq!(counts(&progress).await?, Ledger { failed: 1, ..Ledger::default() });
    Ok(())
}

async fn marking_twice_is_marking_once(progress: Progress) -> anyhow::Result<()> {
    progress.mark(&marks(1..=3, PageStatus::Done)).await?;
    progress.mark(&marks(2..=4, PageStatus::Done)).await?;
    progress.mark(&marks([9], PageStatus::Blank)).await?;

    assert_eq!(counts(&progress).await?, Ledger { done: 4, blank: 1, ..Ledger::default() });
    Ok(())
}

async fn failed_gives_way_and_done_stays(progress: Progress) -> anyhow::Result<()> {
    progress.mark(&marks([1, 2], PageStatus::Failed)).await?;
    progress.mark(&marks([1], PageStatus::Done)).await?;
    progress.mark(&marks([1], PageStatus::Failed)).await?;
    progress.mark(&marks([1], PageStatus::Blank)).await?;

    assert_eq!(counts(&progress).await?, Ledger { done: 1, failed: 1, ..Ledger::default() });
    Ok(())
}

async fn events_follow_the_snapshot_without_a_gap(progress: Progress) -> anyhow::Result<()> {
    progress.mark(&marks([1], PageStatus::Done)).await?;
    let snapshot = progress.snapshot(job()).await?;
    progress.mark(&marks([1, 2], PageStatus::Done)).await?;
    progress.mark(&marks([2], PageStatus::Done)).await?;
    progress.mark(&marks([3], PageStatus::Failed)).await?;

    let mut pages = Vec::new();
    let mut cursor = snapshot.cursor;
    while pages.len() < 2 {
        let (events, next) = after(&progress, cursor).await?;
        pages.extend(events.into_iter().flat_map(|event| event.pages));
        cursor = next;
    }

    let mark = |page, status| PageNumber::new(page).map(|page| PageMark { page, status }).context("page");
    assert_eq!(pages, [mark(2, PageStatus::Done)?, mark(3, PageStatus::Failed)?]);
    assert!(never(progress.events(job(), cursor)).await, "what changes nothing is no event");
    Ok(())
}

async fn a_waiting_reader_is_woken(progress: Progress) -> anyhow::Result<()> {
    let cursor = progress.snapshot(job()).await?.cursor;
    let mark = marks([5], PageStatus::Done);

    let (events, marked) = tokio::join!(after(&progress, cursor), progress.mark(&mark));

    marked?;
    assert_eq!(events?.0, [ProgressEvent { document: document(), pages: mark.pages }]);
    Ok(())
}

async fn jobs_do_not_see_each_other(progress: Progress) -> anyhow::Result<()> {
    let other = PageMarks { job: JobId::of(b"other"), ..marks([1], PageStatus::Done) };

    progress.mark(&other).await?;

    assert_eq!(counts(&progress).await?, Ledger::default());
    assert!(never(progress.events(job(), Cursor::default())).await);
    Ok(())
}

async fn beginnings_without_an_end_are_counted(progress: Progress) -> anyhow::Result<()> {
    let work = Undertaking { job: job(), document: document(), range: PageRange::single(PageNumber::FIRST) };
    let other = Undertaking { range: "1-2".parse()?, ..work };
    progress.begin(&work).await?;
    progress.begin(&other).await?;
    progress.begin(&work).await?;

    assert_eq!((progress.begun(&work).await?, progress.begun(&other).await?), (2, 1));

    progress.end(&work).await?;
    progress.end(&work).await?;

    assert_eq!((progress.begun(&work).await?, progress.begun(&other).await?), (0, 1));
    assert_eq!(counts(&progress).await?, Ledger::default(), "what has begun is not decided");
    Ok(())
}

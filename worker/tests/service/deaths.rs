//! Pages that take their worker along.

use std::time::Duration;

use quire_proto::{
    PageNumber,
    record::{FailureClass, PageStatus},
};
use tokio::time::{sleep, timeout};

use crate::support::{Fate, Fleet};

const POISON: u32 = 5;

fn poisoned(page: PageNumber) -> Fate {
    if page.get() == POISON { Fate::Kills } else { Fate::Takes(Duration::from_millis(200)) }
}

/// Runs one worker after the other until one lives long enough to have done everything; says how many died.
async fn replace_the_dead(fleet: &Fleet) -> anyhow::Result<u32> {
    let mut dead = 0;
    loop {
        let mut worker = fleet.worker(poisoned);
        match timeout(Duration::from_secs(60), &mut worker.end).await {
            Ok(ended) => assert!(ended?.is_none(), "a worker ended by itself"),
            Err(_still_alive) => {
                worker.shutdown.cancel();
                worker.end.await?.expect("nothing killed it")?;
                return Ok(dead);
            }
        }
        dead += 1;
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_kills_workers_fails_alone() -> anyhow::Result<()> {
    let fleet = Fleet::new().await?;
    fleet.publish("1-16").await?;
    fleet.publish("17-32").await?;

    let dead = replace_the_dead(&fleet).await?;

    let results = fleet.results().await?;
    let failed: Vec<_> =
        results.values().flatten().filter(|page| page.status == PageStatus::Failed).collect();
    assert_eq!(results.len(), 32, "every page has a result");
    assert_eq!(failed.len(), 1);
    let failure = failed[0].failure.as_ref().expect("it says why");
    assert_eq!(
        (failed[0].page.get(), failure.class, failure.attempts),
        (POISON, FailureClass::WorkerKilled, 3)
    );
    // Two for each of four halvings, and three for the page.
    assert_eq!(dead, 11);
    assert!(fleet.queue.is_empty());
    Ok(())
}

/// The first half is on the queue, and back at the worker that has put it there, before the second is confirmed.
#[tokio::test(start_paused = true)]
async fn a_half_that_kills_its_worker_does_not_bring_the_whole_back() -> anyhow::Result<()> {
    let mut fleet = Fleet::new().await?;
    fleet.confirms_after = Duration::from_millis(500);
    fleet.publish("5-12").await?;

    let dead = replace_the_dead(&fleet).await?;

    assert_eq!(fleet.results().await?.len(), 8, "every page has a result");
    assert_eq!(dead, 9, "two for each of three halvings, and three for the page");
    assert!(fleet.queue.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_emptied_progress_store_costs_more_attempts_and_nothing_else() -> anyhow::Result<()> {
    let fleet = Fleet::new().await?;
    fleet.publish("5-6").await?;
    for _ in 0..5 {
        fleet.worker(poisoned).end.await?;
        fleet.progress.flush();
    }

    replace_the_dead(&fleet).await?;

    let results = fleet.results().await?;
    assert_eq!(results.len(), 2);
    let failed = results.values().flatten().filter(|page| page.status == PageStatus::Failed).count();
    assert_eq!(failed, 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_range_whose_worker_was_killed_once_is_done_whole() -> anyhow::Result<()> {
    let fleet = Fleet::new().await?;
    let job = fleet.publish("1-4").await?;
    let worker = fleet.worker(|_| Fate::Takes(Duration::from_secs(5)));
    sleep(Duration::from_secs(1)).await;
    worker.end.abort();
    drop(worker.end.await);

    let worker = fleet.worker(|_| Fate::Takes(Duration::from_secs(5)));
    sleep(Duration::from_secs(20)).await;
    worker.shutdown.cancel();
    worker.end.await?.expect("nothing killed it")?;

    assert!(fleet.store.head(&job.result_key()).await?.is_some());
    Ok(())
}

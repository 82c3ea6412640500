//! A worker that is asked to stop, and one whose services go away.

use std::{sync::Arc, time::Duration};

use quire_adapters::{
    InMemoryObjectStore,
    decorators::{Faults, FaultyStore},
};
use quire_ports::JobQueue;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{Fate, Fleet, GRACE};

#[tokio::test(start_paused = true)]
async fn a_drained_worker_keeps_what_it_has_read_and_hands_on_the_rest() -> anyhow::Result<()> {
    let fleet = Fleet::new().await?;
    fleet.publish("1-6").await?;
    // Pages 3 and 4 take longer than a drain may.
    let slow = |page: quire_proto::PageNumber| {
        Fate::Takes(Duration::from_secs(if matches!(page.get(), 3 | 4) { 60 } else { 4 }))
    };
    let worker = fleet.worker(slow);
    sleep(Duration::from_secs(1)).await;

    worker.shutdown.cancel();
    let asked = Instant::now();
    worker.end.await?.expect("nothing killed it")?;

    assert!(asked.elapsed() < GRACE, "{:?}", asked.elapsed());
    let mut read: Vec<u32> = fleet.results().await?.into_keys().map(|page| page.get()).collect();
    read.sort_unstable();
    assert_eq!(read, [1, 2, 5, 6]);
    let left = timeout(Duration::from_secs(1), fleet.queue.receive()).await??;
    assert_eq!((left.job.range, left.job.attempt), ("3-4".parse()?, 1));
    assert!(fleet.queue.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_range_of_which_nothing_was_read_goes_back_whole() -> anyhow::Result<()> {
    let fleet = Fleet::new().await?;
    let job = fleet.publish("1-6").await?;
    let worker = fleet.worker(|_| Fate::Takes(Duration::from_secs(60)));
    sleep(Duration::from_secs(1)).await;

    worker.shutdown.cancel();
    worker.end.await?.expect("nothing killed it")?;

    assert_eq!(timeout(Duration::from_secs(1), fleet.queue.receive()).await??.job, job);
    assert!(fleet.results().await?.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_the_next_worker_takes_after_a_drain_is_not_suspected() -> anyhow::Result<()> {
    let fleet = Fleet::new().await?;
    let job = fleet.publish("1-6").await?;
    for _ in 0..4 {
        let worker = fleet.worker(|_| Fate::Takes(Duration::from_secs(60)));
        sleep(Duration::from_secs(1)).await;
        worker.shutdown.cancel();
        worker.end.await?.expect("nothing killed it")?;
    }

    assert_eq!(timeout(Duration::from_secs(1), fleet.queue.receive()).await??.job.range, job.range);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_store_uses_up_no_attempt() -> anyhow::Result<()> {
    let truth = Arc::new(InMemoryObjectStore::new());
    let fleet = Fleet::over(truth.clone()).await?;
    let job = fleet.publish("1-2").await?;
    let away = Faults { refused: 1.0, ..Faults::default() };
    let cut_off = Fleet { store: Arc::new(FaultyStore::new(truth, away, 7)), ..fleet };
    let worker = cut_off.worker(|_| Fate::Takes(Duration::ZERO));

    sleep(Duration::from_secs(600)).await;
    worker.shutdown.cancel();
    worker.end.await?.expect("nothing killed it")?;

    assert_eq!(timeout(Duration::from_secs(1), cut_off.queue.receive()).await??.job, job);
    assert!(cut_off.queue.parked(9).await?.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_job_of_another_profile_is_parked_in_the_end() -> anyhow::Result<()> {
    let fleet = Fleet::new().await?;
    let mut job = fleet.publish("1-2").await?;
    fleet.queue.receive().await?.settle(quire_ports::Disposition::Acknowledge).await?;
    job.profile = quire_proto::Profile { pipeline: "other".to_owned(), ..Default::default() }.id();
    fleet.queue.publish(job).await?;
    let worker = fleet.worker(|_| Fate::Takes(Duration::ZERO));

    sleep(Duration::from_secs(600)).await;
    worker.shutdown.cancel();
    worker.end.await?.expect("nothing killed it")?;

    assert_eq!(fleet.queue.parked(9).await?.len(), 1);
    assert!(fleet.reads.lock().unwrap().is_empty(), "no page is read for a profile that is not ours");
    Ok(())
}

//! Ranges that end before all of their pages are read.

use std::time::Duration;

use bytes::Bytes;
use quire_ports::{Disposition, JobQueue};
use quire_proto::PageNumber;
use quire_worker::WorkerError;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{Fate, Fleet, STALL};

/// The first two pages take a second, the others for ever.
fn hangs_after_two(page: PageNumber) -> Fate {
    Fate::Takes(if page.get() <= 2 { Duration::from_secs(1) } else { Duration::MAX })
}

async fn read(fleet: &Fleet) -> anyhow::Result<Vec<u32>> {
    let mut pages: Vec<u32> = fleet.results().await?.into_keys().map(|page| page.get()).collect();
    pages.sort_unstable();
    Ok(pages)
}

#[tokio::test(start_paused = true)]
async fn a_range_stops_soon_after_its_job_is_cancelled_and_keeps_its_finished_pages() -> anyhow::Result<()> {
    let fleet = Fleet::new().await?;
    let job = fleet.publish("1-6").await?;
    let worker = fleet.worker(hangs_after_two);
    sleep(Duration::from_secs(30)).await;
    assert_eq!(read(&fleet).await?, [] as [u32; 0], "a range is written at its end");

    fleet.store.put(&job.cancel_key(), Bytes::new()).await?;
    sleep(Duration::from_secs(5)).await;

    assert_eq!(read(&fleet).await?, [1, 2]);
    assert!(fleet.queue.is_empty(), "nothing is left to do");
    worker.shutdown.cancel();
    worker.end.await?.expect("nothing killed it")?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_worker_in_which_nothing_happens_any_more_gives_its_ranges_back_and_ends() -> anyhow::Result<()> {
    let fleet = Fleet::new().await?;
    fleet.publish("1-6").await?;
    let worker = fleet.worker(hangs_after_two);
    sleep(STALL / 2).await;
    fleet.publish("7-8").await?;
    let begun = Instant::now();

    let ended = worker.end.await?.expect("nothing killed it");

    assert!(matches!(ended, Err(WorkerError::Broken(_))), "{ended:?}");
    assert!(begun.elapsed() < STALL, "{:?}", begun.elapsed());
    assert_eq!(read(&fleet).await?, [1, 2]);
    let mut back = Vec::new();
    while let Ok(delivery) = timeout(Duration::from_secs(1), fleet.queue.receive()).await {
        let delivery = delivery?;
        back.push((delivery.job.range.to_string(), delivery.job.attempt));
        delivery.settle(Disposition::Acknowledge).await?;
    }
    back.sort_unstable();
    assert_eq!(back, [("1-6".to_owned(), 2), ("7-8".to_owned(), 1)], "only what hung is judged");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_range_whose_pages_come_slowly_but_come_is_finished() -> anyhow::Result<()> {
    let fleet = Fleet::new().await?;
    fleet.publish("1-6").await?;
    let slow = |page: PageNumber| Fate::Takes(STALL.mul_f64(0.9) * page.get());
    let worker = fleet.worker(slow);

    sleep(STALL * 6).await;

    assert_eq!(read(&fleet).await?, [1, 2, 3, 4, 5, 6]);
    worker.shutdown.cancel();
    worker.end.await?.expect("nothing killed it")?;
    Ok(())
}

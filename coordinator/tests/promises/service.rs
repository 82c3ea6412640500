//! What the service promises of many jobs at one window.

use std::time::Duration;

use crate::support::{Act, World, pages_to};
use quire_coordinator::jobs::Phase;
use quire_ports::{JobQueue, ObjectStore};
use quire_proto::{JobId, Ledger, ObjectKey, Priority, Tenant};

/// Pages of a job that are decided, as anybody can see them.
async fn decided(world: &World, job: JobId) -> anyhow::Result<u64> {
    Ok(world.coordinator().status(&Tenant::local(), job).await?.pages.decided())
}

async fn until_decided(world: &World, job: JobId, pages: u64) -> anyhow::Result<()> {
    while decided(world, job).await? < pages {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn jobs_are_found_in_the_store_alone_and_are_open_until_they_are_finished() -> anyhow::Result<()> {
    let world = World::new()?;
    let early = world.submit(&["pages 20 a"]).await?;
    let open = ObjectKey::open_job(&Tenant::local(), early);
    assert!(world.truth.head(&open).await?.is_some());
    let _worker = world.worker(|_| Act::Work);
    let _serving = world.serve();

    world.finished(early).await?;
    let late = world.submit(&["pages 9 b", "broken"]).await?;
    let manifest = world.finished(late).await?;

    assert_eq!(world.read(&manifest.documents[0]).await?, pages_to(9));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(world.truth.head(&open).await?.is_none());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn twenty_small_jobs_are_not_starved_by_a_large_one() -> anyhow::Result<()> {
    let world = World::new()?;
    let _worker = world.worker(|_| Act::Work);
    let _serving = world.serve();
    let large = world.submit(&["pages 10000 a"]).await?;
    until_decided(&world, large, 100).await?;

    let mut small = Vec::new();
    for number in 0..20 {
        small.push(world.submit(&[&format!("pages 3 {number}")]).await?);
    }
    for job in small {
        world.finished(job).await?;
    }

    let decided = decided(&world, large).await?;
    assert!(decided < 1000, "{decided} of 10000 pages were done first");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_high_priority_overtakes_a_large_job_that_runs() -> anyhow::Result<()> {
    let world = World::new()?;
    let _worker = world.worker(|_| Act::Work);
    let serving = world.serve();
    let large = world.submit(&["pages 4000 a"]).await?;
    until_decided(&world, large, 100).await?;
    let before = decided(&world, large).await?;
    let mut request = world.request(&["pages 400 b"])?;
    request.terms.priority = Priority::High;

    let urgent = world.coordinator().submit(request).await?.job;
    serving.service.look_now();
    world.finished(urgent).await?;

    let meanwhile = decided(&world, large).await? - before;
    assert!(meanwhile < 200, "{meanwhile} pages of the large job went first");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_job_stops_within_five_seconds_and_keeps_its_pages() -> anyhow::Result<()> {
    let world = World::new()?;
    let _worker = world.worker(|_| Act::Work);
    let serving = world.serve();
    let job = world.submit(&["pages 100000 a"]).await?;
    until_decided(&world, job, 200).await?;

    serving.service.coordinator().cancel(&Tenant::local(), job).await?;
    let manifest = tokio::time::timeout(Duration::from_secs(5), world.finished(job)).await??;

    let Ledger { done, blank, failed, cancelled, pending } = manifest.ledger;
    assert_eq!((done + blank + failed + cancelled, pending), (100_000, 0));
    assert!(done >= 150 && cancelled > 90_000, "{manifest:?}");
    let read = world.read(&manifest.documents[0]).await?;
    assert_eq!(read.len() as u64, 100_000 - cancelled);
    let status = world.coordinator().status(&Tenant::local(), job).await?;
    assert_eq!((status.phase, status.pages), (Phase::Finished, manifest.ledger));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_services_leave_one_manifest_and_every_page_once() -> anyhow::Result<()> {
    let world = World::new()?;
    let _workers = (world.worker(|_| Act::Work), world.worker(|_| Act::Work));
    let _serving = (world.serve(), world.serve());
    let job = world.submit(&["pages 400 a", "pages 30 b"]).await?;

    let manifest = world.finished(job).await?;

    assert_eq!(world.read(&manifest.documents[0]).await?, pages_to(400));
    assert_eq!(world.read(&manifest.documents[1]).await?, pages_to(30));
    let verified = world.coordinator().verify(&Tenant::local(), job).await?;
    assert!(verified.sound, "{verified:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_open_job_whose_records_are_gone_is_closed() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = JobId::of(b"nobody's");
    let open = ObjectKey::open_job(&Tenant::local(), job);
    world.truth.put(&open, bytes::Bytes::new()).await?;

    let _serving = world.serve();
    tokio::time::sleep(Duration::from_secs(3)).await;

    assert!(world.truth.head(&open).await?.is_none());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn without_workers_little_is_put_on_the_queue() -> anyhow::Result<()> {
    let world = World::new()?;
    let _serving = world.serve();
    world.submit(&["pages 5000 a"]).await?;

    tokio::time::sleep(Duration::from_secs(30)).await;

    let waiting = world.queue.waiting().await?;
    assert!((1..=16).contains(&waiting), "{waiting} ranges wait: a new job would wait behind all of them");
    Ok(())
}

//! Workers that come and go. One test for all of it, since servers take seconds to start.

use std::time::Duration;

use quire_tests::{
    fleet::Servers,
    pdf::{A4, text_pages},
};

const PAGES: u32 = 64;

/// A worker that a page takes along.
const POISONED: [&str; 4] = ["--ms-per-page", "1", "--dies-on", "5"];

fn document() -> Vec<u8> {
    text_pages(PAGES as usize, A4)
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_come_and_go_and_every_page_is_done_once() -> anyhow::Result<()> {
    let servers = Servers::start()?;

    a_killed_worker_loses_nothing_and_doubles_nothing(&servers).await?;
    a_drained_worker_leaves_no_page_undone_and_none_to_be_read_again(&servers).await?;
    a_second_signal_ends_a_worker_at_once(&servers).await?;
    a_page_that_kills_its_worker_fails_alone(&servers).await
}

/// Two workers share the document, and one of them is killed.
async fn a_killed_worker_loses_nothing_and_doubles_nothing(servers: &Servers) -> anyhow::Result<()> {
    let fleet = servers.fleet()?;
    let (mut doomed, _survivor) = (fleet.worker().await?, fleet.worker().await?);
    let mut job = fleet.submit(&document(), PAGES).await?;
    job.until_midway().await?;

    doomed.kill()?;

    job.finish().await?;
    Ok(())
}

async fn a_drained_worker_leaves_no_page_undone_and_none_to_be_read_again(
    servers: &Servers,
) -> anyhow::Result<()> {
    let fleet = servers.fleet()?;
    let mut first = fleet.worker().await?;
    let mut job = fleet.submit(&document(), PAGES).await?;
    job.until_midway().await?;

    let (status, took) = first.drain().await?;

    assert!(status.success(), "{status}: {}", first.log());
    assert!(took <= Duration::from_secs(10), "{took:?}");
    let _second = fleet.worker().await?;
    assert_eq!(job.finish().await?.redone(), 0);
    Ok(())
}

async fn a_second_signal_ends_a_worker_at_once(servers: &Servers) -> anyhow::Result<()> {
    let fleet = servers.fleet()?;
    let mut worker = fleet.worker().await?;
    let mut job = fleet.submit(&document(), PAGES).await?;
    job.until_midway().await?;

    worker.signal()?;
    // Two signals of one kind that wait together are one signal; apart they are two.
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(worker.signal());
    let status = worker.end(Duration::from_secs(2)).await?;

    // A drain that was quicker than the second signal ends with 0.
    assert!(matches!(status.code(), Some(130 | 0)), "{status}");
    let _other = fleet.worker().await?;
    job.finish().await?;
    Ok(())
}

async fn a_page_that_kills_its_worker_fails_alone(servers: &Servers) -> anyhow::Result<()> {
    let fleet = servers.fleet()?;
    let mut job = fleet.submit(&text_pages(16, A4), 16).await?;
    let mut dead = 0;
    let mut worker = fleet.stub_worker(&POISONED)?;
    while !job.has_ended() {
        if worker.has_ended()? {
            dead += 1;
            assert!(dead < 20, "workers go on dying: {}", worker.log());
            worker = fleet.stub_worker(&POISONED)?;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let manifest = job.end().await?;

    assert_eq!((manifest.ledger.done, manifest.ledger.failed), (15, 1));
    // Two for each halving of eight pages, and three for the page.
    assert_eq!(dead, 9);
    Ok(())
}

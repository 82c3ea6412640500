//! Redis: the contract, and what happens when it is emptied, restarted or absent.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use quire_adapters::{RedisConfig, RedisProgressStore};
use quire_ports::{Cursor, Events, PageMark, PageMarks, ProgressStore, contract};
use quire_proto::{DocumentId, JobId, Ledger, PageNumber, record::PageStatus};
use quire_test_servers::Redis;

fn config(url: &str) -> RedisConfig {
    RedisConfig { url: url.parse().expect("an address"), ..RedisConfig::default() }
}

fn job() -> JobId {
    JobId::of(b"job")
}

fn marks(pages: impl IntoIterator<Item = u32>) -> PageMarks {
    let pages = pages.into_iter().filter_map(PageNumber::new);
    let pages = pages.map(|page| PageMark { page, status: PageStatus::Done }).collect();
    PageMarks { job: job(), document: DocumentId::of(b"document"), pages }
}

async fn done(progress: &RedisProgressStore) -> u64 {
    let snapshot = progress.snapshot(job()).await.expect("a snapshot");
    snapshot.documents.into_values().sum::<Ledger>().done
}

#[tokio::test]
async fn progress_in_redis_keeps_the_contract() -> anyhow::Result<()> {
    let redis = Redis::start()?;
    let database = AtomicU32::new(0);

    contract::progress_store::is_kept(async || {
        let url = format!("{}{}", redis.url(), database.fetch_add(1, Ordering::Relaxed));
        Ok(Arc::new(RedisProgressStore::connect(config(&url)).await?) as Arc<dyn ProgressStore>)
    })
    .await
}

#[tokio::test]
async fn what_was_emptied_is_noticed_and_marking_again_brings_it_back() -> anyhow::Result<()> {
    let redis = Redis::start()?;
    let progress = RedisProgressStore::connect(config(&redis.url())).await?;
    progress.mark(&marks(1..=40)).await?;
    progress.mark(&marks(41..=50)).await?;
    let before = progress.snapshot(job()).await?.cursor;

    redis.empty()?;

    assert_eq!(done(&progress).await, 0);
    assert_eq!(progress.events(job(), before).await?, Events::Lapsed);
    progress.mark(&marks(51..=60)).await?;
    assert_eq!(
        progress.events(job(), before).await?,
        Events::Lapsed,
        "new events are not taken for old ones"
    );
    progress.mark(&marks(1..=60)).await?;
    assert_eq!(done(&progress).await, 60);
    Ok(())
}

#[tokio::test]
async fn a_reader_that_fell_behind_is_told() -> anyhow::Result<()> {
    let redis = Redis::start()?;
    let config = RedisConfig { kept_events: 10.try_into()?, ..config(&redis.url()) };
    let progress = RedisProgressStore::connect(config).await?;
    for page in 1..=300 {
        progress.mark(&marks([page])).await?;
    }

    assert_eq!(progress.events(job(), Cursor::default()).await?, Events::Lapsed);
    assert_eq!(done(&progress).await, 300);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_is_survived_by_calls_and_by_readers() -> anyhow::Result<()> {
    let mut redis = Redis::start()?;
    let progress = RedisProgressStore::connect(config(&redis.url())).await?;
    progress.mark(&marks([1])).await?;
    let cursor = progress.snapshot(job()).await?.cursor;

    redis.kill();
    let absent = progress.mark(&marks([2])).await;
    redis.restart()?;

    assert!(absent.is_err());
    progress.mark(&marks([2])).await?;
    assert_eq!(done(&progress).await, 2);
    assert!(matches!(progress.events(job(), cursor).await?, Events::Next { .. }));
    Ok(())
}

#[tokio::test]
async fn an_unreachable_server_is_named_without_its_password() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for address in ["127.0.0.1:1".to_owned(), silent.local_addr().unwrap().to_string()] {
        let started = Instant::now();

        let refused = RedisProgressStore::connect(config(&format!("redis://user:hush@{address}/"))).await;

        let error = format!("{:#}", anyhow::Error::from(refused.unwrap_err()));
        assert!(started.elapsed() < Duration::from_secs(10), "{error}");
        assert!(error.contains(&format!("redis at {address} cannot be reached: start it")), "{error}");
        assert!(!error.contains("hush"), "{error}");
    }
}

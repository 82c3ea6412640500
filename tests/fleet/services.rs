//! Services that come and go.

use std::time::{Duration, Instant};

use quire_tests::{
    fleet::{CoordinatorProcess, Environment, Process, Servers, run, start_worker},
    pdf::{A4, text_pages},
};

const PAGES: u32 = 64;

#[tokio::test(flavor = "multi_thread")]
async fn services_come_and_go_and_every_page_is_done() -> anyhow::Result<()> {
    let mut servers = Servers::start()?;

    an_emptied_or_absent_redis_loses_nothing(&mut servers).await?;
    a_restarted_broker_loses_nothing_and_a_worker_says_how_it_is(&mut servers).await
}

async fn an_emptied_or_absent_redis_loses_nothing(servers: &mut Servers) -> anyhow::Result<()> {
    let fleet = servers.fleet()?;
    let _worker = fleet.worker().await?;
    let mut job = fleet.submit(&text_pages(PAGES as usize, A4), PAGES).await?;
    job.until_midway().await?;

    servers.redis.empty()?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    servers.redis.kill();

    job.finish().await?;
    servers.redis.restart()
}

async fn a_restarted_broker_loses_nothing_and_a_worker_says_how_it_is(
    servers: &mut Servers,
) -> anyhow::Result<()> {
    let fleet = servers.fleet()?;
    let mut worker = fleet.worker().await?;
    let mut job = fleet.submit(&text_pages(PAGES as usize, A4), PAGES).await?;
    assert_eq!(worker.ask("/livez")?, (true, "alive\n".to_owned()));
    assert_eq!(worker.ask("/readyz")?, (true, "ready\n".to_owned()));
    job.until_midway().await?;

    servers.broker.write_new_queues()?;
    servers.broker.kill();

    assert_eq!(worker.ask("/livez")?, (true, "alive\n".to_owned()));
    assert_eq!(worker.ask("/readyz")?, (false, "the queue does not answer\n".to_owned()));
    servers.broker.restart()?;
    worker.until_ready().await?;
    job.finish().await?;
    Ok(())
}

#[tokio::test]
async fn services_that_are_not_there_are_named_within_seconds() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    // Nothing listens on port 1.
    let environment = Environment::new([
        ("QUIRE__RABBITMQ__URL", "amqp://user:hush@127.0.0.1:1/%2f".to_owned()),
        ("QUIRE__REDIS__URL", "redis://user:hush@127.0.0.1:1/".to_owned()),
        ("QUIRE__S3__ENDPOINT", "http://127.0.0.1:1".to_owned()),
        ("QUIRE__S3__ACCESS_KEY", "id".to_owned()),
        ("QUIRE__S3__SECRET_KEY", "hush".to_owned()),
        ("QUIRE__COORDINATOR__SCRATCH", folder.path().join("scratch").display().to_string()),
    ]);

    says_who_is_missing(start_worker(&environment, folder.path())?).await?;
    says_who_is_missing(CoordinatorProcess::start(&environment, folder.path())?.into()).await?;
    let command = run(&environment, folder.path(), &["list", "--direct"])?;
    assert_eq!(command.code, Some(1));
    assert_names_services(&command.stderr);
    Ok(())
}

async fn says_who_is_missing(mut process: Process) -> anyhow::Result<()> {
    let started = Instant::now();

    let status = process.end(Duration::from_secs(12)).await?;

    let (log, took) = (process.log(), started.elapsed());
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_names_services(&log);
    Ok(())
}

fn assert_names_services(log: &str) {
    for service in ["rabbitmq at 127.0.0.1:1", "s3 at 127.0.0.1:1", "redis at 127.0.0.1:1"] {
        assert!(log.contains(service), "{service}: {log}");
    }
    assert!(log.contains("start it, or set"), "no remedy: {log}");
    assert!(!log.contains("hush"), "{log}");
}

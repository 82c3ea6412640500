//! RabbitMQ: the contract, and what happens when the broker is restarted, its queues vanish, or it is absent.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use lapin::{options::QueueDeclareOptions, types::FieldTable};
use quire_adapters::{RabbitMqConfig, RabbitMqJobQueue};
use quire_ports::{
    Delivery, Disposition, JobQueue, QueueError, QueueLimits, Settled,
    contract::{self, job_queue::job},
};
use quire_test_servers::RabbitMq;

const LIMITS: QueueLimits = QueueLimits { prefetch: 2, max_attempts: 2 };

fn config(url: &str, queues: &str) -> RabbitMqConfig {
    RabbitMqConfig {
        url: url.parse().expect("an address"),
        queues: queues.to_owned(),
        ..RabbitMqConfig::default()
    }
}

async fn next(queue: &RabbitMqJobQueue) -> anyhow::Result<Delivery> {
    tokio::time::timeout(Duration::from_secs(30), queue.receive()).await?.context("receive")
}

/// One broker for all that does not break it: it takes seconds to start, and each test is a process of its own.
#[tokio::test(flavor = "multi_thread")]
async fn the_queue_in_rabbitmq_keeps_the_contract() -> anyhow::Result<()> {
    let broker = RabbitMq::start()?;
    let queues = AtomicU32::new(0);

    contract::job_queue::is_kept(async |limits| {
        let config = config(&broker.url(), &format!("contract-{}", queues.fetch_add(1, Ordering::Relaxed)));
        Ok(Arc::new(RabbitMqJobQueue::connect(config, limits).await?) as Arc<dyn JobQueue>)
    })
    .await?;

    a_queue_that_is_gone_is_no_success(&broker).await?;
    what_nobody_understands_is_parked(&broker).await?;
    a_release_does_not_count_at_the_broker(&broker).await?;
    while_work_flows_nothing_waits_for_high_priority(&broker).await?;
    queues_of_another_kind_are_refused(&broker).await?;
    a_wrong_password_is_refused_and_not_repeated(&broker).await
}

async fn a_queue_that_is_gone_is_no_success(broker: &RabbitMq) -> anyhow::Result<()> {
    let queue = RabbitMqJobQueue::connect(config(&broker.url(), "gone"), LIMITS).await?;
    broker.ctl(&["delete_queue", "gone.pages.low"])?;

    let lost = queue.publish(job(1)?).await;
    queue.publish(job(2)?).await?;

    assert!(matches!(lost, Err(QueueError::Unavailable(_))), "{lost:?}");
    assert_eq!(next(&queue).await?.job, job(2)?, "the next session declares the queue again");
    Ok(())
}

async fn what_nobody_understands_is_parked(broker: &RabbitMq) -> anyhow::Result<()> {
    let queue = RabbitMqJobQueue::connect(config(&broker.url(), "odd"), LIMITS).await?;
    let mut newer = job(1)?;
    newer.schema += 1;

    queue.publish(newer).await?;
    queue.publish(job(2)?).await?;

    assert_eq!(next(&queue).await?.job, job(2)?);
    assert_eq!(waiting(broker, "odd.parked").await?, 1);
    Ok(())
}

async fn waiting(broker: &RabbitMq, queue: &str) -> anyhow::Result<u32> {
    let connection =
        lapin::Connection::connect(&broker.url(), lapin::ConnectionProperties::default()).await?;
    let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let channel = connection.create_channel().await?;
    Ok(channel.queue_declare(queue.into(), passive, FieldTable::default()).await?.message_count())
}

async fn a_release_does_not_count_at_the_broker(broker: &RabbitMq) -> anyhow::Result<()> {
    let queue = RabbitMqJobQueue::connect(config(&broker.url(), "released"), LIMITS).await?;
    queue.publish(job(1)?).await?;

    for _ in 0..120 {
        assert_eq!(next(&queue).await?.settle(Disposition::Release).await?, Settled::Taken);
    }

    assert_eq!(next(&queue).await?.job, job(1)?, "more releases than the delivery limit");
    assert_eq!(queue.parked(10).await?, []);
    Ok(())
}

/// Each of them waiting for the head start that high priority has at first would take 5 s.
async fn while_work_flows_nothing_waits_for_high_priority(broker: &RabbitMq) -> anyhow::Result<()> {
    let queue = RabbitMqJobQueue::connect(config(&broker.url(), "flow"), LIMITS).await?;
    for number in 1..=200 {
        queue.publish(job(number)?).await?;
    }
    let began = Instant::now();

    for _ in 0..200 {
        next(&queue).await?.settle(Disposition::Acknowledge).await?;
    }

    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
    Ok(())
}

async fn queues_of_another_kind_are_refused(broker: &RabbitMq) -> anyhow::Result<()> {
    broker.ctl(&["eval", "rabbit_amqqueue:declare({resource,<<\"/\">>,queue,<<\"kind.parked\">>},true,false,[],none,<<\"t\">>)."])?;

    let refused = RabbitMqJobQueue::connect(config(&broker.url(), "kind"), LIMITS).await;

    let error = refused.err().context("connected")?.to_string();
    assert!(
        error.ends_with("its queues are of another kind: delete them, or set queues of [rabbitmq]"),
        "{error}"
    );
    Ok(())
}

async fn a_wrong_password_is_refused_and_not_repeated(broker: &RabbitMq) -> anyhow::Result<()> {
    let url = broker.url().replace("guest:guest", "guest:hush");

    let refused = RabbitMqJobQueue::connect(config(&url, "secret"), LIMITS).await;

    let error = format!(
        "{:#} {:?}",
        anyhow::Error::from(refused.err().context("connected")?),
        config(&url, "secret")
    );
    assert!(error.contains("refuses us: give a user with rights to the vhost"), "{error}");
    assert!(!error.contains("hush"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_of_the_broker_work_comes_again_and_late_settlements_are_stale() -> anyhow::Result<()>
{
    let mut broker = RabbitMq::start()?;
    let queue = RabbitMqJobQueue::connect(config(&broker.url(), "quire"), LIMITS).await?;
    queue.publish(job(1)?).await?;
    queue.publish(job(2)?).await?;
    let (first, second) = (next(&queue).await?, next(&queue).await?);

    broker.write_new_queues()?;
    broker.kill();
    let away = queue.publish(job(3)?).await;
    broker.restart()?;

    assert!(matches!(away, Err(QueueError::Unavailable(_))), "{away:?}");
    assert_eq!(first.settle(Disposition::Acknowledge).await?, Settled::Stale);
    assert_eq!(second.settle(Disposition::Retry).await?, Settled::Stale, "nothing is published for it");
    assert_eq!(queue.stale_settlements(), 2);
    let mut again = Vec::new();
    for _ in 0..2 {
        let delivery = come_back(&queue).await?;
        assert!(delivery.redelivered);
        again.push(delivery.job.clone());
        assert_eq!(delivery.settle(Disposition::Acknowledge).await?, Settled::Taken);
    }
    again.sort_by_key(|job| job.range);
    assert_eq!(again, [job(1)?, job(2)?]);
    assert!(
        tokio::time::timeout(Duration::from_secs(1), queue.receive()).await.is_err(),
        "nothing else is there"
    );
    Ok(())
}

/// As a worker does: tries again for as long as the queue is not available.
async fn come_back(queue: &RabbitMqJobQueue) -> anyhow::Result<Delivery> {
    loop {
        match tokio::time::timeout(Duration::from_secs(60), queue.receive()).await? {
            Err(QueueError::Unavailable(_)) => {}
            received => return Ok(received?),
        }
    }
}

#[tokio::test]
async fn an_unreachable_broker_is_named_without_its_password() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for address in ["127.0.0.1:1".to_owned(), silent.local_addr().unwrap().to_string()] {
        let started = Instant::now();

        let refused =
            RabbitMqJobQueue::connect(config(&format!("amqp://user:hush@{address}/%2f"), "quire"), LIMITS);

        let error = format!("{:#}", anyhow::Error::from(refused.await.unwrap_err()));
        assert!(started.elapsed() < Duration::from_secs(10), "{error}");
        assert!(error.contains(&format!("rabbitmq at {address} cannot be reached: start it")), "{error}");
        assert!(!error.contains("hush"), "{error}");
    }
}

//! The promises of a [`JobQueue`].

use std::{collections::BTreeMap, future::Future, sync::Arc};

use quire_proto::{
    DocumentId, JobId, Priority, ProcessingOptions, ProfileId, RangeJob, Tenant, job::RANGE_JOB_SCHEMA,
};

use super::{never, soon};
use crate::{Delivery, Disposition, JobQueue, QueueLimits};

type Queue = Arc<dyn JobQueue>;

/// Runs the suite; `fresh` makes an empty queue with the given limits.
pub async fn is_kept<F>(fresh: impl Fn(QueueLimits) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<Queue>>,
{
    let limits = QueueLimits { prefetch: 2, max_attempts: 2 };
    a_published_job_is_lent_whole(fresh(limits).await?).await?;
    a_dropped_delivery_comes_back(fresh(limits).await?).await?;
    a_released_delivery_keeps_its_attempt(fresh(limits).await?).await?;
    a_retried_delivery_counts_until_it_is_parked(fresh(limits).await?).await?;
    a_parked_job_is_listed_and_not_lent(fresh(limits).await?).await?;
    a_parked_job_is_forgotten_alone(fresh(limits).await?).await?;
    an_acknowledged_job_never_returns(fresh(limits).await?).await?;
    prefetch_bounds_unsettled_deliveries(fresh(limits).await?).await?;
    waiting_jobs_are_counted(fresh(limits).await?).await?;
    high_priority_goes_first(fresh(limits).await?).await?;
    a_cancelled_receive_loses_nothing(fresh(limits).await?).await?;
    each_job_is_lent_to_one_receiver(fresh(QueueLimits { prefetch: 64, ..limits }).await?).await
}

/// A job for pages 1 to `last`.
pub fn job(last: u32) -> anyhow::Result<RangeJob> {
    Ok(RangeJob {
        schema: RANGE_JOB_SCHEMA,
        tenant: Tenant::local(),
        job: JobId::of(b"job"),
        document: DocumentId::of(b"document"),
        profile: ProfileId::of(b"profile"),
        options: ProcessingOptions::default(),
        range: format!("1-{last}").parse()?,
        epoch: 0,
        attempt: 1,
        priority: Priority::Low,
        trace: BTreeMap::from([("traceparent".to_owned(), "00-1-2-01".to_owned())]),
    })
}

async fn next(queue: &Queue) -> anyhow::Result<Delivery> {
    Ok(soon(queue.receive()).await??)
}

async fn a_published_job_is_lent_whole(queue: Queue) -> anyhow::Result<()> {
    queue.publish(job(5)?).await?;

    let delivery = next(&queue).await?;

    assert_eq!(delivery.job, job(5)?);
    assert!(!delivery.redelivered);
    Ok(())
}

async fn a_dropped_delivery_comes_back(queue: Queue) -> anyhow::Result<()> {
    queue.publish(job(5)?).await?;

    drop(next(&queue).await?);

    let again = next(&queue).await?;
    assert_eq!(again.job, job(5)?, "the attempt does not count");
    assert!(again.redelivered);
    Ok(())
}

async fn a_released_delivery_keeps_its_attempt(queue: Queue) -> anyhow::Result<()> {
    queue.publish(job(5)?).await?;

    next(&queue).await?.settle(Disposition::Release).await?;

    assert_eq!(next(&queue).await?.job.attempt, 1);
    Ok(())
}

async fn a_retried_delivery_counts_until_it_is_parked(queue: Queue) -> anyhow::Result<()> {
    queue.publish(job(5)?).await?;

    next(&queue).await?.settle(Disposition::Retry).await?;
    let second = next(&queue).await?;
    assert_eq!(second.job.attempt, 2);
    second.settle(Disposition::Retry).await?;

    assert!(never(queue.receive()).await, "two attempts are allowed");
    assert_eq!(queue.parked(10).await?.len(), 1);
    Ok(())
}

async fn a_parked_job_is_listed_and_not_lent(queue: Queue) -> anyhow::Result<()> {
    queue.publish(job(5)?).await?;

    next(&queue).await?.settle(Disposition::Park).await?;

    assert!(never(queue.receive()).await);
    assert_eq!(queue.parked(10).await?, [job(5)?]);
    assert_eq!(queue.parked(10).await?, [job(5)?], "listing does not take");
    assert_eq!(queue.parked(0).await?, []);
    Ok(())
}

async fn a_parked_job_is_forgotten_alone(queue: Queue) -> anyhow::Result<()> {
    for last in [5, 6, 7] {
        queue.publish(job(last)?).await?;
        next(&queue).await?.settle(Disposition::Park).await?;
    }

    queue.forget_parked(&[job(7)?, job(8)?, job(5)?]).await?;
    queue.forget_parked(&[]).await?;

    assert_eq!(queue.parked(10).await?, [job(6)?]);
    assert!(never(queue.receive()).await);
    Ok(())
}

async fn an_acknowledged_job_never_returns(queue: Queue) -> anyhow::Result<()> {
    queue.publish(job(5)?).await?;

    next(&queue).await?.settle(Disposition::Acknowledge).await?;

    assert!(never(queue.receive()).await);
    assert_eq!(queue.parked(10).await?, []);
    Ok(())
}

async fn prefetch_bounds_unsettled_deliveries(queue: Queue) -> anyhow::Result<()> {
    for last in [1, 2, 3] {
        queue.publish(job(last)?).await?;
    }

    let held = next(&queue).await?;
    let _also_held = next(&queue).await?;
    assert!(never(queue.receive()).await, "prefetch is 2");

    held.settle(Disposition::Acknowledge).await?;
    assert_eq!(next(&queue).await?.job, job(3)?);
    Ok(())
}

async fn waiting_jobs_are_counted(queue: Queue) -> anyhow::Result<()> {
    assert_eq!(queue.waiting().await?, 0);
    for last in [1, 2, 3, 4] {
        let priority = if last == 1 { Priority::High } else { Priority::Low };
        queue.publish(RangeJob { priority, ..job(last)? }).await?;
    }
    assert_eq!(queue.waiting().await?, 4);

    let lent = next(&queue).await?;

    // Some queues lend more than was asked for, up to the prefetch of each priority.
    let waiting = queue.waiting().await?;
    assert!((1..=3).contains(&waiting), "{waiting}");
    lent.settle(Disposition::Acknowledge).await?;
    Ok(())
}

async fn high_priority_goes_first(queue: Queue) -> anyhow::Result<()> {
    queue.publish(job(1)?).await?;
    queue.publish(RangeJob { priority: Priority::High, ..job(2)? }).await?;

    let first = next(&queue).await?;

    assert_eq!(first.job.range, job(2)?.range);
    Ok(())
}

async fn a_cancelled_receive_loses_nothing(queue: Queue) -> anyhow::Result<()> {
    assert!(never(queue.receive()).await, "the queue is empty");

    queue.publish(job(1)?).await?;

    assert_eq!(next(&queue).await?.job, job(1)?);
    Ok(())
}

async fn each_job_is_lent_to_one_receiver(queue: Queue) -> anyhow::Result<()> {
    for last in 1..=20 {
        queue.publish(job(last)?).await?;
    }

    let mut lent = Vec::new();
    for delivery in futures_util::future::join_all((0..20).map(|_| next(&queue))).await {
        let delivery = delivery?;
        lent.push(delivery.job.range.last().get());
        delivery.settle(Disposition::Acknowledge).await?;
    }

    lent.sort_unstable();
    assert_eq!(lent, (1..=20).collect::<Vec<_>>());
    Ok(())
}

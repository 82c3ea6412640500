//! Looking at parked messages without taking them, and taking those that are of no use any more.

use lapin::{
    Channel,
    options::{BasicAckOptions, BasicGetOptions, BasicNackOptions},
    types::DeliveryTag,
};
use quire_proto::RangeJob;

use super::{error::CallError, loan::job};

/// Reads up to `limit` messages of `queue` and gives them back. Whoever lists at the same moment sees the others.
///
/// The channel is for this alone: closing it gives back what an error left on loan.
pub(super) async fn list(channel: &Channel, queue: &str, limit: usize) -> Result<Vec<RangeJob>, CallError> {
    let mut jobs = Vec::new();
    let mut last = None;
    for _ in 0..limit {
        let Some(message) = channel.basic_get(queue.into(), BasicGetOptions::default()).await? else { break };
        last = Some(message.delivery.delivery_tag);
        // What this version cannot read waits for one that can.
        jobs.extend(job(&message.delivery.data));
    }
    give_back(channel, last).await?;
    Ok(jobs)
}

/// Takes those of `jobs` that are in `queue`, and gives everything else back. On a channel as for [`list`].
pub(super) async fn forget(channel: &Channel, queue: &str, jobs: &[RangeJob]) -> Result<(), CallError> {
    let mut last = None;
    while let Some(message) = channel.basic_get(queue.into(), BasicGetOptions::default()).await? {
        let tag = message.delivery.delivery_tag;
        if job(&message.delivery.data).is_some_and(|job| jobs.contains(&job)) {
            channel.basic_ack(tag, BasicAckOptions::default()).await?;
        } else {
            last = Some(tag);
        }
    }
    give_back(channel, last).await
}

/// Gives back what is on loan, up to the message `last`.
async fn give_back(channel: &Channel, last: Option<DeliveryTag>) -> Result<(), CallError> {
    if let Some(last) = last {
        let all = BasicNackOptions { multiple: true, requeue: true };
        channel.basic_nack(last, all).await?;
    }
    channel.close(200, "looked through".into()).await?;
    Ok(())
}

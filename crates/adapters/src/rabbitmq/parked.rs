//! Looking at parked messages without taking them.

use lapin::{
    Channel,
    options::{BasicGetOptions, BasicNackOptions},
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
    if let Some(last) = last {
        let all = BasicNackOptions { multiple: true, requeue: true };
        channel.basic_nack(last, all).await?;
    }
    channel.close(200, "listed".into()).await?;
    Ok(jobs)
}

//! The queues, declared the same everywhere.

use lapin::{
    Channel,
    options::QueueDeclareOptions,
    types::{AMQPValue, FieldTable},
};
use quire_proto::Priority;

/// How often the broker lends a message before it parks it: the last net, for work that kills every worker at once.
/// Our own count of attempts ends far below.
const DELIVERY_LIMIT: i32 = 100;

/// Listing returns what it has read, which counts as a delivery, and brokers from 4.0 on drop at 20 unless told.
const PARKED_DELIVERY_LIMIT: i32 = i32::MAX;

/// Names of the queues.
#[derive(Clone, Debug)]
pub(super) struct Topology {
    high: String,
    low: String,
    parked: String,
}

impl Topology {
    pub(super) fn new(prefix: &str) -> Self {
        let name = |rest: &str| format!("{prefix}.{rest}");
        Self { high: name("pages.high"), low: name("pages.low"), parked: name("parked") }
    }

    /// Where jobs of this priority wait.
    pub(super) fn pages(&self, priority: Priority) -> &str {
        match priority {
            Priority::High => &self.high,
            Priority::Low => &self.low,
        }
    }

    /// Where jobs wait for a person.
    pub(super) fn parked(&self) -> &str {
        &self.parked
    }

    /// Messages that wait for a worker.
    pub(super) async fn waiting(&self, channel: &Channel) -> lapin::Result<usize> {
        let mut waiting = 0;
        for queue in [&self.high, &self.low] {
            let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::durable() };
            let declared =
                channel.queue_declare(queue.as_str().into(), passive, FieldTable::default()).await?;
            waiting += declared.message_count() as usize;
        }
        Ok(waiting)
    }

    /// Makes the queues that are missing; those that exist must be the same.
    pub(super) async fn declare(&self, channel: &Channel) -> lapin::Result<()> {
        declare(channel, &self.parked, quorum(PARKED_DELIVERY_LIMIT)).await?;
        for queue in [&self.high, &self.low] {
            let mut arguments = quorum(DELIVERY_LIMIT);
            arguments.insert("x-dead-letter-exchange".into(), text(""));
            arguments.insert("x-dead-letter-routing-key".into(), text(&self.parked));
            declare(channel, queue, arguments).await?;
        }
        Ok(())
    }
}

async fn declare(channel: &Channel, queue: &str, arguments: FieldTable) -> lapin::Result<()> {
    channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments).await.map(drop)
}

fn quorum(delivery_limit: i32) -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(delivery_limit));
    arguments
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}

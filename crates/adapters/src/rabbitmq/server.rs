//! The broker, and how to open a connection to it.

use lapin::{Channel, Connection, ConnectionProperties, uri::AMQPUri};

use super::{RabbitMqConfig, error::CallError, topology::Topology};
use crate::connect_error::{CONNECT_WITHIN, within};

/// Seconds until a broker that says nothing is taken for gone, and the other way round.
const HEARTBEAT: u16 = 20;

/// Where the broker is and which queues are ours.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) config: RabbitMqConfig,
    pub(super) topology: Topology,
}

/// A connection and its channel; dropping it closes both, and the broker takes back what it has lent there.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) connection: Connection,
    pub(super) channel: Channel,
}

impl Server {
    pub(super) fn new(config: RabbitMqConfig) -> Self {
        Self { topology: Topology::new(&config.queues), config }
    }

    pub(super) fn address(&self) -> String {
        self.config.url.address()
    }

    /// Opens a session for `purpose`, in which the queues exist.
    pub(super) async fn open(&self, purpose: &str) -> Result<Session, CallError> {
        within(CONNECT_WITHIN, async {
            let name = format!("quire {purpose}");
            let properties = ConnectionProperties::default().with_connection_name(name.into());
            let connection = Connection::connect_uri(self.uri()?, properties).await?;
            let channel = connection.create_channel().await?;
            self.topology.declare(&channel).await?;
            Ok(Session { connection, channel })
        })
        .await
    }

    fn uri(&self) -> Result<AMQPUri, CallError> {
        let mut uri: AMQPUri = self.config.url.expose().parse().map_err(|_| CallError::Address)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        Ok(uri)
    }
}

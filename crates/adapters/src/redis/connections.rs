//! Connections that are thrown away at the first doubt.
//!
//! Calls share one connection. A reader that waits blocks its connection, so
//! readers take one each from a pool and put it back only when their wait has ended.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, Pipeline, RedisError, Value,
    aio::MultiplexedConnection,
};

use super::error::CallError;
use crate::{ServiceUrl, connect_error::within};

pub(super) struct Connections {
    client: Client,
    answer_within: Duration,
    shared: tokio::sync::Mutex<Option<MultiplexedConnection>>,
    readers: Mutex<Vec<MultiplexedConnection>>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

impl Connections {
    pub(super) fn new(url: &ServiceUrl, answer_within: Duration) -> Result<Self, RedisError> {
        let client = Client::open(url.expose())?;
        Ok(Self { client, answer_within, shared: tokio::sync::Mutex::default(), readers: Mutex::default() })
    }

    /// Calls once; what has become of a call without an answer is not known.
    pub(super) async fn call<T: FromRedisValue>(&self, calls: &Pipeline) -> Result<T, CallError> {
        let mut connection = self.shared().await?;
        let answer =
            within(self.answer_within, async { Ok(calls.query_async(&mut connection).await?) }).await;
        if answer.as_ref().is_err_and(CallError::breaks_connection) {
            *self.shared.lock().await = None;
        }
        answer
    }

    /// Calls what answers after up to `longest`. Cancel safe: the connection of a cancelled wait is closed.
    pub(super) async fn wait(&self, call: &Cmd, longest: Duration) -> Result<(), CallError> {
        let pooled = self.readers().pop();
        let mut connection = match pooled {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let limit = longest + self.answer_within;
        let _: Value =
            within(limit, async { Ok::<_, CallError>(call.query_async(&mut connection).await?) }).await?;
        self.readers().push(connection);
        Ok(())
    }

    async fn shared(&self) -> Result<MultiplexedConnection, CallError> {
        let mut shared = self.shared.lock().await;
        if let Some(connection) = &*shared {
            return Ok(connection.clone());
        }
        let connection = self.connect().await?;
        *shared = Some(connection.clone());
        Ok(connection)
    }

    /// Time limits are ours, those of the client are off: they know nothing of waits.
    async fn connect(&self) -> Result<MultiplexedConnection, CallError> {
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let connect = self.client.get_multiplexed_async_connection_with_config(&config);
        within(self.answer_within, async { Ok(connect.await?) }).await
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<MultiplexedConnection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

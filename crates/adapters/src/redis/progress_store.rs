//! The store itself.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use quire_ports::{Cursor, Events, PageMark, PageMarks, ProgressError, ProgressStore, Snapshot, Undertaking};
use quire_proto::{DocumentId, JobId};
use redis::{Cmd, Pipeline, cmd, pipe};

use super::{
    RedisConfig,
    connections::Connections,
    error::CallError,
    keys::Keys,
    reply::{self, Entry},
};
use crate::connect_error::{CONNECT_WITHIN, ConnectError, within};

/// Sent whole each time: Redis keeps it compiled, and a restart of Redis needs no second call.
const MARK: &str = include_str!("mark.lua");

/// Most pages in one call of the script, which holds up all other clients.
const PAGES_AT_ONCE: usize = 4096;

/// Most events in one answer.
const EVENTS_AT_ONCE: usize = 1000;

/// Longest that a reader waits before it looks whether the store was emptied meanwhile.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Progress of all jobs of a fleet.
#[derive(Debug)]
pub struct RedisProgressStore {
    config: RedisConfig,
    address: String,
    connections: Connections,
}

/// Numbers of the first and the last event, the first event that is kept, and those after a cursor.
type After = ((Option<u64>, Option<u64>), Vec<Entry>, Vec<Entry>);

impl RedisProgressStore {
    /// Connects, and sees that the server answers.
    pub async fn connect(config: RedisConfig) -> Result<Self, ConnectError> {
        let address = config.url.address();
        let at_start = |error: CallError| error.at_start(address.clone());
        let connections =
            Connections::new(&config.url, config.answer_within).map_err(|error| at_start(error.into()))?;
        let ping = pipe().cmd("PING").ignore().clone();
        within(CONNECT_WITHIN, connections.call::<()>(&ping)).await.map_err(at_start)?;
        Ok(Self { address, config, connections })
    }

    fn mark_call(&self, marks: &PageMarks, pages: &[PageMark]) -> Pipeline {
        let keys = Keys(marks.job).of_document(marks.document);
        let mut script = cmd("EVAL");
        script.arg(MARK).arg(keys.len()).arg(&keys).arg(marks.document.to_string());
        script.arg(self.config.keep.as_secs()).arg(self.config.kept_events.get());
        script.arg(pages.iter().copied().map(reply::written).collect::<Vec<_>>());
        pipe().add_command(script).clone()
    }

    async fn after(&self, job: JobId, cursor: Cursor) -> Result<Option<Events>, CallError> {
        let mut calls = pipe();
        let events = Keys(job).events();
        calls.atomic().cmd("HMGET").arg(Keys(job).meta()).arg(&["base", "last"]);
        calls.cmd("XRANGE").arg(&events).arg("-").arg("+").arg("COUNT").arg(1);
        let first = format!("{}-0", cursor.0.saturating_add(1));
        calls.cmd("XRANGE").arg(&events).arg(first).arg("+").arg("COUNT").arg(EVENTS_AT_ONCE);
        let ((base, last), kept, entries): After = self.connections.call(&calls).await?;
        let (Some(base), Some(last)) = (base, last) else {
            return Ok((cursor > Cursor::default()).then_some(Events::Lapsed));
        };
        let position = if cursor == Cursor::default() { base } else { cursor.0 };
        let oldest = kept.first().and_then(|(id, _)| reply::number(id)).unwrap_or(last + 1);
        if position < base || position > last || position + 1 < oldest {
            return Ok(Some(Events::Lapsed));
        }
        let Some(end) = entries.last().and_then(|(id, _)| reply::number(id)) else { return Ok(None) };
        let events = entries.iter().flat_map(reply::events).collect();
        Ok(Some(Events::Next { events, cursor: Cursor(end) }))
    }
}

/// Answers when there is an event after `cursor`, or in the end.
fn wait_call(job: JobId, cursor: Cursor) -> Cmd {
    let mut wait = cmd("XREAD");
    wait.arg("COUNT").arg(1).arg("BLOCK").arg(LOOK_AGAIN.as_millis().to_string());
    wait.arg("STREAMS").arg(Keys(job).events()).arg(format!("{}-0", cursor.0));
    wait
}

#[async_trait]
impl ProgressStore for RedisProgressStore {
    async fn mark(&self, marks: &PageMarks) -> Result<(), ProgressError> {
        for pages in marks.pages.chunks(PAGES_AT_ONCE) {
            let call = self.mark_call(marks, pages);
            self.connections.call::<(u64,)>(&call).await.map_err(|error| error.at(&self.address))?;
        }
        Ok(())
    }

    async fn forget(&self, job: JobId, document: DocumentId) -> Result<(), ProgressError> {
        let [_, counts, _, bitmaps @ ..] = Keys(job).of_document(document);
        let mut calls = pipe();
        calls.atomic().cmd("DEL").arg(&bitmaps).ignore();
        calls
            .cmd("HDEL")
            .arg(counts)
            .arg(&["d", "b", "f"].map(|state| format!("{document}:{state}")))
            .ignore();
        self.connections.call::<()>(&calls).await.map_err(|error| error.at(&self.address))
    }

    async fn snapshot(&self, job: JobId) -> Result<Snapshot, ProgressError> {
        let mut calls = pipe();
        calls.atomic().cmd("HGETALL").arg(Keys(job).counts());
        calls.cmd("HGET").arg(Keys(job).meta()).arg("last");
        let (counts, last): (HashMap<String, u64>, Option<u64>) =
            self.connections.call(&calls).await.map_err(|error| error.at(&self.address))?;
        Ok(Snapshot { documents: reply::ledgers(&counts), cursor: Cursor(last.unwrap_or_default()) })
    }

    async fn events(&self, job: JobId, cursor: Cursor) -> Result<Events, ProgressError> {
        let at = |error: CallError| error.at(&self.address);
        loop {
            if let Some(events) = self.after(job, cursor).await.map_err(at)? {
                return Ok(events);
            }
            self.connections.wait(&wait_call(job, cursor), LOOK_AGAIN).await.map_err(at)?;
        }
    }

    async fn begin(&self, work: &Undertaking) -> Result<(), ProgressError> {
        let key = Keys::begun(work);
        let mut calls = pipe();
        calls.atomic().cmd("INCR").arg(&key).ignore();
        calls.cmd("EXPIRE").arg(&key).arg(self.config.keep.as_secs()).ignore();
        self.connections.call::<()>(&calls).await.map_err(|error| error.at(&self.address))
    }

    async fn begun(&self, work: &Undertaking) -> Result<u32, ProgressError> {
        let mut call = pipe();
        call.cmd("GET").arg(Keys::begun(work));
        let (begun,): (Option<u32>,) =
            self.connections.call(&call).await.map_err(|error| error.at(&self.address))?;
        Ok(begun.unwrap_or_default())
    }

    async fn end(&self, work: &Undertaking) -> Result<(), ProgressError> {
        let mut call = pipe();
        call.cmd("DEL").arg(Keys::begun(work)).ignore();
        self.connections.call::<()>(&call).await.map_err(|error| error.at(&self.address))
    }
}

//! What happens to a job, for whoever asks again and again: answers when something happened.

use std::time::Duration;

use axum::{Json, extract::State};
use quire_coordinator::CoordinatorError;
use quire_ports::{Cursor, Events, ProgressEvent};
use serde::Deserialize;
use tokio::time::timeout;

use super::{
    Api, Problem,
    caller::Caller,
    extract::{InPath, InQuery},
    types::{DecidedPage, DecidedPages, JobEvents, JobPath},
};

/// Longest wait that is granted.
const LONGEST: u64 = 60;

/// Parameters of the request.
#[derive(Deserialize)]
pub(super) struct After {
    /// Where to go on; now when absent.
    after: Option<u64>,
    /// Seconds to wait for something to happen.
    #[serde(default)]
    wait: u64,
}

/// `GET /v1/jobs/{job}/events`
pub(super) async fn get(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InPath(JobPath { job }): InPath<JobPath>,
    InQuery(After { after, wait }): InQuery<After>,
) -> Result<Json<JobEvents>, Problem> {
    api.coordinator().spec(&tenant, job).await?;
    let progress = &api.0.ports.progress;
    let now = async { Ok::<_, CoordinatorError>(progress.snapshot(job).await?.cursor.0) };
    let Some(after) = after else {
        return Ok(Json(JobEvents { cursor: now.await?, lapsed: false, events: Vec::new() }));
    };
    let wait = Duration::from_secs(wait.min(LONGEST));
    let answer = match timeout(wait, progress.events(job, Cursor(after))).await {
        Err(_) => JobEvents { cursor: after, lapsed: false, events: Vec::new() },
        Ok(Ok(Events::Next { events, cursor })) => {
            JobEvents { cursor: cursor.0, lapsed: false, events: events.into_iter().map(told).collect() }
        }
        Ok(Ok(Events::Lapsed)) => JobEvents { cursor: now.await?, lapsed: true, events: Vec::new() },
        Ok(Err(error)) => return Err(CoordinatorError::from(error).into()),
    };
    Ok(Json(answer))
}

fn told(event: ProgressEvent) -> DecidedPages {
    let pages = event.pages.into_iter().map(|mark| DecidedPage { page: mark.page, status: mark.status });
    DecidedPages { document: event.document, pages: pages.collect() }
}

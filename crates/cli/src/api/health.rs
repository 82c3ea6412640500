//! Whether the process lives, and whether it can do its work.

use std::{fmt::Display, future::Future, time::Duration};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use quire_proto::{JobId, object_key::OPEN_JOBS};
use tokio::time::timeout;

use super::{Api, types::Readiness};

/// Longest that a service may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The routes, which need no token.
pub(super) fn routes() -> Router<Api> {
    Router::new().route("/livez", get(live)).route("/readyz", get(ready))
}

async fn live() -> &'static str {
    "alive\n"
}

async fn ready(State(api): State<Api>) -> (StatusCode, Json<Readiness>) {
    let ports = &api.0.ports;
    let (store, queue, progress) = tokio::join!(
        complaint(ports.store.list(OPEN_JOBS, None, 1)),
        complaint(ports.queue.parked(0)),
        complaint(ports.progress.snapshot(JobId::of(b"readiness"))),
    );
    let ready = store.is_none() && queue.is_none();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, store, queue, progress }))
}

async fn complaint<T, E: Display>(call: impl Future<Output = Result<T, E>>) -> Option<String> {
    match timeout(ANSWER_WITHIN, call).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!("no answer within {ANSWER_WITHIN:?}")),
    }
}

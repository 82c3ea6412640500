//! `/livez` and `/readyz`: whether a worker lives, and whether it takes work.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{Router, extract::State, http::StatusCode, routing::get};
use quire_ports::JobQueue;
use tokio::{net::TcpListener, sync::watch, time::timeout};
use tracing::info;

/// Longest that the queue may take to answer.
const QUEUE_ANSWERS_WITHIN: Duration = Duration::from_secs(3);

/// Where a worker is in its life.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// Services are connected and models are loaded.
    Starting,
    /// It takes ranges from this queue.
    Working(Arc<dyn JobQueue>),
    /// It was asked to stop.
    Stopping,
}

/// Binds `address` and answers there for as long as the runtime lives.
pub(super) async fn serve(address: SocketAddr, stage: watch::Receiver<Stage>) -> anyhow::Result<()> {
    let bound = TcpListener::bind(address).await.with_context(|| {
        format!("listen on {address} for health checks: set another address as health of [worker]")
    })?;
    info!(address = %bound.local_addr()?, "health checks are answered");
    tokio::spawn(answer(bound, stage));
    Ok(())
}

async fn answer(bound: TcpListener, stage: watch::Receiver<Stage>) -> io::Result<()> {
    let routes = Router::new().route("/livez", get(alive)).route("/readyz", get(ready)).with_state(stage);
    axum::serve(bound, routes).await
}

async fn alive() -> &'static str {
    "alive\n"
}

async fn ready(State(stage): State<watch::Receiver<Stage>>) -> (StatusCode, &'static str) {
    let stage = stage.borrow().clone();
    match stage {
        Stage::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
        Stage::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
        Stage::Working(queue) => match timeout(QUEUE_ANSWERS_WITHIN, queue.parked(0)).await {
            Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
            Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the queue does not answer\n"),
        },
    }
}

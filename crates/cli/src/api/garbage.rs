//! `POST /v1/gc`: deletes what no job refers to.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use quire_coordinator::gc::{Collected, Collection};
use serde::Deserialize;

use super::{Api, Problem, caller::Caller, extract::InQuery};

/// What is taken for garbage.
#[derive(Deserialize)]
pub(super) struct Terms {
    #[serde(default, with = "humantime_serde::option")]
    older_than: Option<Duration>,
    #[serde(default)]
    dry_run: bool,
}

/// `POST /v1/gc`
pub(super) async fn collect(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InQuery(Terms { older_than, dry_run }): InQuery<Terms>,
) -> Result<Json<Collected>, Problem> {
    let older_than = older_than.unwrap_or(api.coordinator().settings().collect_older_than);
    let coordinator = api.coordinator().clone();
    // A task of its own: a collection that ends in the middle of a batch keeps others waiting, so it goes on when
    // nobody waits for the answer any more.
    let collecting =
        tokio::spawn(async move { coordinator.collect(&tenant, Collection { older_than, dry_run }).await });
    match collecting.await {
        Ok(collected) => Ok(Json(collected?)),
        Err(error) => {
            tracing::error!(%error, "a collection of garbage ended by itself");
            let (code, remedy) = ("internal", "see the log of the coordinator");
            Err(Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                code,
                "the collection ended by itself",
                remedy,
            ))
        }
    }
}

//! The HTTP API of the coordinator, version 1.
//!
//! ```text
//!  PUT  /v1/sources            the bytes of a document
//!  POST /v1/jobs               documents that were sent, and what is asked of them
//!  GET  /v1/jobs, /v1/jobs/…   where jobs stand, their pages, failures, fixity
//!  POST /v1/gc                 what no job refers to is deleted
//!  GET  /livez, /readyz, /v1/openapi.json
//! ```
//!
//! What each endpoint takes and gives is in one table, `endpoints`: the router and
//! the OpenAPI document are both made of it. Answers are JSON, errors too, with what
//! to do about them. Memory is bounded: bodies stream or have a limit.

mod caller;
mod endpoints;
mod events;
mod extract;
mod garbage;
mod health;
mod jobs;
mod openapi;
mod pages;
mod problem;
mod sources;
pub mod types;

use std::{num::NonZeroU32, path::PathBuf, sync::Arc};

use axum::{Router, middleware};
use quire_adapters::s3::Secret;
use quire_coordinator::{Coordinator, Service};
use quire_ports::Ports;
use quire_proto::Profile;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use problem::Problem;

/// What the API answers from.
#[derive(Debug)]
pub struct ApiParts {
    /// Runs the jobs.
    pub service: Arc<Service>,
    /// The same ports as the service's.
    pub ports: Ports,
    /// How pages are processed unless a job asks otherwise.
    pub profile: Profile,
    /// Pages in a range of a new job.
    pub range_pages: NonZeroU32,
    /// Folder for documents on their way into the store.
    pub scratch: PathBuf,
    /// Largest document, in bytes.
    pub max_document: u64,
    /// What callers must show.
    pub token: Option<Secret>,
}

/// The state of every handler.
#[derive(Clone, Debug)]
pub(crate) struct Api(Arc<ApiParts>);

impl Api {
    fn coordinator(&self) -> &Coordinator {
        self.0.service.coordinator()
    }
}

/// The routes, as a service for any listener.
pub fn router(parts: ApiParts) -> Router {
    let api = Api(Arc::new(parts));
    let mut router = Router::new();
    for endpoint in endpoints::all() {
        router = router.route(endpoint.path, endpoint.handler);
    }
    let guarded = router.layer(middleware::from_fn_with_state(api.clone(), caller::guard));
    guarded
        .merge(health::routes())
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .with_state(api)
}

/// Answers until `shutdown`, then finishes what is being answered.
pub async fn serve(
    listener: TcpListener,
    parts: ApiParts,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    axum::serve(listener, router(parts)).with_graceful_shutdown(shutdown.cancelled_owned()).await
}

//! Jobs: submitted, listed, looked at, cancelled, tried again, removed.

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
};
use quire_coordinator::{
    JobTerms,
    jobs::{Failures, JobList, JobStatus, Verification},
};
use quire_proto::{JobId, Profile};
use serde::Deserialize;

use super::{
    Api, Problem,
    caller::Caller,
    extract::{InPath, InQuery},
    types::{JobDocuments, JobPath, NewJob},
};

/// Jobs, or failed pages, in one answer.
const MOST: usize = 1000;

/// `POST /v1/jobs`
pub(super) async fn submit(
    State(api): State<Api>,
    Caller(tenant): Caller,
    body: Result<Json<NewJob>, JsonRejection>,
) -> Result<Json<JobStatus>, Problem> {
    let Json(new) = body.map_err(|error| Problem::bad_request(error.body_text()))?;
    let profile = match new.options {
        Some(options) => Profile { options, ..api.0.profile.clone() },
        None => api.0.profile.clone(),
    };
    if !(36..=1200).contains(&profile.options.dpi) {
        return Err(Problem::bad_request("options.dpi must be from 36 to 1200"));
    }
    let terms = JobTerms {
        pages: new.pages,
        range_size: api.0.range_pages,
        priority: new.priority,
        collection: new.collection,
        idempotency_key: new.idempotency_key,
        ..JobTerms::new(tenant.clone(), profile)
    };
    let named = new.documents.into_iter().map(|named| (named.document, named.name)).collect();
    let job = api.coordinator().submit_stored(terms, named).await?;
    api.0.service.look_now();
    Ok(Json(api.coordinator().status(&tenant, job).await?))
}

/// Which part of a list is wanted.
#[derive(Deserialize)]
pub(super) struct Part {
    after: Option<JobId>,
    limit: Option<usize>,
}

/// `GET /v1/jobs`
pub(super) async fn list(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InQuery(Part { after, limit }): InQuery<Part>,
) -> Result<Json<JobList>, Problem> {
    Ok(Json(api.coordinator().list(&tenant, after, limit.unwrap_or(100).clamp(1, MOST)).await?))
}

/// `GET /v1/jobs/{job}`
pub(super) async fn status(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InPath(JobPath { job }): InPath<JobPath>,
) -> Result<Json<JobStatus>, Problem> {
    Ok(Json(api.coordinator().status(&tenant, job).await?))
}

/// `DELETE /v1/jobs/{job}`
pub(super) async fn remove(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InPath(JobPath { job }): InPath<JobPath>,
) -> Result<StatusCode, Problem> {
    api.coordinator().remove(&tenant, job).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /v1/jobs/{job}/cancel`
pub(super) async fn cancel(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InPath(JobPath { job }): InPath<JobPath>,
) -> Result<Json<JobStatus>, Problem> {
    api.coordinator().cancel(&tenant, job).await?;
    Ok(Json(api.coordinator().status(&tenant, job).await?))
}

/// `POST /v1/jobs/{job}/retry`
pub(super) async fn retry(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InPath(JobPath { job }): InPath<JobPath>,
) -> Result<Json<JobStatus>, Problem> {
    let again = api.coordinator().retry(&tenant, job).await?;
    api.0.service.look_now();
    Ok(Json(api.coordinator().status(&tenant, again).await?))
}

/// `GET /v1/jobs/{job}/documents`
pub(super) async fn documents(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InPath(JobPath { job }): InPath<JobPath>,
) -> Result<Json<JobDocuments>, Problem> {
    let documents = super::pages::documents(&api, &tenant, job).await?;
    Ok(Json(JobDocuments { documents }))
}

/// `GET /v1/jobs/{job}/failures`
pub(super) async fn failures(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InPath(JobPath { job }): InPath<JobPath>,
    InQuery(Part { limit, .. }): InQuery<Part>,
) -> Result<Json<Failures>, Problem> {
    Ok(Json(api.coordinator().failures(&tenant, job, limit.unwrap_or(MOST).clamp(1, MOST)).await?))
}

/// `GET /v1/jobs/{job}/verify`
pub(super) async fn verify(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InPath(JobPath { job }): InPath<JobPath>,
) -> Result<Json<Verification>, Problem> {
    Ok(Json(api.coordinator().verify(&tenant, job).await?))
}

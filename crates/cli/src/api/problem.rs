//! Errors as callers see them: a code for machines, a message and a remedy for people.

use axum::{
    Json,
    http::{Method, StatusCode, Uri, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use quire_coordinator::{CoordinatorError, ReadError};
use quire_ports::StoreError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An error of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// A short name that does not change.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    #[serde(skip, default = "internal")]
    #[schemars(skip)]
    status: StatusCode,
}

fn internal() -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

impl Problem {
    /// A problem with the status code that goes with it.
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>, remedy: &str) -> Self {
        Self { code: code.to_owned(), message: message.into(), remedy: remedy.to_owned(), status }
    }

    /// The request is not one of ours.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        let remedy = "see /v1/openapi.json for what is taken";
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message, remedy)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, const { axum::http::HeaderValue::from_static("5") });
        }
        response
    }
}

impl From<CoordinatorError> for Problem {
    fn from(error: CoordinatorError) -> Self {
        let (status, code, remedy) = match &error {
            CoordinatorError::UnknownJob(_) => {
                (StatusCode::NOT_FOUND, "unknown_job", "list the jobs of this tenant")
            }
            CoordinatorError::NoSource(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "no_source", "send the document with PUT /v1/sources")
            }
            CoordinatorError::NoDocuments => {
                (StatusCode::UNPROCESSABLE_ENTITY, "no_documents", "name at least one document")
            }
            CoordinatorError::KeyTaken(_) => {
                (StatusCode::CONFLICT, "idempotency_key_taken", "use a new key for a new request")
            }
            CoordinatorError::Running(_) => {
                (StatusCode::CONFLICT, "job_running", "cancel the job, or wait for its end")
            }
            CoordinatorError::UnknownRecord(_) => (
                StatusCode::CONFLICT,
                "unknown_record",
                "nothing is deleted while such a record is there: use the version of Quire that wrote it",
            ),
            error if error.is_transient() => {
                tracing::warn!(%error, "a request could not be answered");
                (StatusCode::SERVICE_UNAVAILABLE, "service_away", "try again in a few seconds")
            }
            error => {
                tracing::error!(?error, "a request could not be answered");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", "see the log of the coordinator")
            }
        };
        Self::new(status, code, error.to_string(), remedy)
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        CoordinatorError::from(error).into()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        CoordinatorError::from(error).into()
    }
}

/// For paths that are not in the table.
pub(super) async fn no_such_path(uri: Uri) -> Problem {
    let message = format!("there is nothing at {}", uri.path());
    Problem::new(StatusCode::NOT_FOUND, "no_such_path", message, "see /v1/openapi.json for what there is")
}

/// For methods that a path does not have.
pub(super) async fn no_such_method(method: Method, uri: Uri) -> Problem {
    let message = format!("{} does not take {method}", uri.path());
    let remedy = "see /v1/openapi.json for what there is";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "no_such_method", message, remedy)
}

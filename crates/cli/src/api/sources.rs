//! Documents on their way in: streamed to disk, hashed, then stored under their hash.

use std::io;

use axum::{Json, body::Body, extract::State, http::StatusCode};
use futures_util::StreamExt;
use quire_ports::Put;
use quire_proto::DocumentId;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;

use super::{Api, Problem, caller::Caller, extract::InPath, types::StoredDocument};

/// `PUT /v1/sources`
pub(super) async fn put(
    State(api): State<Api>,
    Caller(tenant): Caller,
    body: Body,
) -> Result<Json<StoredDocument>, Problem> {
    let (file, path) = tempfile::NamedTempFile::new_in(&api.0.scratch).map_err(no_room)?.into_parts();
    let mut file = tokio::fs::File::from_std(file);
    let mut bytes = 0;
    let mut body = body.into_data_stream();
    while let Some(chunk) = body.next().await {
        let chunk =
            chunk.map_err(|error| Problem::bad_request(format!("the document broke off: {error}")))?;
        bytes += chunk.len() as u64;
        if bytes > api.0.max_document {
            return Err(too_large(api.0.max_document));
        }
        file.write_all(&chunk).await.map_err(no_room)?;
    }
    file.flush().await.map_err(no_room)?;
    if bytes == 0 {
        return Err(Problem::bad_request("the document is empty"));
    }
    let stored = api.coordinator().store_source(&tenant, &path).await?;
    let document = DocumentId::from_digest(stored.sha256);
    Ok(Json(StoredDocument { document, bytes, created: stored.put == Put::Created }))
}

/// A document in a path.
#[derive(Deserialize)]
pub(super) struct SourcePath {
    document: DocumentId,
}

/// `GET /v1/sources/{document}`
pub(super) async fn head(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InPath(SourcePath { document }): InPath<SourcePath>,
) -> Result<StatusCode, Problem> {
    if api.coordinator().has_source(&tenant, document).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let remedy = "send it with PUT /v1/sources";
    Err(Problem::new(StatusCode::NOT_FOUND, "no_source", "the document is not in the store", remedy))
}

fn no_room(error: io::Error) -> Problem {
    let message = format!("the document cannot be kept on its way: {error}");
    let remedy = "see that the coordinator's scratch folder exists, can be written and has room";
    Problem::new(StatusCode::INSUFFICIENT_STORAGE, "no_room", message, remedy)
}

fn too_large(limit: u64) -> Problem {
    let message = format!("the document has more than {}", bytesize::ByteSize(limit));
    let remedy = "split it, or raise [coordinator] max_document";
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message, remedy)
}

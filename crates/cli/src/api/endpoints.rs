//! The table of endpoints.

use axum::{
    Json,
    routing::{MethodRouter, delete, get, post, put},
};
use quire_coordinator::{
    gc::Collected,
    jobs::{Failures, JobList, JobStatus, Verification},
};
use quire_proto::record::PageRecord;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::{
    Api, events, garbage, jobs, openapi, pages, sources,
    types::{JobDocuments, JobEvents, NewJob, StoredDocument},
};

/// Makes the schema of a type.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// A body: its media type and, for JSON, its schema.
pub(super) struct Content {
    pub(super) media: &'static str,
    pub(super) schema: Option<SchemaOf>,
}

/// One endpoint.
pub(super) struct Endpoint {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    /// Parameters of the query: name and what it means.
    pub(super) query: &'static [(&'static str, &'static str)],
    pub(super) request: Option<Content>,
    /// Nothing is answered but the code 204 when absent.
    pub(super) answer: Option<Content>,
    pub(super) handler: MethodRouter<Api>,
}

fn json<T: JsonSchema>() -> Option<Content> {
    let schema: SchemaOf = |generator| generator.subschema_for::<T>();
    Some(Content { media: "application/json", schema: Some(schema) })
}

fn raw(media: &'static str) -> Option<Content> {
    Some(Content { media, schema: None })
}

fn lines<T: JsonSchema>() -> Option<Content> {
    Some(Content { media: "application/x-ndjson", ..json::<T>()? })
}

/// Everything there is below `/v1`.
pub(super) fn all() -> Vec<Endpoint> {
    let mut all = intake();
    all.extend(about_jobs());
    all.extend(results());
    all.push(gc());
    all
}

fn endpoint(
    (method, path): (&'static str, &'static str),
    summary: &'static str,
    answer: Option<Content>,
    handler: MethodRouter<Api>,
) -> Endpoint {
    Endpoint { method, path, summary, query: &[], request: None, answer, handler }
}

fn intake() -> Vec<Endpoint> {
    let sources = ("put", "/v1/sources");
    let known = ("get", "/v1/sources/{document}");
    let submit = ("post", "/v1/jobs");
    vec![
        Endpoint {
            request: raw("application/octet-stream"),
            ..endpoint(
                sources,
                "Store the bytes of one document.",
                json::<StoredDocument>(),
                put(sources::put),
            )
        },
        endpoint(known, "Say whether a document is stored.", None, get(sources::head)),
        Endpoint {
            request: json::<NewJob>(),
            ..endpoint(
                submit,
                "Submit a job about stored documents. The same request is the same job.",
                json::<JobStatus>(),
                post(jobs::submit),
            )
        },
        endpoint(
            ("get", "/v1/openapi.json"),
            "This document.",
            raw("application/json"),
            get(async || Json(openapi::document())),
        ),
    ]
}

fn about_jobs() -> Vec<Endpoint> {
    let list = &[("after", "the `next` of the list before"), ("limit", "most jobs, at most 1000")];
    let events = &[
        ("after", "cursor of the answer before; without it the answer is the cursor of now"),
        ("wait", "seconds to wait for something to happen, at most 60"),
    ];
    vec![
        Endpoint {
            query: list,
            ..endpoint(("get", "/v1/jobs"), "List jobs.", json::<JobList>(), get(jobs::list))
        },
        endpoint(
            ("get", "/v1/jobs/{job}"),
            "Say where a job stands.",
            json::<JobStatus>(),
            get(jobs::status),
        ),
        endpoint(
            ("delete", "/v1/jobs/{job}"),
            "Remove the records of a finished job; documents and results stay.",
            None,
            delete(jobs::remove),
        ),
        endpoint(
            ("post", "/v1/jobs/{job}/cancel"),
            "Give a job up: it ends within seconds and keeps the pages that are done.",
            json::<JobStatus>(),
            post(jobs::cancel),
        ),
        endpoint(
            ("post", "/v1/jobs/{job}/retry"),
            "Try again what failed; answers with the job that does.",
            json::<JobStatus>(),
            post(jobs::retry),
        ),
        Endpoint {
            query: events,
            ..endpoint(
                ("get", "/v1/jobs/{job}/events"),
                "Wait for pages to be decided.",
                json::<JobEvents>(),
                get(events::get),
            )
        },
    ]
}

fn gc() -> Endpoint {
    Endpoint {
        query: &[
            (
                "older_than",
                "age such as `7d` below which nothing is garbage; `gc_older_than` of `[coordinator]` when absent",
            ),
            ("dry_run", "`true` to delete nothing, only to count"),
        ],
        ..endpoint(
            ("post", "/v1/gc"),
            "Delete documents and results that no job of the tenant refers to; answers when it is done.",
            json::<Collected>(),
            post(garbage::collect),
        )
    }
}

fn results() -> Vec<Endpoint> {
    vec![
        endpoint(
            ("get", "/v1/jobs/{job}/documents"),
            "List the documents of a job.",
            json::<JobDocuments>(),
            get(jobs::documents),
        ),
        Endpoint {
            query: &[("limit", "most pages, at most 1000")],
            ..endpoint(
                ("get", "/v1/jobs/{job}/failures"),
                "List what could not be read, and why.",
                json::<Failures>(),
                get(jobs::failures),
            )
        },
        Endpoint {
            query: &[("document", "only the pages of this document")],
            ..endpoint(
                ("get", "/v1/jobs/{job}/pages"),
                "Stream the records of the pages that are done, one on each line, while the job runs too.",
                lines::<PageRecord>(),
                get(pages::records),
            )
        },
        endpoint(
            ("get", "/v1/jobs/{job}/figures/{document}/{name}"),
            "The picture of a figure that a record names.",
            raw("image/png"),
            get(pages::figure),
        ),
        endpoint(
            ("get", "/v1/jobs/{job}/verify"),
            "Read every result again and compare it with the manifest of a finished job.",
            json::<Verification>(),
            get(jobs::verify),
        ),
    ]
}

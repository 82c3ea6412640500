//! The records of a job's pages, streamed as JSON lines, and its figures.

use std::{collections::VecDeque, io};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use quire_coordinator::{Coordinator, PageReader, jobs::JobView};
use quire_ports::StoreError;
use quire_proto::{
    DocumentId, JobId, Ledger, ObjectKey, Tenant,
    manifest::{Opened, PlannedDocument},
    record::PageRecord,
};
use serde::Deserialize;

use super::{
    Api, Problem,
    caller::Caller,
    extract::{InPath, InQuery},
    types::{JobDocument, JobPath},
};

/// Which pages are wanted.
#[derive(Deserialize)]
pub(super) struct Wanted {
    document: Option<DocumentId>,
}

/// `GET /v1/jobs/{job}/pages`: an answer that breaks off is not complete.
pub(super) async fn records(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InPath(JobPath { job }): InPath<JobPath>,
    InQuery(Wanted { document }): InQuery<Wanted>,
) -> Result<Response, Problem> {
    let view = api.coordinator().view(&tenant, job).await?;
    let wanted = |planned: &&PlannedDocument| document.is_none_or(|wanted| wanted == planned.document);
    let left: VecDeque<PlannedDocument> = view.planned().iter().filter(wanted).cloned().collect();
    if left.is_empty() && document.is_some() {
        let remedy = "ask for the documents of the job";
        let message = "the job has no such document, or does not know its pages yet";
        return Err(Problem::new(StatusCode::NOT_FOUND, "no_such_document", message, remedy));
    }
    let records = Records { coordinator: api.coordinator().clone(), view, left, open: None };
    let lines = stream::try_unfold(records, |mut records| async move {
        let line = records.next_line().await.map_err(io::Error::other)?;
        Ok::<_, io::Error>(line.map(|line| (line, records)))
    });
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

/// The records that are still to be sent.
struct Records {
    coordinator: Coordinator,
    view: JobView,
    left: VecDeque<PlannedDocument>,
    open: Option<PageReader>,
}

impl Records {
    async fn next_line(&mut self) -> anyhow::Result<Option<Bytes>> {
        loop {
            if let Some(record) = self.next_of_open().await? {
                let mut line = serde_json::to_vec(&record)?;
                line.push(b'\n');
                return Ok(Some(line.into()));
            }
            let Some(planned) = self.left.pop_front() else { return Ok(None) };
            let document = self.coordinator.document(&self.view, &planned).await?;
            self.open = Some(self.coordinator.pages(&document));
        }
    }

    async fn next_of_open(&mut self) -> anyhow::Result<Option<PageRecord>> {
        match &mut self.open {
            Some(pages) => Ok(pages.next().await?),
            None => Ok(None),
        }
    }
}

/// A figure in a path.
#[derive(Deserialize)]
pub(super) struct FigurePath {
    job: JobId,
    document: DocumentId,
    name: String,
}

/// `GET /v1/jobs/{job}/figures/{document}/{name}`
pub(super) async fn figure(
    State(api): State<Api>,
    Caller(tenant): Caller,
    InPath(FigurePath { job, document, name }): InPath<FigurePath>,
) -> Result<Response, Problem> {
    let spec = api.coordinator().spec(&tenant, job).await?;
    let key = ObjectKey::asset(&tenant, document, spec.profile.id(), &name);
    match api.0.ports.store.get(&key).await {
        Ok(picture) => Ok(([(CONTENT_TYPE, "image/png")], picture).into_response()),
        Err(StoreError::Missing(_)) => {
            let remedy = "take the names of figures from the records of the pages";
            Err(Problem::new(StatusCode::NOT_FOUND, "no_such_figure", "there is no such figure", remedy))
        }
        Err(error) => Err(error.into()),
    }
}

/// The documents of a job and how far each is.
pub(super) async fn documents(api: &Api, tenant: &Tenant, job: JobId) -> Result<Vec<JobDocument>, Problem> {
    let view = api.coordinator().view(tenant, job).await?;
    let marked = match view.manifest {
        Some(_) => Default::default(),
        None => api.0.ports.progress.snapshot(job).await.map(|known| known.documents).unwrap_or_default(),
    };
    let documents = view.planned().iter().map(|planned| {
        let document = planned.document;
        let (mut pages, failure) = match &planned.opened {
            Opened::Failed(failure) => (Ledger::default(), Some(failure.clone())),
            Opened::Pages { selected, .. } => {
                let mut pages = marked.get(&document).copied().unwrap_or_default();
                pages.pending = selected.count().saturating_sub(pages.decided());
                (pages, None)
            }
        };
        let committed = view.manifest.iter().flat_map(|manifest| &manifest.documents);
        if let Some(known) = committed.into_iter().find(|known| known.document == document) {
            pages = known.ledger;
        }
        let names = view.names(document).to_vec();
        JobDocument { document, names, pages, complete: pages.pending == 0, failure }
    });
    Ok(documents.collect())
}

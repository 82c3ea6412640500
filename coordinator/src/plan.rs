//! From documents and page counts to a plan. Pure, but for the counting.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use futures_util::future::join_all;
use quire_ports::{ObjectStore, Source, StoreError};
use quire_proto::{
    DocumentId, ObjectKey, PageSet, Tenant,
    manifest::{DocumentFailure, JobPlan, JobSpec, Opened, PLAN_SCHEMA, PlannedDocument},
};

use crate::CoordinatorError;

/// Counts the pages of documents, in a sandbox: the coordinator itself never parses one.
#[async_trait]
pub trait PageCounter: std::fmt::Debug + Send + Sync + 'static {
    /// Pages of the document whose bytes are in the file `source`.
    async fn count(&self, document: DocumentId, source: &Path) -> Result<u32, CountError>;
}

/// Why pages could not be counted.
#[derive(Debug, thiserror::Error)]
pub enum CountError {
    /// This document cannot be opened; the others go on.
    #[error("the document cannot be opened: {}", .0.message)]
    Document(DocumentFailure),
    /// No document can be opened now.
    #[error("the renderer is not available")]
    Unavailable(#[source] Source),
}

/// Divides a job; `counts` are in the order of the spec's documents.
pub fn plan(spec: &JobSpec, counts: Vec<Result<u32, DocumentFailure>>) -> JobPlan {
    let documents = spec.documents.iter().zip(counts).map(|(document, count)| PlannedDocument {
        document: document.document,
        opened: opened(spec.pages.as_ref(), count),
    });
    JobPlan {
        schema: PLAN_SCHEMA.to_owned(),
        job: spec.job,
        range_size: spec.range_size,
        documents: documents.collect(),
    }
}

fn opened(wanted: Option<&PageSet>, count: Result<u32, DocumentFailure>) -> Opened {
    match count {
        Ok(0) => Opened::Failed(DocumentFailure {
            class: "no_pages".to_owned(),
            message: "the document has no pages".to_owned(),
        }),
        Ok(count) => {
            let all = PageSet::first(count);
            Opened::Pages { count, selected: wanted.map_or(all.clone(), |wanted| all.intersection(wanted)) }
        }
        Err(failure) => Opened::Failed(failure),
    }
}

/// Counts the pages of all documents of a job, `at_once` at a time.
pub(crate) async fn count_all(
    spec: &JobSpec,
    store: &Arc<dyn ObjectStore>,
    counter: &Arc<dyn PageCounter>,
    scratch: &Path,
    at_once: usize,
) -> Result<Vec<Result<u32, DocumentFailure>>, CoordinatorError> {
    let mut counts = Vec::with_capacity(spec.documents.len());
    for some in spec.documents.chunks(at_once.max(1)) {
        let counting =
            some.iter().map(|d| count(&spec.tenant, d.document, store.as_ref(), counter.as_ref(), scratch));
        for count in join_all(counting).await {
            counts.push(count?);
        }
    }
    Ok(counts)
}

async fn count(
    tenant: &Tenant,
    document: DocumentId,
    store: &dyn ObjectStore,
    counter: &dyn PageCounter,
    scratch: &Path,
) -> Result<Result<u32, DocumentFailure>, CoordinatorError> {
    let source = match store.fetch(&ObjectKey::source(tenant, document), scratch).await {
        Ok(source) => source,
        Err(StoreError::Missing(_)) => {
            return Ok(Err(DocumentFailure {
                class: "missing".to_owned(),
                message: "the document is not in the store any more".to_owned(),
            }));
        }
        Err(error) => return Err(error.into()),
    };
    match counter.count(document, source.path()).await {
        Ok(count) => Ok(Ok(count)),
        Err(CountError::Document(failure)) => Ok(Err(failure)),
        Err(CountError::Unavailable(source)) => Err(CoordinatorError::Counter(source)),
    }
}

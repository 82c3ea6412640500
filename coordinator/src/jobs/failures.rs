//! What of a job could not be read, and why.

use quire_proto::{
    DocumentId, JobId, PageNumber, PageRange, Tenant,
    manifest::{DocumentFailure, ManifestDocument, Opened},
    record::PageFailure,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::JobView;
use crate::{Coordinator, CoordinatorError, ReadError};

/// What of a job could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failures {
    /// Documents that could not be opened.
    pub documents: Vec<FailedDocument>,
    /// Pages that could not be read, as many as were asked for.
    pub pages: Vec<FailedPage>,
    /// Whether there are more pages.
    pub more: bool,
    /// Ranges that workers gave up.
    pub parked: Vec<ParkedRange>,
}

/// A document that could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailedDocument {
    /// The document.
    pub document: DocumentId,
    /// What its submitter calls it.
    pub names: Vec<String>,
    /// Why.
    pub failure: DocumentFailure,
}

/// A page that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailedPage {
    /// The document.
    pub document: DocumentId,
    /// What its submitter calls it.
    pub name: String,
    /// The page.
    pub page: PageNumber,
    /// Why.
    pub failure: PageFailure,
}

/// A range that was tried as often as is allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParkedRange {
    /// The document.
    pub document: DocumentId,
    /// The pages.
    pub range: PageRange,
    /// How often it was tried.
    pub attempts: u32,
}

impl Coordinator {
    /// Lists failed documents, up to `limit` failed pages, and parked ranges.
    pub async fn failures(
        &self,
        tenant: &Tenant,
        job: JobId,
        limit: usize,
    ) -> Result<Failures, CoordinatorError> {
        let view = self.view(tenant, job).await?;
        let mut failures = Failures { parked: self.parked_of(&view).await?, ..Failures::default() };
        for planned in view.planned() {
            let id = planned.document;
            if let Opened::Failed(failure) = &planned.opened {
                let names = view.names(id).to_vec();
                failures.documents.push(FailedDocument { document: id, names, failure: failure.clone() });
                continue;
            }
            let document = self.document(&view, planned).await?;
            let name = view.names(id).first().cloned().unwrap_or_default();
            if !failures.more && document.ledger.failed > 0 {
                self.add_pages(&document, &name, limit, &mut failures).await?;
            }
        }
        Ok(failures)
    }

    async fn add_pages(
        &self,
        document: &ManifestDocument,
        name: &str,
        limit: usize,
        failures: &mut Failures,
    ) -> Result<(), ReadError> {
        let mut left = document.ledger.failed;
        let mut pages = self.pages(document);
        while left > 0
            && let Some(record) = pages.next().await?
        {
            let Some(failure) = record.failure else { continue };
            if failures.pages.len() == limit {
                failures.more = true;
                return Ok(());
            }
            left -= 1;
            failures.pages.push(FailedPage {
                document: document.document,
                name: name.to_owned(),
                page: record.page,
                failure,
            });
        }
        Ok(())
    }

    async fn parked_of(&self, view: &JobView) -> Result<Vec<ParkedRange>, CoordinatorError> {
        let parked = self.parked().await?;
        let ours = parked.iter().filter(|parked| parked.job == view.spec.job);
        let parked = ours.map(|parked| ParkedRange {
            document: parked.document,
            range: parked.range,
            attempts: parked.attempt,
        });
        Ok(parked.collect())
    }
}

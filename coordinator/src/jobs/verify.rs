//! Whether the store still holds what a manifest says: every object unchanged, every page exactly once.

use quire_ports::{
    StoreError,
    range_file::{RangeFile, RangeId},
};
use quire_proto::{
    DocumentId, JobId, Ledger, PageSet, Tenant,
    manifest::{CoverPiece, JobPlan, Manifest, Opened},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Coordinator, CoordinatorError};

/// Problems that are told; the rest is counted.
const TOLD: usize = 100;

/// What verifying a job showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// The job.
    pub job: JobId,
    /// Whether nothing is wrong.
    pub sound: bool,
    /// Objects that were read and hashed.
    pub objects: u64,
    /// Their size.
    pub bytes: u64,
    /// The pages by state, counted again from the records.
    pub pages: Ledger,
    /// What is wrong, for a person; at most a hundred of them.
    pub problems: Vec<String>,
    /// How much is wrong.
    pub problem_count: u64,
}

impl Verification {
    fn add(&mut self, problem: String) {
        self.sound = false;
        self.problem_count += 1;
        if self.problems.len() < TOLD {
            self.problems.push(problem);
        }
    }
}

impl Coordinator {
    /// Reads every object of a finished job and compares it with the manifest, and the manifest with the plan.
    pub async fn verify(&self, tenant: &Tenant, job: JobId) -> Result<Verification, CoordinatorError> {
        let view = self.view(tenant, job).await?;
        let (Some(plan), Some(manifest)) = (&view.plan, &view.manifest) else {
            return Err(CoordinatorError::Running(job));
        };
        let mut found = Verification {
            job,
            sound: true,
            objects: 0,
            bytes: 0,
            pages: Ledger::default(),
            problems: Vec::new(),
            problem_count: 0,
        };
        every_page_once(plan, manifest, &mut found);
        for document in &manifest.documents {
            let mut counted = Ledger { cancelled: document.cancelled.count(), ..Ledger::default() };
            for piece in &document.cover {
                self.verify_piece(manifest, document.document, piece, &mut counted, &mut found).await?;
            }
            if counted != document.ledger {
                found.add(format!("document {}: the manifest counts other pages", document.document));
            }
            found.pages += counted;
        }
        if found.pages != manifest.ledger {
            found.add("the manifest's sum is not that of its pages".to_owned());
        }
        Ok(found)
    }

    async fn verify_piece(
        &self,
        manifest: &Manifest,
        document: DocumentId,
        piece: &CoverPiece,
        counted: &mut Ledger,
        found: &mut Verification,
    ) -> Result<(), CoordinatorError> {
        let body = match self.ports.store.get(&piece.key).await {
            Ok(body) => body,
            Err(error @ (StoreError::Missing(_) | StoreError::Corrupt { .. })) => {
                found.add(error.to_string());
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        found.objects += 1;
        found.bytes += body.len() as u64;
        if piece.sha256 != <[u8; 32]>::from(Sha256::digest(&body)) {
            found.add(format!("{}: the object was changed", piece.key));
        }
        let Some((epoch, range)) = piece.key.as_range_result() else {
            found.add(format!("{}: not the key of a range", piece.key));
            return Ok(());
        };
        let id = RangeId { document, profile: manifest.profile, range, epoch };
        match RangeFile::open_as(&body, &id).and_then(|file| file.outcomes()) {
            Ok(statuses) => {
                let ours = range.pages().zip(statuses).filter(|(page, _)| piece.pages.contains(*page));
                ours.for_each(|(_, status)| counted.count(status));
            }
            Err(error) => found.add(format!("{}: {error}", piece.key)),
        }
        Ok(())
    }
}

/// Compares the pages that the manifest accounts for with those that were planned.
fn every_page_once(plan: &JobPlan, manifest: &Manifest, found: &mut Verification) {
    let planned: Vec<DocumentId> = plan.documents.iter().map(|planned| planned.document).collect();
    let accounted: Vec<DocumentId> = manifest.documents.iter().map(|document| document.document).collect();
    if planned != accounted {
        found.add("the manifest is about other documents than the plan".to_owned());
        return;
    }
    for (planned, document) in plan.documents.iter().zip(&manifest.documents) {
        let selected = match &planned.opened {
            Opened::Pages { selected, .. } => selected.clone(),
            Opened::Failed(_) => PageSet::default(),
        };
        let pieces = || document.cover.iter().map(|piece| &piece.pages).chain([&document.cancelled]);
        let all: PageSet = pieces().flat_map(|pages| pages.ranges().iter().copied()).collect();
        if all != selected {
            found.add(format!(
                "document {}: pages {all} are accounted for, not {selected}",
                document.document
            ));
        }
        if pieces().map(PageSet::count).sum::<u64>() != all.count() {
            found.add(format!("document {}: a page is accounted for twice", document.document));
        }
    }
}

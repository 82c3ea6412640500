//! A page that is given up without being read.

use quire_proto::{
    PageNumber, PageRange, RangeJob, Rotation,
    record::{FailureClass, ModeReason, PageFailure, PageMode, PageRecord, PageStatus, Provenance, SCHEMA},
};

use super::{RangeError, RangeWorker};

impl RangeWorker {
    /// Records that the one page of `job` killed as many workers as `deaths` says.
    pub async fn give_up(&self, job: &RangeJob, deaths: u32) -> Result<(), RangeError> {
        let page = job.range.first();
        self.keep_run(job, PageRange::single(page), &[self.killer(job, page, deaths)]).await
    }

    fn killer(&self, job: &RangeJob, page: PageNumber, deaths: u32) -> PageRecord {
        let failure = PageFailure {
            class: FailureClass::WorkerKilled,
            message: format!("{deaths} workers ended while they read it"),
            attempts: deaths,
            milliseconds: 0,
        };
        PageRecord {
            schema: SCHEMA.to_owned(),
            document: job.document,
            page,
            status: PageStatus::Failed,
            failure: Some(failure),
            size: None,
            rotation: Rotation::None,
            mode: PageMode::Blank,
            mode_reason: ModeReason::Undecided,
            flags: Vec::new(),
            blocks: Vec::new(),
            provenance: Provenance {
                quire: env!("CARGO_PKG_VERSION").to_owned(),
                profile: Some(job.profile),
                renderer: self.profile.renderer.clone(),
                ..Provenance::default()
            },
        }
    }
}

//! A page that is given up without being read.

use quire_proto::{
    PageNumber, PageRange, RangeJob,
    record::{FailureClass, PageFailure, PageRecord},
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
        let mut record = PageRecord::given_up(job, page, failure);
        record.provenance.renderer.clone_from(&self.profile.renderer);
        record
    }
}

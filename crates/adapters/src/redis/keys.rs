//! Names of a job's keys. The braces keep them in one slot of a cluster, as one script needs.

use quire_ports::Undertaking;
use quire_proto::{DocumentId, JobId};

/// The keys of one job.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys(pub(super) JobId);

impl Keys {
    pub(super) fn meta(self) -> String {
        self.key("meta")
    }

    pub(super) fn counts(self) -> String {
        self.key("counts")
    }

    pub(super) fn events(self) -> String {
        self.key("events")
    }

    /// All keys of one document, in the order in which the script takes them.
    pub(super) fn of_document(self, document: DocumentId) -> [String; 6] {
        let bitmap = |state| self.key(&format!("{document}:{state}"));
        [self.meta(), self.counts(), self.events(), bitmap('d'), bitmap('b'), bitmap('f')]
    }

    /// How often workers began on a range since it last ended.
    pub(super) fn begun(work: &Undertaking) -> String {
        Keys(work.job).key(&format!("{}:begun:{}", work.document, work.range))
    }

    fn key(self, name: &str) -> String {
        format!("quire:{{{}}}:{name}", self.0)
    }
}

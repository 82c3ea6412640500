//! What can become garbage, and what keeps it from that: shelves, pins and the markers of sweeps.

use super::{ObjectKey, Tenant, escaped, unescaped};
use crate::ids::{DocumentId, JobId, ProfileId};

/// What belongs to a document and outlives jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shelf {
    /// Documents as they were sent.
    Documents,
    /// Range results.
    Results,
    /// Figures and page images.
    Assets,
}

impl Shelf {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Documents, Self::Results, Self::Assets];

    const fn name(self) -> &'static str {
        match self {
            Self::Documents => "docs",
            Self::Results => "results",
            Self::Assets => "assets",
        }
    }

    /// Prefix of everything of a tenant on this shelf; ends with a slash.
    pub fn prefix(self, tenant: &Tenant) -> String {
        format!("{}/{}/", escaped(tenant.as_str()), self.name())
    }
}

/// What a pin says is about to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pinned {
    /// The bytes of a document.
    Document(DocumentId),
    /// Everything that a job refers to.
    Job(JobId),
}

impl ObjectKey {
    /// A pin that nobody else has when `random` is random.
    pub fn pin(tenant: &Tenant, pinned: Pinned, random: u64) -> Self {
        let what = match pinned {
            Pinned::Document(document) => format!("d-{document}"),
            Pinned::Job(job) => format!("j-{job}"),
        };
        Self(format!("{}{what}-{random:016x}", Self::pins_prefix(tenant)))
    }

    /// Prefix of all pins of a tenant; ends with a slash.
    pub fn pins_prefix(tenant: &Tenant) -> String {
        format!("{}/pins/", escaped(tenant.as_str()))
    }

    /// What a pin is about.
    pub fn as_pin(&self) -> Option<Pinned> {
        let mut parts = self.0.rsplit_once('/')?.1.split('-');
        match (parts.next()?, parts.next()?) {
            ("d", document) => document.parse().ok().map(Pinned::Document),
            ("j", job) => job.parse().ok().map(Pinned::Job),
            _ => None,
        }
    }

    /// The marker of a sweep that nobody else makes when `random` is random.
    pub fn sweep(tenant: &Tenant, random: u64) -> Self {
        Self(format!("{}{random:016x}", Self::sweeps_prefix(tenant)))
    }

    /// Prefix of the markers of all sweeps of a tenant; ends with a slash.
    pub fn sweeps_prefix(tenant: &Tenant) -> String {
        format!("{}/sweeps/", escaped(tenant.as_str()))
    }

    /// The document that this belongs to, and the profile of what is not the document itself.
    pub fn as_content(&self) -> Option<(DocumentId, Option<ProfileId>)> {
        let mut segments = self.0.split('/').skip(1);
        let (shelf, _, document) = (segments.next()?, segments.next()?, segments.next()?.parse().ok()?);
        let next = segments.next()?;
        if shelf == Shelf::Documents.name() {
            return (next == "source").then_some((document, None));
        }
        let known = shelf == Shelf::Results.name() || shelf == Shelf::Assets.name();
        if known { Some((document, Some(next.parse().ok()?))) } else { None }
    }

    /// The tenant that this belongs to; none for what is not a tenant's.
    pub fn tenant(&self) -> Option<Tenant> {
        let (tenant, _) = self.0.split_once('/')?;
        Tenant::new(unescaped(tenant)?).ok()
    }

    /// A key after everything that begins like this, up to the first slash.
    pub fn after_top_folder(&self) -> Self {
        // The character after the slash. It is of the alphabet, but a name alone is the key of nothing.
        let folder = self.0.split('/').next().unwrap_or_default();
        Self(format!("{folder}0"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_and_content_are_read_back_from_their_keys() {
        let (tenant, document, profile) =
            (Tenant::new("a_b").unwrap(), DocumentId::of(b"d"), ProfileId::of(b"p"));
        let range = "1-16".parse().unwrap();

        for pinned in [Pinned::Document(document), Pinned::Job(JobId::of(b"j"))] {
            assert_eq!(ObjectKey::pin(&tenant, pinned, 7).as_pin(), Some(pinned));
        }
        let source = ObjectKey::source(&tenant, document);
        assert_eq!((source.as_content(), source.tenant()), (Some((document, None)), Some(tenant.clone())));
        let of_profile = Some((document, Some(profile)));
        assert_eq!(ObjectKey::asset(&tenant, document, profile, "x.png").as_content(), of_profile);
        let result = ObjectKey::range_result(&tenant, document, profile, 0, range);
        assert_eq!(result.as_content(), of_profile);
        assert_eq!(ObjectKey::job_plan(&tenant, JobId::of(b"j")).as_content(), None);
        assert_eq!(ObjectKey::open_job(&tenant, JobId::of(b"j")).tenant(), None);
    }

    #[test]
    fn the_end_of_a_tenant_is_before_the_next() {
        let keys = ["a-0", "a", "a0"]
            .map(|name| ObjectKey::pin(&Tenant::new(name).unwrap(), Pinned::Job(JobId::of(b"j")), 0));

        assert!(keys.is_sorted());
        for pair in keys.windows(2) {
            assert!(pair[0] < pair[0].after_top_folder() && pair[0].after_top_folder() < pair[1]);
        }
    }
}

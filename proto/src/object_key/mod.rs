//! How everything is named in the object store.
//!
//! ```text
//! {tenant}/docs/{h2}/{doc}/source
//! {tenant}/results/{h2}/{doc}/{profile}/e{epoch}/{a:08}-{b:08}.jsonl.zst
//! {tenant}/assets/{h2}/{doc}/{profile}/{name}
//! {tenant}/jobs/{job}/spec.json | plan.json | manifest.json | cancel
//! {tenant}/keys/{sha256 of an idempotency key}
//! {tenant}/pins/d-{doc}-{random} | j-{job}-{random}        about to be used: not garbage
//! {tenant}/sweeps/{random}                                 there while garbage is being deleted
//! _open/{tenant}/{job}                                     there while the job has no manifest
//! ```
//!
//! Keys are made of hashes, ids and escaped names only, so no user string can
//! climb out of its place: every segment is non-empty, has no slash and does not
//! begin with a dot.

mod garbage;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::garbage::{Pinned, Shelf};
use crate::{
    ids::{DocumentId, JobId, ProfileId},
    range::{PageNumber, PageRange},
};

/// Longest key a store must take, in bytes.
pub const MAX_KEY_BYTES: usize = 512;

/// Prefix of the markers of all jobs that are not finished. No escaped tenant has this name.
pub const OPEN_JOBS: &str = "_open/";

/// A text that cannot be a key or a tenant.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidKey {
    /// Empty, too long, or with a segment that is empty, begins with a dot or has a character outside the alphabet.
    #[error("{0:?} is not an object key")]
    Key(String),
    /// Empty or longer than 64 bytes.
    #[error("{0:?} is not a tenant name of 1 to 64 bytes")]
    Tenant(String),
}

/// Who owns documents and jobs; results are never shared between tenants.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tenant(String);

impl Tenant {
    /// A tenant called `name`, 1 to 64 bytes of anything.
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidKey> {
        let name = name.into();
        if name.is_empty() || name.len() > 64 {
            return Err(InvalidKey::Tenant(name));
        }
        Ok(Self(name))
    }

    /// The one tenant of a machine without tenants.
    pub fn local() -> Self {
        Self("local".to_owned())
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Tenant {
    type Error = InvalidKey;

    fn try_from(name: String) -> Result<Self, InvalidKey> {
        Self::new(name)
    }
}

impl From<Tenant> for String {
    fn from(tenant: Tenant) -> Self {
        tenant.0
    }
}

/// The name of an object: segments of `[A-Za-z0-9._-]` joined by slashes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The bytes of a document.
    pub fn source(tenant: &Tenant, document: DocumentId) -> Self {
        Self(format!("{}/source", content_folder(tenant, Shelf::Documents, document)))
    }

    /// The records of the pages in `range`.
    pub fn range_result(
        tenant: &Tenant,
        document: DocumentId,
        profile: ProfileId,
        epoch: u32,
        range: PageRange,
    ) -> Self {
        let folder = content_folder(tenant, Shelf::Results, document);
        let (first, last) = (range.first().get(), range.last().get());
        Self(format!("{folder}/{profile}/e{epoch}/{first:08}-{last:08}.jsonl.zst"))
    }

    /// Prefix of all range results of a document under a profile, of every epoch; ends with a slash.
    pub fn results_prefix(tenant: &Tenant, document: DocumentId, profile: ProfileId) -> String {
        format!("{}/{profile}/", content_folder(tenant, Shelf::Results, document))
    }

    /// A figure or page image that belongs to a document.
    pub fn asset(tenant: &Tenant, document: DocumentId, profile: ProfileId, name: &str) -> Self {
        Self(format!("{}{}", Self::assets_prefix(tenant, document, profile), escaped_file(name)))
    }

    /// Prefix of all assets of a document under a profile; ends with a slash.
    pub fn assets_prefix(tenant: &Tenant, document: DocumentId, profile: ProfileId) -> String {
        format!("{}/{profile}/", content_folder(tenant, Shelf::Assets, document))
    }

    /// What was asked.
    pub fn job_spec(tenant: &Tenant, job: JobId) -> Self {
        Self::of_job(tenant, job, "spec.json")
    }

    /// How it is divided.
    pub fn job_plan(tenant: &Tenant, job: JobId) -> Self {
        Self::of_job(tenant, job, "plan.json")
    }

    /// What came of it.
    pub fn job_manifest(tenant: &Tenant, job: JobId) -> Self {
        Self::of_job(tenant, job, "manifest.json")
    }

    /// The marker that says the job was cancelled.
    pub fn job_cancel(tenant: &Tenant, job: JobId) -> Self {
        Self::of_job(tenant, job, "cancel")
    }

    /// Prefix of the records of all jobs of a tenant; ends with a slash.
    pub fn jobs_prefix(tenant: &Tenant) -> String {
        format!("{}/jobs/", escaped(tenant.as_str()))
    }

    /// The job that a record of it belongs to, and the name of the record.
    pub fn as_job_record(&self) -> Option<(JobId, &str)> {
        let mut segments = self.0.split('/').skip(1);
        let (jobs, job, name) = (segments.next()?, segments.next()?, segments.next()?);
        (jobs == "jobs").then_some((job.parse().ok()?, name))
    }

    /// What was submitted under an idempotency key.
    pub fn submission(tenant: &Tenant, idempotency_key: &str) -> Self {
        let digest = hex::encode(Sha256::digest(idempotency_key));
        Self(format!("{}/keys/{digest}", escaped(tenant.as_str())))
    }

    /// The marker that says the job is not finished.
    pub fn open_job(tenant: &Tenant, job: JobId) -> Self {
        Self(format!("{OPEN_JOBS}{}/{job}", escaped(tenant.as_str())))
    }

    /// The job that a marker of [`ObjectKey::open_job`] is about.
    pub fn as_open_job(&self) -> Option<(Tenant, JobId)> {
        let (tenant, job) = self.0.strip_prefix(OPEN_JOBS)?.split_once('/')?;
        Some((Tenant::new(unescaped(tenant)?).ok()?, job.parse().ok()?))
    }

    fn of_job(tenant: &Tenant, job: JobId, name: &str) -> Self {
        Self(format!("{}/jobs/{job}/{name}", escaped(tenant.as_str())))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Epoch and pages, when the key names a range result.
    pub fn as_range_result(&self) -> Option<(u32, PageRange)> {
        let mut segments = self.0.rsplit('/');
        let (first, last) = segments.next()?.strip_suffix(".jsonl.zst")?.split_once('-')?;
        let epoch = segments.next()?.strip_prefix('e')?.parse().ok()?;
        let page = |digits: &str| digits.parse().ok().and_then(PageNumber::new);
        Some((epoch, PageRange::new(page(first)?, page(last)?).ok()?))
    }
}

fn content_folder(tenant: &Tenant, shelf: Shelf, document: DocumentId) -> String {
    let document = document.to_string();
    format!("{}{}/{document}", shelf.prefix(tenant), &document[..2])
}

/// Letters, digits and hyphens stay; every other byte becomes `_hh`, the underscore too, so no two names meet.
fn escaped(name: &str) -> String {
    escape(name, |_, _| false)
}

/// As [`escaped`], but dots stay too unless they lead: file names keep their extension.
fn escaped_file(name: &str) -> String {
    let escaped = escape(name, |index, byte| byte == b'.' && index > 0);
    // An empty name would leave a key that ends with a slash, which no store takes.
    if escaped.is_empty() { "_".to_owned() } else { escaped }
}

fn escape(name: &str, keep: impl Fn(usize, u8) -> bool) -> String {
    let mut out = String::with_capacity(name.len());
    for (index, byte) in name.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || byte == b'-' || keep(index, byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("_{byte:02x}"));
        }
    }
    out
}

/// What [`escaped`] made this of.
fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('_');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

impl FromStr for ObjectKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let segment_ok = |segment: &str| {
            !segment.is_empty()
                && !segment.starts_with('.')
                && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        };
        if text.len() > MAX_KEY_BYTES || !text.split('/').all(segment_ok) {
            return Err(InvalidKey::Key(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = InvalidKey;

    fn try_from(text: String) -> Result<Self, InvalidKey> {
        text.parse()
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_result_is_read_back_from_its_key() {
        let range = "17-32".parse().unwrap();
        let key = ObjectKey::range_result(
            &Tenant::local(),
            DocumentId::of(b"document"),
            ProfileId::of(b"profile"),
            3,
            range,
        );

        assert_eq!(key.as_range_result(), Some((3, range)));
        assert_eq!(key.as_str().parse(), Ok(key.clone()));
        assert!(key.as_str().ends_with("/e3/00000017-00000032.jsonl.zst"));
    }

    #[test]
    fn no_user_string_climbs_out_of_its_place() {
        for hostile in ["..", "../../etc/passwd", "a/b", ".hidden", "", "ü\0\n", "C:\\x"] {
            let tenant = Tenant::new(format!("{hostile}x")).unwrap();
            let key = ObjectKey::asset(&tenant, DocumentId::of(b"d"), ProfileId::of(b"p"), hostile);

            assert_eq!(key.as_str().parse(), Ok(key.clone()), "{hostile:?}");
            assert_eq!(key.as_str().split('/').count(), 6, "{hostile:?}");
        }
    }

    #[test]
    fn different_names_have_different_keys() {
        let key = |name: &str| {
            ObjectKey::job_spec(&Tenant::new(name).unwrap(), JobId::of(b"j")).as_str().to_owned()
        };

        assert_ne!(key("a_2eb"), key("a.b"));
        assert_ne!(key("a/b"), key("a-b"));
    }

    #[test]
    fn an_open_job_is_read_back_from_its_key() {
        let job = JobId::of(b"job");

        for name in ["local", "a_b", "Müller & Co", "_open", "open/"] {
            let tenant = Tenant::new(name).unwrap();
            let key = ObjectKey::open_job(&tenant, job);

            assert_eq!(key.as_open_job(), Some((tenant.clone(), job)), "{name:?}");
            assert_eq!(key.as_str().parse(), Ok(key.clone()));
            assert!(!ObjectKey::jobs_prefix(&tenant).starts_with(OPEN_JOBS));
        }
        assert_eq!(ObjectKey::job_plan(&Tenant::local(), job).as_open_job(), None);
        let record = ObjectKey::job_plan(&Tenant::local(), job);
        assert_eq!(record.as_job_record(), Some((job, "plan.json")));
    }

    #[test]
    fn only_our_own_alphabet_is_a_key() {
        for bad in ["", "/", "a//b", "/a", "a/", "a/../b", "a/.b", "a b", "ä"] {
            assert!(bad.parse::<ObjectKey>().is_err(), "{bad:?}");
        }
    }
}

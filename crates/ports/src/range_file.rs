//! A finished range as it lies in the store: page records as JSON lines in one zstd frame.
//!
//! ```text
//!  {"schema":"quire.page/1","page":17,…}
//!  {"schema":"quire.page/1","page":18,…}
//!  {"schema":"quire.range/1","document":…,"profile":…,"range":[17,18],"epoch":0,"sha256":…}
//! ```
//!
//! The last line is the trailer. It names the pages and holds the SHA-256 of all
//! bytes before it, so a file proves itself without a manifest: what is cut,
//! altered or misplaced is a [`CorruptRange`], and its pages are a hole that is
//! done again. One invariant: a file holds every page of its range, once, in order.

use std::io::Read;

use bytes::Bytes;
use quire_proto::{
    DocumentId, PageNumber, PageRange, ProfileId,
    record::{PageRecord, PageStatus},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Name and version of the format.
pub const SCHEMA: &str = "quire.range/1";

/// Most bytes a file may unfold to. A range of 32 dense pages with word boxes is below 32 MB.
pub const MAX_UNFOLDED_BYTES: u64 = 1 << 30;

/// JSON of text compresses about ten times at any level; the lowest keeps the worker's cores free.
const LEVEL: i32 = 3;

/// What a range file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeId {
    /// The document.
    pub document: DocumentId,
    /// The profile of the records.
    pub profile: ProfileId,
    /// The pages.
    pub range: PageRange,
    /// Which round of trying.
    pub epoch: u32,
}

/// Why records are not a range.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The records are not exactly the pages of the range, in order.
    #[error("the records are not pages {0} in order")]
    WrongPages(PageRange),
    /// A record has no JSON form.
    #[error("a page record could not be written as JSON")]
    Json(#[from] serde_json::Error),
    /// Compression failed.
    #[error("page records could not be compressed")]
    Zstd(#[from] std::io::Error),
}

/// Why a range file is not to be believed.
#[derive(Debug, thiserror::Error)]
pub enum CorruptRange {
    /// Cut short, or not a zstd frame.
    #[error("the file could not be unfolded")]
    Unfold(#[from] std::io::Error),
    /// It unfolds to more than any range could hold.
    #[error("the file unfolds to more than {MAX_UNFOLDED_BYTES} bytes")]
    TooLarge,
    /// There is no trailer at its end.
    #[error("the file has no trailer")]
    NoTrailer,
    /// The bytes are not those that were written.
    #[error("the checksum does not match")]
    Checksum,
    /// It is whole, but about something else than its name says.
    #[error("the file is about something else than its key")]
    Misplaced,
    /// A line is not a page record.
    #[error("a line is not a page record")]
    Record(#[source] serde_json::Error),
    /// The records are not exactly the pages of the range, in order.
    #[error("the records are not the pages of the range")]
    WrongPages,
}

#[derive(Serialize, Deserialize)]
struct Trailer {
    schema: String,
    #[serde(flatten)]
    id: RangeId,
    #[serde(with = "hex::serde")]
    sha256: [u8; 32],
}

/// The part of a record that coverage needs.
#[derive(Deserialize)]
struct Outcome {
    page: PageNumber,
    status: PageStatus,
}

/// Writes a range file. The records must be the pages of `id.range`, in order.
pub fn encode(id: &RangeId, records: &[PageRecord]) -> Result<Bytes, EncodeError> {
    if !id.range.pages().eq(records.iter().map(|record| record.page)) {
        return Err(EncodeError::WrongPages(id.range));
    }
    let mut lines = Vec::new();
    for record in records {
        serde_json::to_writer(&mut lines, record)?;
        lines.push(b'\n');
    }
    let sha256 = Sha256::digest(&lines).into();
    serde_json::to_writer(&mut lines, &Trailer { schema: SCHEMA.to_owned(), id: *id, sha256 })?;
    lines.push(b'\n');
    Ok(Bytes::from(zstd::encode_all(lines.as_slice(), LEVEL)?))
}

/// The longest runs of consecutive pages among `records`, which are in page order.
///
/// A worker that stops early writes one file for each.
pub fn runs(records: &[PageRecord]) -> impl Iterator<Item = (PageRange, &[PageRecord])> {
    records.chunk_by(|a, b| a.page.get().checked_add(1) == Some(b.page.get())).filter_map(|run| {
        let range = PageRange::new(run.first()?.page, run.last()?.page).ok()?;
        Some((range, run))
    })
}

/// A range file that was unfolded and found whole.
#[derive(Debug)]
pub struct RangeFile {
    id: RangeId,
    lines: Vec<u8>,
}

impl RangeFile {
    /// Unfolds a file and verifies its checksum.
    pub fn open(file: &[u8]) -> Result<Self, CorruptRange> {
        let mut lines = unfold(file)?;
        let body = lines.strip_suffix(b"\n").ok_or(CorruptRange::NoTrailer)?;
        let start = body.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let trailer: Trailer = serde_json::from_slice(&body[start..]).map_err(|_| CorruptRange::NoTrailer)?;
        if trailer.schema != SCHEMA {
            return Err(CorruptRange::NoTrailer);
        }
        lines.truncate(start);
        if trailer.sha256 != <[u8; 32]>::from(Sha256::digest(&lines)) {
            return Err(CorruptRange::Checksum);
        }
        Ok(Self { id: trailer.id, lines })
    }

    /// As [`RangeFile::open`], and checks that it is about `expected`.
    pub fn open_as(file: &[u8], expected: &RangeId) -> Result<Self, CorruptRange> {
        let opened = Self::open(file)?;
        if opened.id != *expected {
            return Err(CorruptRange::Misplaced);
        }
        Ok(opened)
    }

    /// What it is about.
    pub fn id(&self) -> &RangeId {
        &self.id
    }

    /// The state of each page, in order.
    pub fn outcomes(&self) -> Result<Vec<PageStatus>, CorruptRange> {
        let outcomes = self.parse::<Outcome>()?;
        self.check(outcomes.iter().map(|outcome| outcome.page))?;
        Ok(outcomes.into_iter().map(|outcome| outcome.status).collect())
    }

    /// The records, in order.
    pub fn records(&self) -> Result<Vec<PageRecord>, CorruptRange> {
        let records = self.parse::<PageRecord>()?;
        self.check(records.iter().map(|record| record.page))?;
        Ok(records)
    }

    fn parse<T: for<'a> Deserialize<'a>>(&self) -> Result<Vec<T>, CorruptRange> {
        let lines = self.lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).map_err(CorruptRange::Record)).collect()
    }

    fn check(&self, pages: impl Iterator<Item = PageNumber>) -> Result<(), CorruptRange> {
        if self.id.range.pages().eq(pages) { Ok(()) } else { Err(CorruptRange::WrongPages) }
    }
}

fn unfold(file: &[u8]) -> Result<Vec<u8>, CorruptRange> {
    let mut lines = Vec::new();
    zstd::Decoder::new(file)?.take(MAX_UNFOLDED_BYTES + 1).read_to_end(&mut lines)?;
    if lines.len() as u64 > MAX_UNFOLDED_BYTES {
        return Err(CorruptRange::TooLarge);
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quire_proto::record::{ModeReason, PageMode, Provenance};

    use super::*;

    fn record(page: u32) -> PageRecord {
        let status = if page.is_multiple_of(2) { PageStatus::Blank } else { PageStatus::Done };
        PageRecord {
            mode: PageMode::Text,
            mode_reason: ModeReason::CleanTextLayer,
            provenance: Provenance { renderer: "line\nbreak".to_owned(), ..Provenance::default() },
            ..PageRecord::empty(DocumentId::of(b"d"), PageNumber::new(page).unwrap(), status)
        }
    }

    fn id(range: &str) -> RangeId {
        let (document, profile) = (DocumentId::of(b"d"), ProfileId::of(b"p"));
        RangeId { document, profile, range: range.parse().unwrap(), epoch: 2 }
    }

    fn file() -> Bytes {
        encode(&id("3-6"), &[record(3), record(4), record(5), record(6)]).unwrap()
    }

    #[test]
    fn what_was_written_is_read() {
        let opened = RangeFile::open_as(&file(), &id("3-6")).unwrap();

        assert_eq!(opened.records().unwrap(), [record(3), record(4), record(5), record(6)]);
        assert_eq!(opened.outcomes().unwrap()[..2], [PageStatus::Done, PageStatus::Blank]);
    }

    #[test]
    fn only_the_whole_range_in_order_is_written() {
        for pages in [&[3u32, 4][..], &[3, 5, 4], &[3, 4, 5, 6], &[]] {
            let records: Vec<PageRecord> = pages.iter().map(|page| record(*page)).collect();
            assert!(matches!(encode(&id("3-5"), &records), Err(EncodeError::WrongPages(_))), "{pages:?}");
        }
    }

    #[test]
    fn a_file_under_another_name_is_not_believed() {
        assert!(matches!(RangeFile::open_as(&file(), &id("3-7")), Err(CorruptRange::Misplaced)));
    }

    #[test]
    fn lines_that_were_altered_and_folded_again_are_not_believed() {
        let mut lines = zstd::decode_all(file().as_ref()).unwrap();
        let place = lines.windows(5).position(|window| window == b"blank").unwrap();
        lines[place] = b'B';

        let altered = zstd::encode_all(lines.as_slice(), 1).unwrap();

        assert!(matches!(RangeFile::open(&altered), Err(CorruptRange::Checksum)));
    }

    #[test]
    fn consecutive_pages_are_one_run() {
        let records = [record(3), record(4), record(7), record(9), record(10)];

        let ranges: Vec<String> = runs(&records).map(|(range, _)| range.to_string()).collect();

        assert_eq!(ranges, ["3-4", "7", "9-10"]);
        assert_eq!(runs(&[]).count(), 0);
    }

    #[test]
    fn every_cut_is_noticed() {
        let file = file();

        for length in 0..file.len() {
            assert!(RangeFile::open(&file[..length]).is_err(), "cut to {length}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(RangeFile::open(&bytes).is_err());
        }
    }
}

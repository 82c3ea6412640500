//! A document's records in page order, one range in memory at a time.

use std::{collections::VecDeque, sync::Arc};

use quire_ports::{
    ObjectStore, StoreError,
    range_file::{CorruptRange, RangeFile},
};
use quire_proto::{
    ObjectKey, PageRange, PageSet,
    manifest::{CoverPiece, ManifestDocument},
    record::PageRecord,
};
use sha2::{Digest, Sha256};

/// Why a record could not be read back.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The store did not give the object.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object is not the one that was accounted for.
    #[error("{0} is not the object that was accounted for")]
    Changed(ObjectKey),
    /// The object is not a range file.
    #[error("{key} cannot be read")]
    Corrupt {
        /// The object.
        key: ObjectKey,
        /// What is wrong with it.
        source: CorruptRange,
    },
}

/// Reads the records of a document. Memory is that of one range, however long the document is.
#[derive(Debug)]
pub struct PageReader {
    store: Arc<dyn ObjectStore>,
    /// What is still to be read: runs of pages in order, each from one object.
    runs: VecDeque<(PageRange, Arc<CoverPiece>)>,
    open: Option<(ObjectKey, Vec<PageRecord>)>,
    ready: VecDeque<PageRecord>,
}

impl PageReader {
    /// All decided pages of a document.
    pub fn new(store: Arc<dyn ObjectStore>, document: &ManifestDocument) -> Self {
        Self::over(store, document, |pages| pages.clone())
    }

    /// The decided pages of a document that are in `pages`.
    pub fn select(store: Arc<dyn ObjectStore>, document: &ManifestDocument, pages: &PageSet) -> Self {
        Self::over(store, document, |covered| covered.intersection(pages))
    }

    fn over(
        store: Arc<dyn ObjectStore>,
        document: &ManifestDocument,
        wanted: impl Fn(&PageSet) -> PageSet,
    ) -> Self {
        let mut runs = Vec::new();
        for piece in &document.cover {
            let shared = Arc::new(piece.clone());
            runs.extend(wanted(&piece.pages).ranges().iter().map(|range| (*range, shared.clone())));
        }
        runs.sort_unstable_by_key(|(range, _)| *range);
        Self { store, runs: runs.into(), open: None, ready: VecDeque::new() }
    }

    /// The next page; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<PageRecord>, ReadError> {
        while self.ready.is_empty() {
            let Some((range, piece)) = self.runs.pop_front() else { return Ok(None) };
            let records = self.records_of(&piece).await?;
            self.ready = records.iter().filter(|record| range.contains(record.page)).cloned().collect();
        }
        Ok(self.ready.pop_front())
    }

    async fn records_of(&mut self, piece: &CoverPiece) -> Result<&[PageRecord], ReadError> {
        if self.open.as_ref().is_none_or(|(key, _)| *key != piece.key) {
            // The last range goes before the next one comes.
            self.open = None;
            let body = self.store.get(&piece.key).await?;
            if piece.sha256 != <[u8; 32]>::from(Sha256::digest(&body)) {
                return Err(ReadError::Changed(piece.key.clone()));
            }
            let corrupt = |source| ReadError::Corrupt { key: piece.key.clone(), source };
            let records = RangeFile::open(&body).and_then(|file| file.records()).map_err(corrupt)?;
            self.open = Some((piece.key.clone(), records));
        }
        Ok(self.open.as_ref().map_or(&[], |(_, records)| records.as_slice()))
    }
}

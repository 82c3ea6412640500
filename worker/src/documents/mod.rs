//! Documents at hand: fetched once, open for as long as one of their ranges is worked on.

mod cache;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Weak},
};

use quire_ports::{LocalFile, ObjectStore, StoreError};
use quire_proto::{DocumentId, RangeJob};
use quire_render::SourceFile;
use tokio::sync::Mutex;

pub use cache::DocumentCache;

/// A document on this machine, open.
#[derive(Debug)]
pub struct OpenDocument {
    /// What the render children read.
    pub source: SourceFile,
    /// Keeps the file: a temporary one goes with it.
    _file: Option<LocalFile>,
}

/// Where documents lie while they are read.
#[derive(Debug)]
pub enum Place {
    /// Where the store has them, when that is this machine; else copies in this folder that go after use.
    Scratch(PathBuf),
    /// Copies that stay for the next range.
    Cache(DocumentCache),
}

/// Fetches documents and shares them among the ranges that need them.
#[derive(Debug)]
pub struct Documents {
    store: Arc<dyn ObjectStore>,
    place: Place,
    password: Option<String>,
    open: Mutex<HashMap<DocumentId, Weak<OpenDocument>>>,
}

impl Documents {
    /// Documents of `store`, read at `place`.
    pub fn new(store: Arc<dyn ObjectStore>, place: Place, password: Option<String>) -> Self {
        Self { store, place, password, open: Mutex::default() }
    }

    /// The document of `job`.
    pub async fn open(&self, job: &RangeJob) -> Result<Arc<OpenDocument>, StoreError> {
        let mut open = self.open.lock().await;
        if let Some(document) = open.get(&job.document).and_then(Weak::upgrade) {
            return Ok(document);
        }
        open.retain(|_, document| document.strong_count() > 0);
        let document = Arc::new(self.open_anew(job).await?);
        open.insert(job.document, Arc::downgrade(&document));
        Ok(document)
    }

    async fn open_anew(&self, job: &RangeJob) -> Result<OpenDocument, StoreError> {
        let password = self.password.clone();
        match &self.place {
            Place::Cache(cache) => {
                let file = cache.get(self.store.as_ref(), job).await?;
                Ok(OpenDocument { source: SourceFile::new(file, password), _file: None })
            }
            Place::Scratch(scratch) => {
                let file = self.store.fetch(&job.source_key(), scratch).await?;
                let source = SourceFile::open(file.path(), password)
                    .map_err(|source| StoreError::Input { path: file.path().to_owned(), source })?;
                Ok(OpenDocument { source, _file: Some(file) })
            }
        }
    }
}

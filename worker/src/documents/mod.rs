//! Documents at hand: fetched once, open for as long as one of their ranges is worked on.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Weak},
};

use quire_ports::{LocalFile, ObjectStore, StoreError};
use quire_proto::{DocumentId, RangeJob};
use quire_render::SourceFile;
use tokio::sync::Mutex;

/// A document on this machine, open.
#[derive(Debug)]
pub struct OpenDocument {
    /// What the render children read.
    pub source: SourceFile,
    /// Keeps the file: a temporary one goes with it.
    _file: LocalFile,
}

/// Fetches documents and shares them among the ranges that need them.
#[derive(Debug)]
pub struct Documents {
    store: Arc<dyn ObjectStore>,
    scratch: PathBuf,
    password: Option<String>,
    open: Mutex<HashMap<DocumentId, Weak<OpenDocument>>>,
}

impl Documents {
    /// Documents of `store`, copied to `scratch` where the store is not on this machine.
    pub fn new(store: Arc<dyn ObjectStore>, scratch: PathBuf, password: Option<String>) -> Self {
        Self { store, scratch, password, open: Mutex::default() }
    }

    /// The document of `job`.
    pub async fn open(&self, job: &RangeJob) -> Result<Arc<OpenDocument>, StoreError> {
        let mut open = self.open.lock().await;
        if let Some(document) = open.get(&job.document).and_then(Weak::upgrade) {
            return Ok(document);
        }
        open.retain(|_, document| document.strong_count() > 0);
        let file = self.store.fetch(&job.source_key(), &self.scratch).await?;
        let source = SourceFile::open(file.path(), self.password.clone())
            .map_err(|source| StoreError::Input { path: file.path().to_owned(), source })?;
        let document = Arc::new(OpenDocument { source, _file: file });
        open.insert(job.document, Arc::downgrade(&document));
        Ok(document)
    }
}

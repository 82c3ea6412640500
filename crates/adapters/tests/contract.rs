//! Each adapter and decorator against its port's contract.

use std::sync::{Arc, Mutex};

use quire_adapters::{
    FilesystemObjectStore, InMemoryJobQueue, InMemoryObjectStore, InMemoryProgressStore,
    decorators::{Faults, FaultyStore},
};
use quire_ports::{JobQueue, ObjectStore, ProgressStore, contract};

#[tokio::test(start_paused = true)]
async fn the_queue_in_memory_keeps_the_contract() -> anyhow::Result<()> {
    contract::job_queue::is_kept(async |limits| {
        Ok(Arc::new(InMemoryJobQueue::new(limits)) as Arc<dyn JobQueue>)
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn progress_in_memory_keeps_the_contract() -> anyhow::Result<()> {
    contract::progress_store::is_kept(async || {
        Ok(Arc::new(InMemoryProgressStore::new()) as Arc<dyn ProgressStore>)
    })
    .await
}

#[tokio::test]
async fn the_store_in_memory_keeps_the_contract() -> anyhow::Result<()> {
    contract::object_store::is_kept(async || Ok(Arc::new(InMemoryObjectStore::new()) as Arc<dyn ObjectStore>))
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_store_on_a_filesystem_keeps_the_contract() -> anyhow::Result<()> {
    let roots = Mutex::new(Vec::new());
    contract::object_store::is_kept(async || {
        let root = tempfile::tempdir()?;
        let store: Arc<dyn ObjectStore> = Arc::new(FilesystemObjectStore::open(root.path())?);
        roots.lock().unwrap().push(root);
        Ok(store)
    })
    .await
}

#[tokio::test]
async fn a_store_whose_faults_are_off_keeps_the_contract() -> anyhow::Result<()> {
    contract::object_store::is_kept(async || {
        let inner = Arc::new(InMemoryObjectStore::new());
        Ok(Arc::new(FaultyStore::new(inner, Faults::default(), 7)) as Arc<dyn ObjectStore>)
    })
    .await
}

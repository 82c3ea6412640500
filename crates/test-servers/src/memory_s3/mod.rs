//! An S3 server in this process: fast, its objects in memory, with faults on request.
//!
//! ```text
//!  connection ─▶ faults: late? refused? ─▶ s3s: signature, protocol ─▶ objects ─▶ faults: lost? cut? ─▶ answer
//! ```
//!
//! It checks signatures and keeps conditions: of simultaneous creators of one object exactly one wins.

mod faults;
mod objects;
mod protocol;
mod serve;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
};

use anyhow::{Context, Result};
use tokio::sync::oneshot;

pub use faults::Faults;
use serve::Shared;

/// A server that ends with this value.
#[derive(Debug)]
pub struct MemoryS3 {
    address: SocketAddr,
    shared: Arc<Shared>,
    // Both are taken at the end.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl MemoryS3 {
    /// The only key id.
    pub const ACCESS_KEY: &str = "id";
    /// The secret that belongs to it.
    pub const SECRET_KEY: &str = "hush";

    /// Starts a server with one empty bucket.
    pub fn start(bucket: &str) -> Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("find a free port")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(bucket));
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let serving = serve::serve(listener, shared.clone(), stopped);
        let thread = std::thread::Builder::new().name("memory-s3".to_owned());
        let thread = thread.spawn(move || runtime.block_on(serving))?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it is.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sets what goes wrong from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.faults.set(faults);
    }

    /// Requests that came so far, those that went wrong included.
    pub fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// Objects whose keys end so.
    pub fn objects_ending(&self, ending: &str) -> usize {
        self.shared.objects.count_ending(ending)
    }

    /// Uploads in parts that were neither completed nor aborted.
    pub fn unfinished_uploads(&self) -> usize {
        self.shared.objects.unfinished_uploads()
    }
}

impl Drop for MemoryS3 {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It has no more to say than that it ended.
            drop(thread.join());
        }
    }
}

//! A coordinator that listens, and a worker that reads `%PDF pages N` as a document of N pages.

use std::{
    fs,
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use quire_adapters::{InMemoryJobQueue, InMemoryObjectStore, InMemoryProgressStore, s3::Secret};
use quire_cli::api::{self, ApiParts};
use quire_coordinator::{Coordinator, CountError, PageCounter, Service, Settings};
use quire_ports::{
    Disposition, JobQueue, PageMark, PageMarks, Ports, QueueLimits,
    range_file::{RangeId, encode},
};
use quire_proto::{
    DocumentId, PageNumber, Profile, RangeJob, Rect,
    manifest::DocumentFailure,
    record::{
        Block, BlockKind, FailureClass, Figure, Line, ModeReason, PageFailure, PageMode, PageRecord,
        PageStatus, Word,
    },
};
use tokio::{net::TcpListener, runtime::Runtime, sync::watch};
use tokio_util::sync::CancellationToken;

/// Largest document that is taken in.
pub(crate) const MAX_DOCUMENT: u64 = 100_000;

/// A fleet in this process.
pub(crate) struct Fleet {
    pub(crate) address: SocketAddr,
    pub(crate) store: Arc<InMemoryObjectStore>,
    pub(crate) folder: tempfile::TempDir,
    working: watch::Sender<bool>,
    _runtime: Runtime,
}

impl Fleet {
    /// A fleet that lets everybody in.
    pub(crate) fn start() -> Self {
        Self::guarded(None)
    }

    /// A fleet that asks for a token.
    pub(crate) fn guarded(token: Option<&str>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let folder = tempfile::tempdir().expect("a folder can be made");
        let store = Arc::new(InMemoryObjectStore::new());
        let queue = Arc::new(InMemoryJobQueue::new(QueueLimits::default()));
        let ports = Ports {
            queue: queue.clone(),
            store: store.clone(),
            progress: Arc::new(InMemoryProgressStore::new()),
        };
        let scratch = folder.path().join("scratch");
        fs::create_dir(&scratch).expect("a folder can be made");
        let settings = Settings { discover_every: Duration::from_millis(50), ..Settings::new(&scratch) };
        let service =
            Arc::new(Service::new(Coordinator::new(ports.clone(), Arc::new(LineCounter), settings)));
        let parts = ApiParts {
            service: service.clone(),
            ports: ports.clone(),
            profile: Profile::default(),
            range_pages: const { NonZeroU32::new(8).unwrap() },
            scratch,
            max_document: MAX_DOCUMENT,
            token: token.map(Secret::from),
        };
        let (working, mut may_work) = watch::channel(true);
        let address = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
            let address = listener.local_addr().expect("a listener has an address");
            tokio::spawn(api::serve(listener, parts, CancellationToken::new()));
            tokio::spawn(async move { service.run(CancellationToken::new()).await });
            tokio::spawn(async move {
                let worker = queue.another(4);
                while let Ok(delivery) = worker.receive().await {
                    drop(may_work.wait_for(|may| *may).await);
                    work(&ports, &delivery.job).await.expect("a store in memory takes everything");
                    drop(delivery.settle(Disposition::Acknowledge).await);
                }
            });
            address
        });
        Self { address, store, folder, working, _runtime: runtime }
    }

    /// Lets the worker wait, or go on.
    pub(crate) fn work(&self, may: bool) {
        self.working.send_replace(may);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Writes an input and says where it is.
    pub(crate) fn input(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder can be made");
        fs::write(&path, content).expect("a file can be written");
        path
    }

    /// Runs the command against this coordinator.
    pub(crate) fn quire(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_quire"))
            .args(arguments)
            .args(["--server", &self.url("")])
            .current_dir(self.folder.path())
            .env("XDG_CONFIG_HOME", self.folder.path())
            .output()
            .expect("quire starts")
    }

    /// Runs the command, which must end with `code`, and returns what it wrote for machines.
    pub(crate) fn says(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.quire(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }
}

#[derive(Debug)]
struct LineCounter;

#[async_trait]
impl PageCounter for LineCounter {
    async fn count(&self, _: DocumentId, source: &Path) -> Result<u32, CountError> {
        let text = fs::read_to_string(source).map_err(|error| CountError::Unavailable(error.into()))?;
        let count = text.split_whitespace().nth(2).and_then(|count| count.parse().ok());
        let failure = DocumentFailure { class: "damaged".to_owned(), message: "no pages in it".to_owned() };
        count.ok_or(CountError::Document(failure))
    }
}

async fn work(ports: &Ports, job: &RangeJob) -> anyhow::Result<()> {
    let records: Vec<PageRecord> = job.range.pages().map(|page| record(job, page)).collect();
    for name in records
        .iter()
        .flat_map(|record| &record.blocks)
        .filter_map(|block| block.figure.as_ref()?.asset.as_ref())
    {
        ports.store.put(&job.asset_key(name), "picture".into()).await?;
    }
    let id = RangeId { document: job.document, profile: job.profile, range: job.range, epoch: job.epoch };
    ports.store.put_if_absent(&job.result_key(), encode(&id, &records)?).await?;
    let pages = records.iter().map(|record| PageMark { page: record.page, status: record.status }).collect();
    ports.progress.mark(&PageMarks { job: job.job, document: job.document, pages }).await?;
    Ok(())
}

/// Every eleventh page fails in the first epoch; the first has a figure.
fn record(job: &RangeJob, page: PageNumber) -> PageRecord {
    let fails = page.get().is_multiple_of(11) && job.epoch == 0;
    let failure = PageFailure {
        class: FailureClass::RenderTimeout,
        message: "took too long".to_owned(),
        attempts: 2,
        milliseconds: 1,
    };
    let mut blocks = vec![block(1, BlockKind::Paragraph)];
    blocks[0].lines.push(line(&format!("This is page {page}.")));
    if page == PageNumber::FIRST {
        blocks.push(block(2, BlockKind::Figure));
        blocks[1].figure = Some(Figure { asset: Some("p00001-2.png".to_owned()) });
    }
    PageRecord {
        failure: fails.then_some(failure),
        mode: PageMode::Text,
        mode_reason: ModeReason::CleanTextLayer,
        blocks: if fails { Vec::new() } else { blocks },
        ..PageRecord::empty(job.document, page, if fails { PageStatus::Failed } else { PageStatus::Done })
    }
}

fn block(id: u32, kind: BlockKind) -> Block {
    Block {
        id,
        kind,
        rect: Rect::new(0.0, 100.0 * id as f32, 500.0, 100.0 * id as f32 + 50.0),
        confidence: None,
        lines: Vec::new(),
        level: None,
        list: None,
        table: None,
        figure: None,
        caption_of: None,
        mark: None,
        latex: None,
        language: None,
        script: None,
    }
}

fn line(text: &str) -> Line {
    let rect = Rect::new(0.0, 100.0, 500.0, 150.0);
    let words = text.split(' ').map(|word| Word { text: word.to_owned(), rect, confidence: None });
    Line { text: text.to_owned(), rect, words: words.collect(), ..Line::default() }
}

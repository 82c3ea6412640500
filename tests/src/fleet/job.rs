//! A job, and a coordinator that sees it through.

use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, ensure};
use async_trait::async_trait;
use quire_coordinator::{
    Coordinator, CountError, Input, JobEvent, JobOutcome, JobTerms, PageCounter, Settings, SubmitRequest,
};
use quire_ports::{Ports, range_file::RangeFile};
use quire_proto::{
    DocumentId, JobId, ObjectKey, Profile, ProfileId, Tenant,
    manifest::Manifest,
    record::{PageRecord, PageStatus},
};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

/// Longest that any job of the tests may take.
const FINISHED_WITHIN: Duration = Duration::from_secs(200);

/// Pages in a range.
const RANGE: NonZeroU32 = NonZeroU32::new(8).unwrap();

/// A job on its way.
pub struct Job {
    coordinator: Coordinator,
    ports: Ports,
    job: JobId,
    document: DocumentId,
    profile: ProfileId,
    pages: u32,
    events: mpsc::Receiver<JobEvent>,
    run: JoinHandle<JobOutcome>,
}

/// Knows how many pages there are.
#[derive(Debug)]
struct Known(u32);

#[async_trait]
impl PageCounter for Known {
    async fn count(&self, _: DocumentId, _: &Path) -> Result<u32, CountError> {
        Ok(self.0)
    }
}

impl Job {
    pub(super) async fn start(
        ports: Ports,
        profile: Profile,
        folder: &Path,
        pdf: &[u8],
        pages: u32,
    ) -> anyhow::Result<Self> {
        let (path, scratch) = (folder.join("input.pdf"), folder.join("scratch"));
        std::fs::write(&path, pdf)?;
        std::fs::create_dir_all(&scratch)?;
        // What is lost comes back through the queue: nothing is published again within a test.
        let settings = Settings { reconcile_every: Duration::from_secs(2), ..Settings::new(scratch) };
        let coordinator = Coordinator::new(ports.clone(), Arc::new(Known(pages)), settings);
        let profile_id = profile.id();
        let submitted = coordinator.submit(request(profile, path)).await?;
        let (job, document) = (submitted.job, submitted.documents.first().context("a document")?.document);
        let (sender, events) = mpsc::channel(1024);
        let runner = coordinator.clone();
        let run = tokio::spawn(async move {
            loop {
                // A coordinator outlives the services it needs: it looks again, and goes on from the store.
                match runner.run(&Tenant::local(), job, sender.clone(), CancellationToken::new()).await {
                    Ok(outcome) => return outcome,
                    Err(away) => eprintln!("the coordinator begins again: {:#}", anyhow::Error::new(away)),
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        Ok(Self { coordinator, ports, job, document, profile: profile_id, pages, events, run })
    }

    /// Waits until some pages are done, when others are being read.
    pub async fn until_midway(&mut self) -> anyhow::Result<()> {
        let pages = async {
            while let Some(event) = self.events.recv().await {
                if matches!(event, JobEvent::Pages { .. }) {
                    return Ok(());
                }
            }
            anyhow::bail!("the job ended before it was midway")
        };
        timeout(FINISHED_WITHIN, pages).await.context("no page is done")?
    }

    /// Waits for the end, and sees that every page is done, is there once, in order, and has its own text.
    pub async fn finish(mut self) -> anyhow::Result<Finished> {
        let run =
            async { tokio::join!(&mut self.run, async { while self.events.recv().await.is_some() {} }).0 };
        let outcome = timeout(FINISHED_WITHIN, run).await.context("the job does not end")??;
        let JobOutcome::Finished(manifest) = outcome else { anyhow::bail!("the job was interrupted") };
        self.check(&manifest).await?;
        Ok(Finished { manifest, stored: self.stored().await? })
    }

    async fn check(&self, manifest: &Manifest) -> anyhow::Result<()> {
        ensure!(manifest.ledger.done == u64::from(self.pages), "{:?}", manifest.ledger);
        let mut reader = self.coordinator.pages(manifest.documents.first().context("a document")?);
        let mut next = 1;
        while let Some(record) = reader.next().await? {
            ensure!(
                record.page.get() == next && record.status == PageStatus::Done,
                "page {next}: {record:?}"
            );
            let text = serde_json::to_string(&record.blocks)?;
            ensure!(text.contains(&format!("page {next} of")), "page {next}: {text}");
            next += 1;
        }
        ensure!(next == self.pages + 1, "{} pages were read back", next - 1);
        Ok(())
    }

    /// How often each page is stored.
    async fn stored(&self) -> anyhow::Result<BTreeMap<u32, u32>> {
        let store = self.ports.store.as_ref();
        let prefix = ObjectKey::results_prefix(&Tenant::local(), self.document, self.profile);
        let mut stored = BTreeMap::new();
        for object in store.list(&prefix, None, 1000).await?.objects {
            let records: Vec<PageRecord> = RangeFile::open(&store.get(&object.key).await?)?.records()?;
            for record in records {
                *stored.entry(record.page.get()).or_default() += 1;
            }
        }
        Ok(stored)
    }

    /// Its id.
    pub fn id(&self) -> JobId {
        self.job
    }
}

/// A job that has ended.
pub struct Finished {
    /// The record of it.
    pub manifest: Manifest,
    stored: BTreeMap<u32, u32>,
}

impl Finished {
    /// Pages that were read more than once.
    pub fn redone(&self) -> usize {
        self.stored.values().filter(|copies| **copies > 1).count()
    }
}

fn request(profile: Profile, path: PathBuf) -> SubmitRequest {
    SubmitRequest {
        inputs: vec![Input { path, name: "input.pdf".to_owned() }],
        terms: JobTerms { range_size: RANGE, ..JobTerms::new(Tenant::local(), profile) },
    }
}

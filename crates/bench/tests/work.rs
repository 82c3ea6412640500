//! Guards against needless work, counted and not timed: calls of networks and pixels that they compute.

use std::{num::NonZeroUsize, path::Path};

use anyhow::Context;
use futures_util::future::try_join_all;
use quire_cli::{config::Config, machine};
use quire_models::{
    provider::ProviderChoice,
    recognize::{LINE_HEIGHT, RecognizeParams},
};
use quire_proto::{
    DocumentId, PageNumber,
    profile::{ProcessingOptions, TextMode},
    record::{Block, Line, PageRecord},
};
use quire_render::SourceFile;
use quire_worker::{page::PageTask, trace::Trace};
use tokio_util::sync::CancellationToken;

/// What a document cost.
struct Work {
    trace: Trace,
    records: Vec<PageRecord>,
}

impl Work {
    /// Reads all pages of a sample at once.
    async fn of(sample: &str, mode: TextMode) -> anyhow::Result<Self> {
        Self::with(Config::default(), sample, mode).await
    }

    async fn with(mut config: Config, sample: &str, mode: TextMode) -> anyhow::Result<Self> {
        config.pipeline.provider = ProviderChoice::Cpu;
        let program = Path::new(env!("CARGO_BIN_EXE_quire-bench")).with_file_name("quire-render");
        config.render.program = Some(program);
        let trace = Trace::on();
        let reading = machine::page_reader(&config, trace.clone()).await?;
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
        let source = SourceFile::open(&samples.join(sample), None)?;
        let pages = reading.render.open(&source).await?.pages;
        let task = |page| -> anyhow::Result<PageTask> {
            Ok(PageTask {
                document: DocumentId::from_digest([0; 32]),
                profile: reading.profile.id(),
                options: ProcessingOptions { mode, ..ProcessingOptions::default() },
                page: PageNumber::new(page).context("pages count from 1")?,
                source: source.clone(),
            })
        };
        let never = CancellationToken::new();
        let tasks = (1..=pages).map(task).collect::<anyhow::Result<Vec<_>>>()?;
        let read = tasks.iter().map(|task| reading.reader.read(task, &never));
        let records = try_join_all(read).await?.into_iter().map(|read| read.record).collect();
        reading.render.shutdown().await;
        Ok(Self { trace, records })
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.records.iter().flat_map(|record| &record.blocks).flat_map(Block::all_lines)
    }

    /// Calls and items of each network.
    fn calls(&self) -> impl Fn(&str) -> (usize, usize) {
        let shares: Vec<_> = self.trace.take().shares().iter().map(|s| (s.stage, s.calls, s.items)).collect();
        move |network| {
            let found = shares.iter().find(|(stage, ..)| *stage == network);
            found.map_or((0, 0), |(_, calls, items)| (*calls, *items))
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanned_page_is_looked_at_once_and_its_lines_are_read_once() {
    let work = Work::of("sample.pdf", TextMode::Force).await.unwrap();

    let calls = work.calls();
    let (pages, lines) = (work.records.len(), work.lines().count());
    assert_eq!((calls("layout").1, calls("detect").1), (pages, pages));
    assert!(calls("orient").1 <= 8 * pages, "{:?}", calls("orient"));
    // A line in ten may be noise that no record keeps.
    let read = calls("recognize").1;
    assert!(lines > 20 && (lines..=lines + lines / 10).contains(&read), "{read} lines read for {lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_born_digital_page_needs_layout_alone() {
    let work = Work::of("twocol-lorem.pdf", TextMode::Auto).await.unwrap();

    let calls = work.calls();
    assert_eq!(calls("layout").1, work.records.len());
    assert_eq!((calls("detect").1, calls("orient").1, calls("recognize").1), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_in_company_read_as_they_read_alone() {
    let lines_in_call = |count| {
        let mut config = Config::default();
        config.pipeline.batch_lines = NonZeroUsize::new(count);
        Work::with(config, "sample.pdf", TextMode::Force)
    };

    let (alone, together) = (lines_in_call(1).await.unwrap(), lines_in_call(8).await.unwrap());

    let text = |work: &Work| work.lines().map(|line| line.text.clone()).collect::<Vec<_>>();
    assert_eq!(text(&alone), text(&together));
    let (calls, items) = together.calls()("recognize");
    assert!(items > calls, "no two of {items} lines shared a call");
}

#[tokio::test(flavor = "multi_thread")]
async fn little_of_what_the_recogniser_computes_is_padding() {
    let work = Work::of("sample.pdf", TextMode::Force).await.unwrap();
    let params = RecognizeParams::default();

    let widths = work.lines().map(|line| {
        let ([left, top, right, bottom], height) = (<[f32; 4]>::from(line.rect), LINE_HEIGHT as f32);
        (params.squeeze * height * (right - left) / (bottom - top)).ceil() as u32
    });
    let (useful, padded) =
        widths.fold((0, 0), |(useful, padded), width| (useful + width, padded + params.bucket(width)));

    let ratio = f64::from(padded) / f64::from(useful);
    assert!(ratio <= 1.10, "{ratio:.3} pixels computed for each that shows something");
}

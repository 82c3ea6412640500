//! `quire-bench modes`: four ways to send the same pages through the same networks.

mod chart;
mod run;

use std::{fs, num::NonZeroUsize, path::PathBuf};

use anyhow::Context;
use quire_cli::{config::Config, machine::ENDS_WITHIN};
use quire_worker::{schedule::Schedule, trace::Kind};

use crate::{
    corpus::Corpus,
    report::{self, Bar},
};
use run::{Bench, Measured};

/// Document of the corpus that is read unless another is named: 25 pages of text, tables and figures.
const DOCUMENT: &str = "paper-countreg";
/// Least of streaming's pace over that of one page after the other, on a CPU …
const OVER_SEQUENTIAL_CPU: f64 = 1.15;
/// … and on a GPU.
const OVER_SEQUENTIAL_GPU: f64 = 3.0;
/// Least share of the time that the networks of a GPU work while streaming.
const BUSY_GPU: f64 = 0.8;

/// Options of `quire-bench modes`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// A PDF; otherwise `paper-countreg` of the corpus
    #[arg(long)]
    document: Option<PathBuf>,
    /// The corpus.
    #[arg(long, env = "QUIRE_CORPUS", default_value = "../shared/corpus")]
    corpus: PathBuf,
    /// Pages read in each mode; a shorter document is read again from its beginning
    #[arg(long, default_value = "25")]
    pages: NonZeroUsize,
    /// Pixels per inch
    #[arg(long, default_value_t = 200)]
    dpi: u16,
    /// Take the text layer where there is one, instead of recognising every page
    #[arg(long)]
    text_layer: bool,
    /// Tune settings meanwhile, as `quire convert` does; otherwise all modes have the same
    #[arg(long)]
    tune: bool,
    /// Only these modes; bars that compare with others are left out
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    only: Vec<String>,
    /// Measure each mode so often; the median counts
    #[arg(long, default_value_t = 1)]
    repeat: usize,
    /// Streaming with each of these micro-batch sizes too
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    sweep: Vec<NonZeroUsize>,
    /// Where the pictures go
    #[arg(long, default_value = "target/bench/modes")]
    out: PathBuf,
}

/// Runs the command; whether all bars hold.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    fs::create_dir_all(&options.out).with_context(|| format!("create {}", options.out.display()))?;
    let config = Config::load(None)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measured = runtime.block_on(measure(options, config));
    runtime.shutdown_timeout(ENDS_WITHIN);
    measured
}

async fn measure(options: &Options, config: Config) -> anyhow::Result<bool> {
    let document = match &options.document {
        Some(file) => file.clone(),
        None => {
            let corpus = Corpus::open(&options.corpus, DOCUMENT)?;
            corpus.path(corpus.document(DOCUMENT)?)
        }
    };
    let mut bench = Bench::start(config, &document, options).await?;
    println!("{}; loaded and warm after {:.1} s", bench.describe(), bench.ready.as_secs_f64());
    // The first run meets new shapes, cold caches and children that have not opened the document.
    bench.run("warm-up", Schedule::Streaming).await?;
    let mut modes: Vec<Measured> = Vec::new();
    let asked = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    for (name, schedule) in schedules(options.pages.get()).into_iter().filter(|(name, _)| asked(name)) {
        let measured = bench.median(name, &schedule, options.repeat).await?;
        fs::write(options.out.join(format!("{name}.svg")), measured.picture())?;
        modes.push(measured);
    }
    print!("{}", table(&modes));
    for measured in modes.iter().filter(|measured| measured.name == "streaming") {
        print!("\n{}", stages(measured));
    }
    if !options.sweep.is_empty() {
        sweep(&mut bench, options).await?;
    }
    let bars = bars(&modes, bench.is_gpu());
    bench.end().await;
    Ok(report::print_bars(&bars))
}

/// Each run of a mode begins with turns that nobody has taken.
type Start = Box<dyn Fn() -> Schedule>;

fn schedules(pages: usize) -> [(&'static str, Start); 4] {
    [
        ("sequential", Box::new(Schedule::sequential)),
        ("concurrent-render", Box::new(Schedule::concurrent_render)),
        ("staged", Box::new(move || Schedule::staged(pages))),
        ("streaming", Box::new(|| Schedule::Streaming)),
    ]
}

fn table(modes: &[Measured]) -> String {
    let header = ["mode", "seconds", "pages/s", "first page (s)", "networks busy", "peak MiB", "pages"];
    let rows: Vec<Vec<String>> = modes.iter().map(Measured::row).collect();
    report::markdown_table(&header, &rows)
}

/// Where the time of one run went.
fn stages(measured: &Measured) -> String {
    let rows: Vec<Vec<String>> = measured
        .timeline
        .shares()
        .iter()
        .map(|share| {
            let per_call = share.items as f64 / share.calls.max(1) as f64;
            let who = match share.kind {
                Kind::Render => "child",
                Kind::Cpu => "pool",
                Kind::Network => "network",
            };
            vec![
                share.stage.to_owned(),
                who.to_owned(),
                format!("{:.2}", share.work.as_secs_f64()),
                share.calls.to_string(),
                format!("{per_call:.1}"),
                format!("{:.0} %", 100.0 * share.busy),
            ]
        })
        .collect();
    let header = ["stage", "who", "work (s)", "calls", "items per call", "busy"];
    format!("{}\n{}\n", report::markdown_table(&header, &rows), measured.timeline.sentence())
}

async fn sweep(bench: &mut Bench, options: &Options) -> anyhow::Result<()> {
    let mut points = Vec::new();
    for size in &options.sweep {
        bench.batch(*size);
        let measured = bench.median("streaming", &|| Schedule::Streaming, options.repeat).await?;
        points.push((size.get(), measured.pages_per_second()));
    }
    let rows: Vec<Vec<String>> =
        points.iter().map(|(size, pace)| vec![size.to_string(), format!("{pace:.2}")]).collect();
    print!("\n{}", report::markdown_table(&["most items per batch", "pages/s"], &rows));
    fs::write(options.out.join("sweep.svg"), chart::svg("pages/s by most items per micro-batch", &points))?;
    Ok(())
}

fn bars(modes: &[Measured], gpu: bool) -> Vec<Bar> {
    let Some(streaming) = modes.iter().find(|measured| measured.name == "streaming") else {
        return Vec::new();
    };
    let limit = |name: &str| match (name, gpu) {
        ("sequential", true) => Some(OVER_SEQUENTIAL_GPU),
        ("sequential", false) => Some(OVER_SEQUENTIAL_CPU),
        ("concurrent-render" | "staged", true) => Some(1.0),
        // On a CPU all are bound by the same cores, and these two differ by less than the noise.
        _ => None,
    };
    let over = |other: &Measured| {
        let ratio = streaming.pages_per_second() / other.pages_per_second();
        Some(Bar::at_least(format!("streaming / {}", other.name), ratio, limit(other.name)?))
    };
    let mut bars: Vec<Bar> = modes.iter().filter_map(over).collect();
    if gpu {
        let busy = streaming.timeline.networks_busy();
        bars.push(Bar::at_least("networks busy while streaming", busy, BUSY_GPU));
    }
    bars
}

//! `quire-bench peers`: the same scanned pages through quire, OCRmyPDF and RapidOCR, in turns.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use serde::Deserialize;

use crate::{
    corpus::{Corpus, TruthKind},
    output::Output,
    peers::Peers,
    process::{self, Finished},
    quire::Quire,
    report::{self, Bar, mean, median},
    score::rates,
};

/// Least speed over RapidOCR, which runs the same networks.
const OVER_RAPIDOCR: f64 = 4.0;
/// Least speed over OCRmyPDF, which has no layout and no tables.
const OVER_OCRMYPDF: f64 = 1.0;
/// The document whose pages are rasterised.
const DOCUMENT: &str = "paper-countreg";
/// No engine takes this long for 25 pages.
const LIMIT: Duration = Duration::from_hours(1);

/// Options of `quire-bench peers`.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    quire: Quire,
    #[command(flatten)]
    peers: Peers,
    /// The corpus.
    #[arg(long, env = "QUIRE_CORPUS", default_value = "../shared/corpus")]
    corpus: PathBuf,
    /// How often each engine runs; the median counts.
    #[arg(long, default_value_t = 3)]
    repeat: usize,
    /// Pages to read, at most 25.
    #[arg(long, default_value_t = 25)]
    pages: u32,
    /// Where the scan and the outputs go.
    #[arg(long, default_value = "target/bench/peers")]
    out: PathBuf,
    /// Also write the table to docs/benchmarks/peers.md.
    #[arg(long)]
    record: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    Quire,
    OcrMyPdf,
    RapidOcr,
}

/// One run of one engine.
struct Run {
    engine: Engine,
    wall: f64,
    /// Seconds that the engine itself counts, without its start; only RapidOCR's script says so.
    reading: Option<f64>,
    pages: usize,
    cer: f64,
    peak_bytes: u64,
}

/// Runs the command; whether all bars hold.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    fs::create_dir_all(&options.out)?;
    let corpus = Corpus::open(&options.corpus, "*")?;
    let document = corpus.document(DOCUMENT)?;
    let truth = corpus.truth(document, TruthKind::TextLayer)?.context("read the truth of the scan")?;
    let truth = first_pages(&truth, options.pages);
    let scan = options.out.join("scan.pdf");
    options.peers.rasterise(&corpus.path(document), &scan, options.pages)?;
    let mut runs = Vec::new();
    for turn in 1..=options.repeat {
        for engine in [Engine::Quire, Engine::OcrMyPdf, Engine::RapidOcr] {
            let run = one(options, engine, &scan, &truth)?;
            eprintln!("turn {turn}: {} {:.1} s, {} pages", engine.name(), run.wall, run.pages);
            runs.push(run);
        }
    }
    let table = table_of(&runs);
    print!("{table}");
    let bars = bars(&runs, options.pages as usize);
    let hold = report::print_bars(&bars);
    if options.record {
        record(options, &table, &bars)?;
    }
    Ok(hold)
}

fn one(options: &Options, engine: Engine, scan: &Path, truth: &str) -> anyhow::Result<Run> {
    let folder = options.out.join(engine.name());
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let text = folder.join("scan.txt");
    let ended = match engine {
        Engine::Quire => quire(options, scan, &folder)?,
        Engine::OcrMyPdf => ocrmypdf(options, scan, &folder, &text)?,
        Engine::RapidOcr => {
            let command = options.peers.rapidocr(|python| options.quire.limited(python), scan, &text);
            process::run(command, LIMIT)?.succeeded("rapidocr")?
        }
    };
    let actual = Output::new(&folder).text("scan").context("read what the engine wrote")?;
    Ok(Run {
        engine,
        wall: ended.wall.as_secs_f64(),
        reading: (engine == Engine::RapidOcr).then(|| reading_seconds(&ended.stdout)).transpose()?,
        pages: actual.split('\u{c}').filter(|page| !page.trim().is_empty()).count(),
        cer: rates::rates(truth, &actual).map_or(f64::NAN, |rates| rates.cer),
        peak_bytes: ended.peak_bytes,
    })
}

fn quire(options: &Options, scan: &Path, folder: &Path) -> anyhow::Result<Finished> {
    let mut command = options.quire.convert(folder)?;
    command.arg(scan);
    process::run(command, LIMIT)?.succeeded("quire")
}

/// At its fastest: no PDF/A conversion, no image optimisation, no deskewing.
fn ocrmypdf(options: &Options, scan: &Path, folder: &Path, text: &Path) -> anyhow::Result<Finished> {
    let mut command = options.quire.limited("ocrmypdf");
    command.args(["--jobs", &options.quire.cores.to_string()]);
    command.args(["--output-type", "pdf", "--optimize", "0", "--language", "eng", "--sidecar"]);
    command.arg(text).arg(scan).arg(folder.join("scan.pdf"));
    process::run(command, LIMIT)?.succeeded("ocrmypdf")
}

#[derive(Deserialize)]
struct Reading {
    seconds: f64,
}

fn reading_seconds(stdout: &str) -> anyhow::Result<f64> {
    let line = stdout.lines().next_back().unwrap_or_default();
    let reading: Reading = serde_json::from_str(line).context("read the seconds that rapidocr took")?;
    Ok(reading.seconds)
}

fn first_pages(truth: &str, pages: u32) -> String {
    truth.split_inclusive('\u{c}').take(pages as usize).collect()
}

impl Engine {
    const fn name(self) -> &'static str {
        match self {
            Self::Quire => "quire",
            Self::OcrMyPdf => "ocrmypdf",
            Self::RapidOcr => "rapidocr",
        }
    }
}

/// What the runs of one engine have in common.
struct Summary {
    pages: usize,
    wall: f64,
    pages_per_second: f64,
    without_start: Option<f64>,
    cer: f64,
    peak_mib: f64,
}

fn summary(runs: &[Run], engine: Engine) -> Summary {
    let of_engine: Vec<&Run> = runs.iter().filter(|run| run.engine == engine).collect();
    let walls: Vec<f64> = of_engine.iter().map(|run| run.wall).collect();
    let readings: Vec<f64> = of_engine.iter().filter_map(|run| run.reading).collect();
    let rates: Vec<f64> = of_engine.iter().map(|run| run.cer).collect();
    let pages = of_engine.iter().map(|run| run.pages).min().unwrap_or(0);
    let wall = median(&walls);
    Summary {
        pages,
        wall,
        pages_per_second: pages as f64 / wall,
        without_start: (!readings.is_empty()).then(|| pages as f64 / median(&readings)),
        cer: mean(&rates),
        peak_mib: of_engine.iter().map(|run| run.peak_bytes).max().unwrap_or(0) as f64 / 1_048_576.0,
    }
}

fn table_of(runs: &[Run]) -> String {
    let ours = summary(runs, Engine::Quire).pages_per_second;
    let row = |engine: Engine| {
        let s = summary(runs, engine);
        let fixed = |value: f64| format!("{value:.2}");
        vec![
            engine.name().into(),
            s.pages.to_string(),
            fixed(s.wall),
            fixed(s.pages_per_second),
            s.without_start.map_or_else(|| "–".into(), fixed),
            fixed(ours / s.pages_per_second),
            format!("{:.4}", s.cer),
            format!("{:.0}", s.peak_mib),
        ]
    };
    let header =
        ["engine", "pages", "seconds", "pages/s", "without start", "quire over it", "CER", "peak MiB"];
    report::markdown_table(&header, &[Engine::Quire, Engine::OcrMyPdf, Engine::RapidOcr].map(row))
}

fn bars(runs: &[Run], pages: usize) -> Vec<Bar> {
    let speed = |engine| summary(runs, engine).pages_per_second;
    let ours = speed(Engine::Quire);
    // A blank page has no text, so completed pages are those of the engine that read most.
    let most = runs.iter().map(|run| run.pages).max().unwrap_or(0).min(pages);
    vec![
        Bar::at_least("pages that quire completed", summary(runs, Engine::Quire).pages as f64, most as f64),
        Bar::at_least("pages/s over RapidOCR", ours / speed(Engine::RapidOcr), OVER_RAPIDOCR),
        Bar::at_least("pages/s over OCRmyPDF", ours / speed(Engine::OcrMyPdf), OVER_OCRMYPDF),
    ]
}

fn record(options: &Options, table: &str, bars: &[Bar]) -> anyhow::Result<()> {
    let bars: String = bars.iter().map(|bar| format!("- {bar}\n")).collect();
    let page = format!(
        "# Speed beside the peers\n\n\
         Written by `quire-bench peers --record`: {pages} pages of `{DOCUMENT}`, rasterised at 200 dpi (grey JPEG, no \
         text layer), {cores} cores of {cpu}, {repeat} turns of each engine one after the other, medians. Seconds are wall \
         time, start of the process and loading of the models included; \"without start\" is what the engine itself counts.\n\n\
         quire: `quire convert` with layout and tables. OCRmyPDF {ocrmypdf} with {tesseract}: `--jobs {cores} --output-type pdf \
         --optimize 0`, no deskewing. RapidOCR: the package's default settings, page after page.\n\n{table}\n{bars}",
        pages = options.pages,
        cores = options.quire.cores,
        cpu = cpu_model(),
        repeat = options.repeat,
        ocrmypdf = options.peers.version("ocrmypdf")?,
        tesseract = options.peers.version("tesseract")?,
    );
    let file = Path::new("docs/benchmarks/peers.md");
    fs::write(file, page).with_context(|| format!("write {}", file.display()))
}

fn cpu_model() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    model.map_or_else(|| "an unknown processor".into(), |(_, name)| name.trim().to_string())
}

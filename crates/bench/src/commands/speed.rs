//! `quire-bench speed`: born-digital pages per second, the first page, and memory that does not grow.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    corpus::Corpus,
    long_document, process,
    quire::Quire,
    report::{self, Bar, median},
};

/// Least pages per second on born-digital documents, start included …
const PAGES_PER_SECOND: f64 = 20.0;
/// … of at least so many pages: of a shorter one's time too much is the start.
const ENOUGH_PAGES: usize = 100;
/// Most memory of all processes together, in MiB.
const MEMORY_MIB: f64 = 2048.0;
/// Most of the memory of the long document over that of the longest real one.
const GROWTH: f64 = 1.10;
/// Born-digital documents, the longest first.
const DOCUMENTS: [&str; 3] = ["long-r-exts", "french-devref", SHORT];
/// The one that is also read as often as makes it long.
const SHORT: &str = "paper-countreg";
/// So often.
const TIMES: usize = 10;
/// No document takes this long; this only ends a run that hangs.
const LIMIT: Duration = Duration::from_hours(1);

/// Options of `quire-bench speed`.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    quire: Quire,
    /// The corpus.
    #[arg(long, env = "QUIRE_CORPUS", default_value = "../shared/corpus")]
    corpus: PathBuf,
    /// How often each document is converted; the median counts.
    #[arg(long, default_value_t = 3)]
    repeat: usize,
    /// Pages of the long document.
    #[arg(long, default_value_t = 2000)]
    long: usize,
    /// Where the long document and the outputs go.
    #[arg(long, default_value = "target/bench/speed")]
    out: PathBuf,
}

/// One document, converted some times.
struct Row {
    name: String,
    pages: usize,
    /// Seconds from start to end.
    wall: f64,
    /// Seconds from start until the first range of pages was in the store.
    first: f64,
    /// Highest memory of any of the runs.
    peak_mib: f64,
}

/// Runs the command; whether all bars hold.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    fs::create_dir_all(&options.out)?;
    let corpus = Corpus::open(&options.corpus, "*")?;
    let mut rows = Vec::new();
    for id in DOCUMENTS {
        let document = corpus.document(id)?;
        rows.push(measure(options, id, &corpus.path(document), document.pages as usize, options.repeat)?);
    }
    let short = corpus.document(SHORT)?.pages as usize;
    rows.push(repeated(options, &corpus, SHORT, short * TIMES, options.repeat)?);
    let long = repeated(options, &corpus, DOCUMENTS[0], options.long, 1)?;
    print!("{}", table_of(&rows, &long));
    Ok(report::print_bars(&bars(&rows, &long)))
}

/// A document with its pages again and again.
fn repeated(
    options: &Options,
    corpus: &Corpus,
    id: &str,
    pages: usize,
    repeat: usize,
) -> anyhow::Result<Row> {
    let file = options.out.join("long.pdf");
    long_document::write(&corpus.path(corpus.document(id)?), pages, &file)?;
    measure(options, &format!("{id}, repeated"), &file, pages, repeat)
}

fn measure(options: &Options, name: &str, input: &Path, pages: usize, repeat: usize) -> anyhow::Result<Row> {
    let (mut walls, mut firsts, mut peak) = (Vec::new(), Vec::new(), 0);
    for _ in 0..repeat {
        let out = options.out.join("out");
        if out.exists() {
            fs::remove_dir_all(&out)?;
        }
        let mut command = options.quire.convert(&out)?;
        command.arg(input);
        let ended =
            process::run_watching(command, LIMIT, || has_range(&out.join(".quire")))?.succeeded("quire")?;
        walls.push(ended.wall.as_secs_f64());
        firsts.push(ended.seen.map_or(f64::NAN, |seen| seen.as_secs_f64()));
        peak = peak.max(ended.peak_bytes);
    }
    let peak_mib = peak as f64 / 1_048_576.0;
    Ok(Row { name: name.into(), pages, wall: median(&walls), first: median(&firsts), peak_mib })
}

/// Whether a finished range of pages lies anywhere below a folder.
fn has_range(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let path = entry.path();
        path.is_dir() && has_range(&path) || entry.file_name().to_string_lossy().ends_with(".jsonl.zst")
    })
}

impl Row {
    fn pages_per_second(&self) -> f64 {
        self.pages as f64 / self.wall
    }
}

fn table_of(rows: &[Row], long: &Row) -> String {
    let cells = |row: &Row| {
        let figures = [row.wall, row.pages_per_second(), row.first].map(|value| format!("{value:.2}"));
        let mut cells = vec![row.name.clone(), row.pages.to_string()];
        cells.extend(figures);
        cells.push(format!("{:.0}", row.peak_mib));
        cells
    };
    let header = ["document", "pages", "seconds", "pages/s", "first page (s)", "peak MiB"];
    report::markdown_table(&header, &rows.iter().chain([long]).map(cells).collect::<Vec<_>>())
}

fn bars(rows: &[Row], long: &Row) -> Vec<Bar> {
    let speed =
        |row: &Row| Bar::at_least(format!("{} pages/s", row.name), row.pages_per_second(), PAGES_PER_SECOND);
    let mut bars: Vec<Bar> = rows.iter().filter(|row| row.pages >= ENOUGH_PAGES).map(speed).collect();
    let peak = rows.iter().chain([long]).map(|row| row.peak_mib).fold(0.0, f64::max);
    bars.push(Bar::at_most("peak memory, MiB", peak, MEMORY_MIB));
    bars.push(Bar::at_most(
        format!("memory of {} over {}", long.name, rows[0].name),
        long.peak_mib / rows[0].peak_mib,
        GROWTH,
    ));
    bars
}

//! `quire-bench accuracy`: the scoreboard, every truth of the corpus against the output.
//!
//! ```text
//!  corpus ──▶ quire, auto ──▶ out/           against the truths            rows.rs
//!         └─▶ quire, skip ──▶ out/text-layer  ┐
//!         └─▶ quire, force ─▶ out/forced      ┴ one against the other      forced.rs
//!                                       ──▶ table, bars, history, pictures
//!                                       ──▶ words by confidence             confidence.rs
//! ```

mod bars;
mod confidence;
mod forced;
mod history;
mod pictures;
mod rows;

use std::path::PathBuf;

use quire_cli::config::Config;
use quire_models::manifest::{Platt, Role};

use crate::{
    corpus::{Corpus, Document, read_json},
    output::Output,
    peers::Reference,
    quire::{Mode, Quire},
    report,
};
use confidence::Words;
use history::Run;
use rows::Row;

/// Options of `quire-bench accuracy`.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    quire: Quire,
    /// The corpus.
    #[arg(long, env = "QUIRE_CORPUS", default_value = "../shared/corpus")]
    corpus: PathBuf,
    /// Documents to score: globs over their ids, with commas between them.
    #[arg(long, default_value = "*")]
    only: String,
    /// Where the outputs go.
    #[arg(long, default_value = "target/bench/accuracy")]
    out: PathBuf,
    /// Score the outputs of this directory instead of running quire.
    #[arg(long, value_name = "DIR")]
    score: Option<PathBuf>,
    /// Error rates of the peers, for the bars.
    #[arg(long, default_value = "docs/benchmarks/accuracy/reference.json")]
    reference: PathBuf,
    /// Keep the figures in this file, to compare later runs with.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Compare with the figures of an earlier run: then only documents that got worse count as failures.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Draw the worst documents into this directory: pages with boxes, and how their text differs from the truth.
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// How many documents to draw.
    #[arg(long, default_value_t = 5, value_name = "N")]
    worst: usize,
}

/// Runs the command; whether all bars hold, or with an earlier run whether nothing got worse.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let corpus = Corpus::open(&options.corpus, &options.only)?;
    let scored: Vec<&Document> =
        corpus.documents.iter().filter(|document| !document.truth.is_empty()).collect();
    if options.score.is_none() {
        options.quire.convert_corpus(&corpus, &scored, Mode::Auto, &options.out)?;
        forced::convert(&options.quire, &corpus, &scored, &options.out)?;
    }
    let root = options.score.as_ref().unwrap_or(&options.out);
    let score = |document: &&Document| {
        let mut row = rows::score(&corpus, document, &Output::new(root))?;
        forced::score(document, root, &mut row)?;
        anyhow::Ok(row)
    };
    let rows: Vec<Row> = scored.iter().map(score).collect::<Result<_, _>>()?;
    let reference: Reference = read_json(&options.reference)?;
    print!("{}", rows::table_of(&rows, &reference));
    let run = Run::of(&rows);
    if let Some(file) = &options.record {
        run.write(file)?;
    }
    if let Some(folder) = &options.pictures {
        pictures::draw(&options.quire, &corpus, &pictures::worst(&rows, options.worst), root, folder)?;
    }
    let words = Words::of(&corpus, &scored, root)?;
    print!("\n{}", words.table());
    let manifest = Config::load(None)?.assets.manifest()?;
    let now = manifest.model(Role::Recognize).and_then(|model| model.confidence);
    if let Some(Platt { scale, shift }) = words.fitted(now) {
        println!("\nfor the manifest: confidence = {{ scale = {scale:.3}, shift = {shift:.3} }}");
    }
    let mut bars = bars::bars(&rows, &reference);
    bars.extend(words.bars());
    let all_hold = report::print_bars(&bars);
    match &options.against {
        Some(earlier) => Ok(report::print_bars(&run.against(&read_json(earlier)?))),
        None => Ok(all_hold),
    }
}

//! `quire-bench tune`: tries settings on this machine and writes those that pay as a configuration.
//!
//! ```text
//!  provider ─▶ recognizers, model_threads ─▶ batch_lines ─▶ batch_pages ─▶ children
//!     each candidate: `quire convert` in a process of its own ─▶ pages/s, text ─▶ kept or not
//! ```

mod measure;
mod search;
mod settings;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::Context;
use humantime_serde::re::humantime::{format_rfc3339_seconds, parse_duration};
use quire_cli::config::Config;
use quire_models::{available::Host, manifest::Manifest, provider::ProviderChoice};
use quire_worker::config::cores;

use crate::{
    corpus::Corpus,
    quire::Quire,
    report::{self, median},
};
use measure::Sample;
use search::{Gate, Row, Search};
use settings::{Ground, Settings};

/// Document of the corpus that is read unless another is named.
const DOCUMENT: &str = "paper-countreg";
/// No run of the last comparison takes this long; this only ends one that hangs.
const LIMIT: Duration = Duration::from_mins(10);
/// How often each side of the last comparison runs.
const REPEAT: usize = 2;

/// Options of `quire-bench tune`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The `quire` command; by default the one beside this program
    #[arg(long = "quire", value_name = "FILE")]
    program: Option<PathBuf>,
    /// A document like those to be read; otherwise `paper-countreg` of the corpus
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// The corpus
    #[arg(long, env = "QUIRE_CORPUS", default_value = "../shared/corpus")]
    corpus: PathBuf,
    /// Pages read in each run, from the first; more for a machine that reads many in a second
    #[arg(long, default_value_t = 8, value_name = "N")]
    pages: usize,
    /// No candidate is begun after this; the comparison at the end comes on top
    #[arg(long, default_value = "120s", value_name = "TIME", value_parser = parse_duration)]
    budget: Duration,
    /// Highest character error rate against the text that 32-bit floats on the processor give
    #[arg(long, default_value_t = 0.002, value_name = "RATE")]
    tolerance: f64,
    /// The file to write
    #[arg(long, default_value = "quire-tuned.toml", value_name = "FILE")]
    out: PathBuf,
}

/// Runs the command; there are no bars.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let sample = sample(options)?;
    let config = Config::load(None)?;
    let manifest = config.assets.manifest().context("read the manifest of assets")?;
    let search = search(options, &sample, &config, &manifest)?;
    print!("{}", table(&search.rows));
    if !search.untried.is_empty() {
        let names: Vec<String> = search.untried.iter().map(Settings::to_string).collect();
        println!("\nthe budget was used up before: {}", names.join("; "));
    }
    let ratio = compare(&sample, &search)?;
    let default = Settings::default();
    let lost = ratio.is_some_and(|ratio| ratio < 1.0) && search.accepts(&default);
    let chosen = if lost { &default } else { &search.best };
    let verdict = verdict(&search.best, ratio);
    let text = heading(&sample, &verdict) + &chosen.toml();
    fs::write(&options.out, text).with_context(|| format!("write {}", options.out.display()))?;
    println!("\n{verdict}");
    println!("written to {}: {chosen}", options.out.display());
    Ok(true)
}

fn sample(options: &Options) -> anyhow::Result<Sample> {
    anyhow::ensure!(options.pages >= 4, "--pages must be at least 4");
    let document = match &options.document {
        Some(file) => file.clone(),
        None => {
            let corpus = Corpus::open(&options.corpus, DOCUMENT)
                .context("open the corpus; name a document of your own with --document")?;
            corpus.path(corpus.document(DOCUMENT)?)
        }
    };
    anyhow::ensure!(document.is_file(), "there is no document {}", document.display());
    Ok(Sample { quire: Quire::on_all_cores(options.program.clone()), document, pages: options.pages })
}

fn search<'a>(
    options: &Options,
    sample: &'a Sample,
    config: &Config,
    manifest: &Manifest,
) -> anyhow::Result<Search<'a>> {
    let in_force = config.pipeline.provider(manifest).choice();
    let gate = Gate { tolerance: options.tolerance };
    let mut search = Search::begin(sample, gate, options.budget, in_force)?;
    let mut others = Host::this().usable(manifest);
    others.retain(|choice| *choice != in_force && *choice != ProviderChoice::Cpu);
    search.providers(&others);
    let provider = search.best.provider().unwrap_or(in_force);
    search.others(&Ground::of(config, manifest, provider));
    Ok(search)
}

/// How many times as fast as what is configured the best is: both again, in turns, because machines have moods.
fn compare(sample: &Sample, search: &Search<'_>) -> anyhow::Result<Option<f64>> {
    let default = Settings::default();
    if search.best == default {
        return Ok(None);
    }
    let sides = [&default, &search.best];
    let (mut paces, mut starts) = ([Vec::new(), Vec::new()], [None, None]);
    for _ in 0..REPEAT {
        for (side, settings) in sides.into_iter().enumerate() {
            let one = sample.measure(settings, starts[side], LIMIT);
            let one = one.with_context(|| format!("measure again: {settings}"))?;
            paces[side].push(one.pace);
            starts[side] = Some(one.start);
        }
    }
    Ok(Some(median(&paces[1]) / median(&paces[0])))
}

fn table(rows: &[Row]) -> String {
    let cells = |row: &Row| {
        let (pace, cer) = match &row.outcome {
            Ok((pace, cer)) => (format!("{pace:.2}"), format!("{cer:.4}")),
            Err(why) => (why.clone(), "–".to_owned()),
        };
        vec![row.settings.to_string(), pace, cer, if row.kept { "yes" } else { "no" }.to_owned()]
    };
    let header = ["settings", "pages/s", "CER against f32", "kept"];
    report::markdown_table(&header, &rows.iter().map(cells).collect::<Vec<_>>())
}

/// What the last comparison says, for the terminal and the file.
fn verdict(best: &Settings, ratio: Option<f64>) -> String {
    match ratio {
        None => "nothing that was tried is better than what is configured".to_owned(),
        Some(ratio) => format!("{best}: {ratio:.2} times as fast as what was configured"),
    }
}

/// What the file says about itself.
fn heading(sample: &Sample, verdict: &str) -> String {
    let name = sample.document.file_name().unwrap_or_default().to_string_lossy();
    format!(
        "# Written by `quire-bench tune` on {date}: {processor}, {cores} cores.\n\
         # Measured on {pages} pages of {name:?}; {verdict}.\n",
        date = format_rfc3339_seconds(SystemTime::now()),
        processor = processor(Path::new("/proc/cpuinfo")),
        cores = cores(),
        pages = sample.pages,
    )
}

/// What the kernel calls the processor, else its architecture.
fn processor(info: &Path) -> String {
    let info = fs::read_to_string(info).unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{settings::Key, *};

    #[test]
    fn the_file_says_what_was_measured_and_is_a_configuration() {
        let document = PathBuf::from("odd\nname = 3.pdf");
        let sample = Sample { quire: Quire::on_all_cores(None), document, pages: 8 };
        let settings = Settings::default().with(Key::BatchLines, 4);
        let text = heading(&sample, &verdict(&settings, Some(1.25))) + &settings.toml();
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &text).unwrap();

        let config = Config::load(Some(file.path())).unwrap();

        assert_eq!(config.pipeline.batch_lines, std::num::NonZeroUsize::new(4));
        assert!(text.contains("8 pages of") && text.contains("1.25 times as fast"), "{text}");
    }

    #[test]
    fn a_candidate_that_failed_shows_why() {
        let outcome = Err("provider cuda cannot be used".to_owned());
        let rows = [Row { settings: Settings::default().with(Key::Provider, "cuda"), outcome, kept: false }];

        let table = table(&rows);

        assert!(table.contains("provider cuda cannot be used") && table.contains(" no |"), "{table}");
    }

    #[test]
    fn a_machine_that_does_not_name_its_processor_has_an_architecture() {
        assert_eq!(processor(Path::new("nowhere")), std::env::consts::ARCH);
    }
}

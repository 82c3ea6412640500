//! `quire-bench accuracy`: every truth of the corpus against the output.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{
    corpus::{Corpus, Document, TruthKind, read_json},
    output::{self, Output},
    quire::{Mode, Quire},
    report::{self, Bar, figure, mean},
    score::{
        headings::{self, Heading, HeadingScore},
        rates::{self, Rates},
        sections,
        table::{self, TableScore},
        text,
    },
};

/// Options of `quire-bench accuracy`.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    quire: Quire,
    /// The corpus.
    #[arg(long, env = "QUIRE_CORPUS", default_value = "../shared/corpus")]
    corpus: PathBuf,
    /// Documents to score, as a glob over their ids.
    #[arg(long, default_value = "*")]
    only: String,
    /// How pages are read.
    #[arg(long, value_enum, default_value = "auto")]
    mode: Mode,
    /// Where the outputs go.
    #[arg(long, default_value = "target/bench/accuracy")]
    out: PathBuf,
    /// Score the outputs of this directory instead of running quire.
    #[arg(long, value_name = "DIR")]
    score: Option<PathBuf>,
    /// Error rates of the peers, for the bars.
    #[arg(long, default_value = "docs/benchmarks/accuracy/reference.json")]
    reference: PathBuf,
    /// Also write the scores to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Scores of one document; what it has no truth for is absent.
#[derive(Debug, Default, Serialize)]
struct Row {
    id: String,
    #[serde(flatten)]
    rates: Option<Rates>,
    /// Characters written for a document that has none.
    spurious_characters: Option<usize>,
    tables: Option<TableScore>,
    /// Normalised indel similarity of the plain text: reading order.
    nid: Option<f64>,
    /// Similarity of headings and sections.
    mhs: Option<f64>,
    headings: Option<HeadingScore>,
    /// Whether the bar on tables is about it.
    has_table_truth: bool,
    missing: bool,
}

/// What the peers read, as recorded by `peers/reference.py`.
#[derive(Debug, Deserialize)]
struct Reference {
    /// The scanned documents that the mean is over: each text once.
    twelve: Vec<String>,
    documents: BTreeMap<String, Peers>,
}

#[derive(Debug, Deserialize)]
struct Peers {
    truth: TruthKind,
    tesseract: Rates,
    rapidocr: Rates,
}

/// Runs the command; whether all bars hold.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let corpus = Corpus::open(&options.corpus, &options.only)?;
    let scored: Vec<&Document> =
        corpus.documents.iter().filter(|document| !document.truth.is_empty()).collect();
    if options.score.is_none() {
        options.quire.convert_corpus(&corpus, &scored, options.mode, &options.out)?;
    }
    let output = Output::new(options.score.as_ref().unwrap_or(&options.out));
    let rows =
        scored.iter().map(|document| score(&corpus, document, &output)).collect::<Result<Vec<_>, _>>()?;
    let reference: Reference = read_json(&options.reference)?;
    print!("{}", table_of(&rows, &reference));
    let bars = bars(&rows, &reference);
    if let Some(path) = &options.json {
        let content = serde_json::json!({ "documents": rows, "bars": bars });
        std::fs::write(path, serde_json::to_string_pretty(&content)? + "\n")?;
    }
    Ok(report::print_bars(&bars))
}

fn score(corpus: &Corpus, document: &Document, output: &Output) -> anyhow::Result<Row> {
    let has_table_truth = document.truth.iter().any(|truth| truth.kind == TruthKind::TablesHtml);
    let mut row = Row { id: document.id.clone(), has_table_truth, ..Row::default() };
    let Some(actual) = output.text(&document.id) else {
        row.missing = true;
        return Ok(row);
    };
    if let Some(truth) = corpus.text_truth(document)? {
        row.rates = rates::rates(&truth, &actual);
        row.spurious_characters = row.rates.is_none().then(|| text::normalise(&actual).chars().count());
    }
    if let Some(markdown) = corpus.truth(document, TruthKind::MarkdownSource)? {
        let found = output.markdown(&document.id).unwrap_or_default();
        row.nid = Some(reading_order(&markdown, &found));
        row.mhs = Some(sections::similarity(&markdown, &found));
    }
    score_records(corpus, document, output, &mut row)?;
    Ok(row)
}

fn score_records(corpus: &Corpus, document: &Document, output: &Output, row: &mut Row) -> anyhow::Result<()> {
    let Some(records) = output.records(&document.id)? else { return Ok(()) };
    let html = corpus.truth(document, TruthKind::TablesHtml)?;
    let html = html.or(corpus.truth(document, TruthKind::MarkdownSource)?);
    let tables = html.map(|html| table::from_html(&html)).filter(|tables| !tables.is_empty());
    row.tables = tables.map(|truth| table::score(&truth, &output::tables(&records)));
    if let Some(outline) = corpus.truth(document, TruthKind::Headings)? {
        let outline: Vec<Heading> = serde_json::from_str(&outline)?;
        row.headings = Some(headings::score(&outline, &output::headings(&records)));
    }
    Ok(())
}

fn reading_order(truth: &str, markdown: &str) -> f64 {
    let [truth, found] = [truth, markdown].map(|markdown| text::normalise(&text::of_markdown(markdown)));
    rates::similarity(&truth, &found)
}

fn table_of(rows: &[Row], reference: &Reference) -> String {
    let header = [
        "document",
        "CER",
        "joined",
        "WER",
        "Tesseract",
        "RapidOCR",
        "TEDS",
        "tables",
        "NID",
        "MHS",
        "headings F1",
        "note",
    ];
    report::markdown_table(&header, &rows.iter().map(|row| cells(row, reference)).collect::<Vec<_>>())
}

fn cells(row: &Row, reference: &Reference) -> Vec<String> {
    let peers = reference.documents.get(&row.id);
    let note = match row {
        Row { missing: true, .. } => "missing".into(),
        Row { spurious_characters: Some(count), .. } => format!("empty truth, {count} characters"),
        _ => String::new(),
    };
    vec![
        row.id.clone(),
        figure(row.rates.map(|rates| rates.cer)),
        figure(row.rates.map(|rates| rates.cer_dehyphenated)),
        figure(row.rates.map(|rates| rates.wer)),
        figure(peers.map(|peers| peers.tesseract.cer)),
        figure(peers.map(|peers| peers.rapidocr.cer)),
        figure(row.tables.map(|tables| tables.teds)),
        row.tables.map_or_else(|| "–".into(), |tables| format!("{}/{}", tables.found, tables.expected)),
        figure(row.nid),
        figure(row.mhs),
        figure(row.headings.map(|headings| headings.f1)),
        note,
    ]
}

/// How much worse than RapidOCR a document may be: its networks are the same, rounding is not.
const OVER_RAPIDOCR: f64 = 1.05;
/// Most of the mean character error rate over the twelve.
const MEAN_CER: f64 = 0.10;
/// Least mean similarity of tables over the documents with table truth.
const MEAN_TEDS: f64 = 0.70;

fn bars(rows: &[Row], reference: &Reference) -> Vec<Bar> {
    let mut bars: Vec<Bar> = rows.iter().filter_map(|row| beside_rapidocr(row, reference)).collect();
    let twelve = rows.iter().filter(|row| reference.twelve.contains(&row.id));
    let rates: Vec<f64> = twelve.map(character_error_rate).collect();
    if !rates.is_empty() {
        bars.push(Bar::at_most(
            format!("mean CER of {} scanned documents", rates.len()),
            mean(&rates),
            MEAN_CER,
        ));
    }
    let tables = rows.iter().filter(|row| row.has_table_truth);
    let teds: Vec<f64> = tables.map(|row| row.tables.map_or(0.0, |tables| tables.teds)).collect();
    if !teds.is_empty() {
        bars.push(Bar::at_least(format!("mean TEDS of {} documents", teds.len()), mean(&teds), MEAN_TEDS));
    }
    bars
}

/// A bar for every scanned document whose truth is complete.
fn beside_rapidocr(row: &Row, reference: &Reference) -> Option<Bar> {
    let peers = reference.documents.get(&row.id)?;
    let full = matches!(peers.truth, TruthKind::PlainText | TruthKind::TextLayer);
    let limit = peers.rapidocr.cer * OVER_RAPIDOCR;
    full.then(|| Bar::at_most(format!("{} CER vs RapidOCR", row.id), character_error_rate(row), limit))
}

/// Not a number, which no bar holds for, when there is no output.
fn character_error_rate(row: &Row) -> f64 {
    row.rates.map_or(f64::NAN, |rates| rates.cer)
}

//! The figures of one document, and the table of all of them.

use crate::{
    corpus::{Corpus, Document, TruthKind},
    output::{self, Output},
    peers::Reference,
    report::{self, figure},
    score::{
        headings::{self, Heading},
        rates, sections, table, text,
    },
};

use super::history::Figures;

/// Figures of one document.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) id: String,
    /// What it has truth for.
    pub(super) figures: Figures,
    /// Tables in the output and in the truth.
    pub(super) tables: Option<(usize, usize)>,
    /// Largest error rate of a page against the first one, where all pages show the same text.
    pub(super) turned: Option<f64>,
    /// The bar on tables is about it.
    pub(super) has_table_truth: bool,
    /// The bars on headings and reading order are about it.
    pub(super) has_markdown_truth: bool,
    /// It is written with ideographs.
    pub(super) chinese: bool,
    pub(super) missing: bool,
}

/// Scores what quire wrote in its own choice of mode.
pub(super) fn score(corpus: &Corpus, document: &Document, output: &Output) -> anyhow::Result<Row> {
    let has = |kind| document.truth.iter().any(|truth| truth.kind == kind);
    let mut row = Row {
        id: document.id.clone(),
        has_table_truth: has(TruthKind::TablesHtml),
        has_markdown_truth: has(TruthKind::MarkdownSource),
        chinese: document.has_tag("chinese"),
        ..Row::default()
    };
    let Some(actual) = output.text(&document.id) else {
        row.missing = true;
        return Ok(row);
    };
    if let Some(truth) = corpus.text_truth(document)? {
        let rates = rates::rates(&truth, &actual);
        row.figures.cer = rates.map(|rates| rates.cer);
        row.figures.cer_dehyphenated = rates.map(|rates| rates.cer_dehyphenated);
        row.figures.wer = rates.map(|rates| rates.wer);
        row.figures.spurious = rates.is_none().then(|| text::normalise(&actual).chars().count() as f64);
    }
    if document.has_tag("rotation") && document.has_tag("multi-page") {
        row.turned = Some(difference_of_pages(&actual));
    }
    if let Some(markdown) = corpus.truth(document, TruthKind::MarkdownSource)? {
        let found = output.markdown(&document.id).unwrap_or_default();
        row.figures.nid = Some(reading_order(&markdown, &found));
        row.figures.mhs = Some(sections::similarity(&markdown, &found));
    }
    score_records(corpus, document, output, &mut row)?;
    Ok(row)
}

fn score_records(corpus: &Corpus, document: &Document, output: &Output, row: &mut Row) -> anyhow::Result<()> {
    let Some(records) = output.records(&document.id)? else { return Ok(()) };
    let html = corpus.truth(document, TruthKind::TablesHtml)?;
    let html = html.or(corpus.truth(document, TruthKind::MarkdownSource)?);
    let tables = html.map(|html| table::from_html(&html)).filter(|tables| !tables.is_empty());
    if let Some(truth) = tables {
        let score = table::score(&truth, &output::tables(&records));
        row.figures.teds = Some(score.teds);
        row.tables = Some((score.found, score.expected));
    }
    if let Some(outline) = corpus.truth(document, TruthKind::Headings)? {
        let outline: Vec<Heading> = serde_json::from_str(&outline)?;
        row.figures.headings = Some(headings::score(&outline, &output::headings(&records)).f1);
    }
    Ok(())
}

fn reading_order(truth: &str, markdown: &str) -> f64 {
    let [truth, found] = [truth, markdown].map(|markdown| text::normalise(&text::of_markdown(markdown)));
    rates::similarity(&truth, &found)
}

fn difference_of_pages(text: &str) -> f64 {
    let mut pages = text.split('\u{c}');
    let first = pages.next().unwrap_or_default();
    let rates = pages.map(|page| rates::rates(first, page).map_or(f64::NAN, |rates| rates.cer));
    rates.fold(0.0, |worst, rate| if rate.is_nan() { rate } else { worst.max(rate) })
}

/// All rows, for people.
pub(super) fn table_of(rows: &[Row], reference: &Reference) -> String {
    let header = [
        "document",
        "CER",
        "joined",
        "WER",
        "Tesseract",
        "RapidOCR",
        "forced",
        "f. NID",
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
    let figures = &row.figures;
    let note = match row {
        Row { missing: true, .. } => "missing".into(),
        Row { figures: Figures { spurious: Some(count), .. }, .. } => {
            format!("empty truth, {count} characters")
        }
        _ => String::new(),
    };
    vec![
        row.id.clone(),
        figure(figures.cer),
        figure(figures.cer_dehyphenated),
        figure(figures.wer),
        figure(peers.map(|peers| peers.tesseract.cer)),
        figure(peers.map(|peers| peers.rapidocr.cer)),
        figure(figures.forced_cer),
        figure(figures.forced_nid),
        figure(figures.teds),
        row.tables.map_or_else(|| "–".into(), |(found, expected)| format!("{found}/{expected}")),
        figure(figures.nid),
        figure(figures.mhs),
        figure(figures.headings),
        note,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_show_the_same_are_as_different_as_the_worst_of_them() {
        assert_eq!(difference_of_pages("abcd\u{c}abcd\u{c}abXd"), 0.25);
        assert_eq!(difference_of_pages("abcd"), 0.0);
        assert!(difference_of_pages("\u{c}abcd\u{c}abcd").is_nan());
    }
}

//! What is promised about accuracy.

use crate::{
    corpus::TruthKind,
    peers::Reference,
    report::{Bar, mean},
};

use super::rows::Row;

/// Most of the mean character error rate over the twelve scanned documents.
const MEAN_CER: f64 = 0.03;
/// How far the turned pages of one document may be from each other.
const TURNED: f64 = 0.01;
/// Most errors of a page that is read, against its own text layer.
const FORCED: f64 = 0.02;
/// The same for Chinese.
const FORCED_CHINESE: f64 = 0.03;
/// Least mean similarity of tables over the documents with table truth.
const MEAN_TEDS: f64 = 0.88;
/// Least similarity of headings and sections.
const MHS: f64 = 0.80;
/// Least similarity of the text in its order.
const NID: f64 = 0.93;
/// The figures of the peers are recorded to six places.
const ROUNDING: f64 = 1e-6;

/// The bars that the rows have something to say about.
pub(super) fn bars(rows: &[Row], reference: &Reference) -> Vec<Bar> {
    let mut bars: Vec<Bar> = rows.iter().filter_map(|row| beside_peers(row, reference)).collect();
    let twelve = rows.iter().filter(|row| reference.twelve.contains(&row.id));
    let rates: Vec<f64> = twelve.map(|row| or_nan(row.figures.cer)).collect();
    if !rates.is_empty() {
        let name = format!("mean CER of {} scanned documents", rates.len());
        bars.push(Bar::at_most(name, mean(&rates), MEAN_CER));
    }
    let tables = rows.iter().filter(|row| row.has_table_truth);
    let teds: Vec<f64> = tables.map(|row| row.figures.teds.unwrap_or(0.0)).collect();
    if !teds.is_empty() {
        bars.push(Bar::at_least(format!("mean TEDS of {} documents", teds.len()), mean(&teds), MEAN_TEDS));
    }
    bars.extend(means(rows));
    bars.extend(rows.iter().flat_map(of_row));
    bars
}

/// Over all documents of a kind what each is held to as well.
fn means(rows: &[Row]) -> Vec<Bar> {
    let forced = |chinese: bool| -> Vec<f64> {
        rows.iter().filter(|row| row.chinese == chinese).filter_map(|row| row.figures.forced_cer).collect()
    };
    let headed: Vec<&Row> = rows.iter().filter(|row| row.has_markdown_truth).collect();
    let of =
        |figure: fn(&Row) -> Option<f64>| headed.iter().map(|row| or_nan(figure(row))).collect::<Vec<_>>();
    let read = |figures: &[f64]| format!("mean of {} documents read vs their text layers", figures.len());
    let mut bars = Vec::new();
    for (figures, most) in [(forced(false), FORCED), (forced(true), FORCED_CHINESE)] {
        bars.extend((!figures.is_empty()).then(|| Bar::at_most(read(&figures), mean(&figures), most)));
    }
    for (name, figures, least) in
        [("NID", of(|row| row.figures.nid), NID), ("MHS", of(|row| row.figures.mhs), MHS)]
    {
        let bar =
            || Bar::at_least(format!("mean {name} of {} documents", figures.len()), mean(&figures), least);
        bars.extend((!figures.is_empty()).then(bar));
    }
    bars
}

/// A bar for every scanned document whose truth is complete: the better of the two peers.
fn beside_peers(row: &Row, reference: &Reference) -> Option<Bar> {
    let peers = reference.documents.get(&row.id)?;
    let full = matches!(peers.truth, TruthKind::PlainText | TruthKind::TextLayer);
    let limit = peers.rapidocr.cer.min(peers.tesseract.cer) + ROUNDING;
    full.then(|| Bar::at_most(format!("{} CER vs the better peer", row.id), or_nan(row.figures.cer), limit))
}

fn of_row(row: &Row) -> Vec<Bar> {
    let mut bars = Vec::new();
    let id = &row.id;
    if let Some(turned) = row.turned {
        bars.push(Bar::at_most(format!("{id} orientations apart"), turned, TURNED));
    }
    if let Some(forced) = row.figures.forced_cer {
        let limit = if row.chinese { FORCED_CHINESE } else { FORCED };
        bars.push(Bar::at_most(format!("{id} read vs its text layer"), forced, limit));
    }
    if row.has_markdown_truth {
        bars.push(Bar::at_least(format!("{id} NID"), or_nan(row.figures.nid), NID));
        bars.push(Bar::at_least(format!("{id} MHS"), or_nan(row.figures.mhs), MHS));
    }
    bars
}

/// Not a number, which no bar holds for, when there is no output.
fn or_nan(figure: Option<f64>) -> f64 {
    figure.unwrap_or(f64::NAN)
}

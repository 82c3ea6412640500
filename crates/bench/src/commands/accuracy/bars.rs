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
    bars.extend(means(rows, reference));
    bars.extend(rows.iter().flat_map(of_row));
    bars
}

/// What documents of a kind are held to together.
fn means(rows: &[Row], reference: &Reference) -> Vec<Bar> {
    let of = |kind: &dyn Fn(&Row) -> bool, figure: fn(&Row) -> f64| -> Vec<f64> {
        rows.iter().filter(|row| kind(row)).map(figure).collect()
    };
    let forced = |chinese| {
        of(&|row| row.chinese == chinese && row.figures.forced_cer.is_some(), |row| {
            or_nan(row.figures.forced_cer)
        })
    };
    let twelve = of(&|row| reference.twelve.contains(&row.id), |row| or_nan(row.figures.cer));
    let tables = of(&|row| row.has_table_truth, |row| row.figures.teds.unwrap_or(0.0));
    let order = of(&|row| row.has_markdown_truth, |row| or_nan(row.figures.nid));
    let headings = of(&|row| row.has_markdown_truth, |row| or_nan(row.figures.mhs));
    let most = |what: &str, figures: Vec<f64>, limit| mean_bar(what, &figures, limit, Bar::at_most);
    let least = |what: &str, figures: Vec<f64>, limit| mean_bar(what, &figures, limit, Bar::at_least);
    let bars = [
        most("CER of # scanned documents", twelve, MEAN_CER),
        least("TEDS of # documents", tables, MEAN_TEDS),
        most("of # documents read vs their text layers", forced(false), FORCED),
        most("of # documents read vs their text layers", forced(true), FORCED_CHINESE),
        least("NID of # documents", order, NID),
        least("MHS of # documents", headings, MHS),
    ];
    bars.into_iter().flatten().collect()
}

/// A bar for the mean of `figures`, whose number takes the place of `#` in its name; none without any.
fn mean_bar(what: &str, figures: &[f64], limit: f64, bar: fn(String, f64, f64) -> Bar) -> Option<Bar> {
    let name = format!("mean {}", what.replace('#', &figures.len().to_string()));
    (!figures.is_empty()).then(|| bar(name, mean(figures), limit))
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

//! Figures of a run in a small file, and what got worse since.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::report::{Bar, Side};

use super::rows::Row;

/// The figures of a document; what it has no truth for is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Figures {
    /// Character error rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cer: Option<f64>,
    /// The same after joining words broken at line ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cer_dehyphenated: Option<f64>,
    /// Character error rate of its pages as pictures against their own text layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) forced_cer: Option<f64>,
    /// Similarity of the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) forced_nid: Option<f64>,
    /// How well the outline was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) headings: Option<f64>,
    /// Similarity of headings and sections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mhs: Option<f64>,
    /// Similarity of the plain text: reading order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nid: Option<f64>,
    /// Characters written for a document that has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) spurious: Option<f64>,
    /// Similarity of tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) teds: Option<f64>,
    /// Word error rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wer: Option<f64>,
}

/// How much worse an error rate may be: networks compute in 32 or 16 bits, as the machine has it, and a letter
/// more or less is no regression.
const RATE: f64 = 0.003;
/// How much less similar something may be.
const SIMILARITY: f64 = 0.01;

impl Figures {
    /// Each figure with its name, the good side, and how much worse it may get. A word error rate moves with the character error rate.
    fn compared(&self) -> [(&'static str, Option<f64>, Side, f64); 7] {
        [
            ("CER", self.cer, Side::AtMost, RATE),
            ("forced CER", self.forced_cer, Side::AtMost, RATE),
            ("spurious characters", self.spurious, Side::AtMost, 0.0),
            ("TEDS", self.teds, Side::AtLeast, SIMILARITY),
            ("NID", self.nid, Side::AtLeast, SIMILARITY),
            ("MHS", self.mhs, Side::AtLeast, SIMILARITY),
            ("headings", self.headings, Side::AtLeast, SIMILARITY),
        ]
    }

    fn rounded(mut self) -> Self {
        for figure in [
            &mut self.cer,
            &mut self.cer_dehyphenated,
            &mut self.forced_cer,
            &mut self.forced_nid,
            &mut self.headings,
            &mut self.mhs,
            &mut self.nid,
            &mut self.teds,
            &mut self.wer,
        ] {
            *figure = figure.map(|value| (value * 1e4).round() / 1e4);
        }
        self
    }
}

/// The figures of all documents of a run.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Run {
    documents: BTreeMap<String, Figures>,
}

impl Run {
    /// What rows say.
    pub(super) fn of(rows: &[Row]) -> Self {
        Self { documents: rows.iter().map(|row| (row.id.clone(), row.figures.rounded())).collect() }
    }

    /// Keeps it in a file.
    pub(super) fn write(&self, file: &Path) -> anyhow::Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let content = serde_json::to_string_pretty(self)? + "\n";
        fs::write(file, content).with_context(|| format!("write {}", file.display()))
    }

    /// A bar for each document that is worse than before in something, and one that none is.
    ///
    /// A figure that is gone is worse. Documents that only one of the two runs has are not compared.
    pub(super) fn against(&self, earlier: &Self) -> Vec<Bar> {
        let both = self.documents.iter().filter_map(|(id, now)| Some((id, now, earlier.documents.get(id)?)));
        let mut compared = 0.0;
        let mut bars = Vec::new();
        for (id, now, then) in both {
            compared += 1.0;
            for ((name, now, side, tolerance), (_, then, ..)) in
                now.compared().into_iter().zip(then.compared())
            {
                let Some(then) = then else { continue };
                let (name, now) = (format!("{id} {name} as before"), now.unwrap_or(f64::NAN));
                bars.push(match side {
                    Side::AtMost => Bar::at_most(name, now, then + tolerance),
                    Side::AtLeast => Bar::at_least(name, now, then - tolerance),
                });
            }
        }
        bars.retain(|bar| !bar.holds());
        bars.push(Bar::at_least("documents compared with the earlier run", compared, 1.0));
        bars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(figures: Figures) -> Run {
        Run { documents: BTreeMap::from([("linn".to_owned(), figures)]) }
    }

    fn worse(now: Figures, then: Figures) -> Vec<String> {
        let bars = run(now).against(&run(then));
        bars.into_iter().filter(|bar| !bar.holds()).map(|bar| bar.name).collect()
    }

    #[test]
    fn a_document_may_change_within_the_tolerance() {
        let then = Figures { cer: Some(0.01), teds: Some(0.9), ..Figures::default() };
        let now = Figures { cer: Some(0.0125), teds: Some(0.895), ..Figures::default() };

        assert_eq!(worse(now, then), [""; 0]);
    }

    #[test]
    fn what_got_worse_is_named_and_so_is_what_is_gone() {
        let then = Figures { cer: Some(0.01), teds: Some(0.9), nid: Some(0.9), ..Figures::default() };
        let now = Figures { cer: Some(0.014), nid: Some(0.88), ..Figures::default() };

        assert_eq!(worse(now, then), ["linn CER as before", "linn TEDS as before", "linn NID as before"]);
    }

    #[test]
    fn runs_without_a_document_in_common_say_nothing_and_do_not_pass() {
        let other = Run { documents: BTreeMap::new() };

        let bars = run(Figures::default()).against(&other);

        assert!(bars.iter().any(|bar| !bar.holds()));
    }

    #[test]
    fn figures_outlive_a_file() {
        let written = run(Figures { cer: Some(0.0123), ..Figures::default() });
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("runs/first.json");

        written.write(&file).unwrap();

        assert_eq!(crate::corpus::read_json::<Run>(&file).unwrap(), written);
    }
}

//! What the confidence of a recognised word is worth: of the words with that confidence, how many are right.

use std::path::Path;

use quire_models::manifest::Platt;
use quire_proto::record::{Block, BlockKind, PageRecord, Word};

use crate::{
    corpus::{Corpus, Document, TruthKind},
    output::Output,
    report::{self, Bar, figure},
    score::{platt, text, words},
};

use super::forced;

/// Words above this confidence …
const SURE: f64 = 0.95;
/// … must be right at least this often.
const RIGHT: f64 = 0.98;
/// Lower edges of the rows of the table.
const BINS: [f64; 9] = [0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99];

/// A recognised word: how sure of it the recogniser was, and whether the truth has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Judged {
    pub(super) confidence: f64,
    pub(super) right: bool,
}

/// Recognised words of the corpus, by where their truth comes from.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Against a transcription.
    scanned: Vec<Judged>,
    /// Of born-digital pages that are read as pictures, against their own text layer.
    forced: Vec<Judged>,
}

impl Words {
    /// Those of all documents whose outputs are below `root`.
    pub(super) fn of(corpus: &Corpus, documents: &[&Document], root: &Path) -> anyhow::Result<Self> {
        let mut words = Self::default();
        documents.iter().try_for_each(|document| words.add(corpus, document, root))?;
        Ok(words)
    }

    fn add(&mut self, corpus: &Corpus, document: &Document, root: &Path) -> anyhow::Result<()> {
        let full = |kind: &TruthKind| matches!(kind, TruthKind::PlainText | TruthKind::TextLayer);
        let is_scan = document.has_tag("ocr") || document.has_tag("image");
        if is_scan
            && document.truth.iter().any(|truth| full(&truth.kind))
            && let (Some(truth), Some(records)) =
                (corpus.text_truth(document)?, Output::new(root).records(&document.id)?)
        {
            let blocks: Vec<&Block> = records.iter().flat_map(|record| &record.blocks).collect();
            self.scanned.extend(judge(&truth, &blocks));
        }
        if let Some((truth, records)) = forced::words(root, document)? {
            self.forced.extend(judge(&truth, &outside_figures(&records)));
        }
        Ok(())
    }

    /// For people: how many words are right among those of about the same confidence.
    pub(super) fn table(&self) -> String {
        let header = [
            "confidence",
            "scanned words",
            "right",
            "mean confidence",
            "forced words",
            "right",
            "mean confidence",
        ];
        let rows = BINS.iter().enumerate().map(|(at, from)| {
            let to = BINS.get(at + 1).copied().unwrap_or(f64::INFINITY);
            let inside = |word: &&Judged| (*from..to).contains(&word.confidence);
            let mut cells = vec![format!("from {from:.2}")];
            for words in [&self.scanned, &self.forced] {
                let words: Vec<Judged> = words.iter().filter(inside).copied().collect();
                let mean = words.iter().map(|word| word.confidence).sum::<f64>() / words.len() as f64;
                cells.push(words.len().to_string());
                cells.push(figure(share_right(&words)));
                cells.push(figure((!words.is_empty()).then_some(mean)));
            }
            cells
        });
        report::markdown_table(&header, &rows.collect::<Vec<_>>())
    }

    /// What the manifest must say, instead of `now`, for the confidence to be the share of words that are right.
    pub(super) fn fitted(&self, now: Option<Platt>) -> Option<Platt> {
        let odds = |word: &Judged| (f64::from(Platt::log_odds(word.confidence as f32)), word.right);
        let words: Vec<(f64, bool)> = self.scanned.iter().chain(&self.forced).map(odds).collect();
        let (scale, shift) = platt::fit(&words)?;
        // The confidences have gone through the present scaling already, and a line of a line is a line.
        let Platt { scale: before, shift: begin } = now.unwrap_or(Platt { scale: 1.0, shift: 0.0 });
        let (scale, shift) = (scale as f32, shift as f32);
        Some(Platt { scale: scale * before, shift: scale * begin + shift })
    }

    /// Words that the recogniser is sure of are right.
    pub(super) fn bars(&self) -> Vec<Bar> {
        let named = [("scanned", &self.scanned), ("forced", &self.forced)];
        let bars = named.into_iter().filter_map(|(name, words)| {
            let sure: Vec<Judged> = words.iter().filter(|word| word.confidence >= SURE).copied().collect();
            let name = format!("right among {} {name} words of confidence {SURE}", sure.len());
            Some(Bar::at_least(name, share_right(&sure)?, RIGHT))
        });
        bars.collect()
    }
}

fn share_right(words: &[Judged]) -> Option<f64> {
    let right = words.iter().filter(|word| word.right).count();
    (!words.is_empty()).then(|| right as f64 / words.len() as f64)
}

fn outside_figures(records: &[PageRecord]) -> Vec<&Block> {
    let blocks = records.iter().flat_map(|record| &record.blocks);
    blocks.filter(|block| block.kind != BlockKind::Figure).collect()
}

/// Each recognised word of `blocks` with letters or digits in it.
///
/// Words of a text layer are compared too, so that those around them find their place. A word is right when all
/// its parts are: ideographs are words of their own to the comparison.
fn judge(truth: &str, blocks: &[&Block]) -> Vec<Judged> {
    let words: Vec<&Word> =
        blocks.iter().flat_map(|block| block.all_lines()).flat_map(|line| &line.words).collect();
    let folded: Vec<String> =
        words.iter().map(|word| text::normalise(&forced::without_leaders(&word.text))).collect();
    let parts: Vec<Vec<&str>> = folded.iter().map(|word| text::words(word)).collect();
    let truth = text::normalise(truth);
    let mut right = words::right(&text::words(&truth), &parts.concat()).into_iter();
    let judged = words.iter().zip(&parts).map(|(word, parts)| {
        let own: Vec<bool> = right.by_ref().take(parts.len()).collect();
        Some(Judged { confidence: word.confidence?.into(), right: own.into_iter().all(|right| right) })
    });
    let judged: Vec<Option<Judged>> = judged.collect();
    let spoken = folded.iter().map(|word| word.contains(char::is_alphanumeric));
    judged.into_iter().zip(spoken).filter_map(|(judged, spoken)| judged.filter(|_| spoken)).collect()
}

#[cfg(test)]
mod tests {
    use quire_proto::{Rect, record::Line};

    use super::*;

    fn word(text: &str, confidence: f32) -> Word {
        Word { text: text.into(), rect: Rect::default(), confidence: Some(confidence), ..Word::default() }
    }

    fn block(words: Vec<Word>) -> Block {
        let lines = vec![Line { words, ..Line::default() }];
        Block { lines, ..Block::new(BlockKind::Paragraph, Rect::default()) }
    }

    #[test]
    fn words_of_letters_are_judged_and_ideographs_one_by_one() {
        let text = vec![
            word("The", 0.9),
            word("qulck", 0.4),
            Word { confidence: None, ..word("layer", 0.0) },
            word("维护", 0.8),
            word("软牛", 0.7),
            word("…", 0.1),
        ];

        let judged = judge("the quick layer 维护软件", &[&block(text)]);

        let right: Vec<bool> = judged.iter().map(|word| word.right).collect();
        assert_eq!(right, [false, false, true, false], "upper case counts: {judged:?}");
    }

    #[test]
    fn what_is_fitted_goes_on_from_the_present_scaling() {
        let words = |scale: f32| {
            let words = (1..=60).flat_map(|step| {
                let confidence = Platt { scale, shift: 0.0 }.apply(step as f32 / 61.0);
                (0..100).map(move |at| Judged { confidence: confidence.into(), right: at * 61 < step * 100 })
            });
            Words { scanned: words.collect(), forced: Vec::new() }
        };

        let fresh = words(1.0).fitted(None).unwrap();
        let again = words(0.5).fitted(Some(Platt { scale: 0.5, shift: 0.0 })).unwrap();

        assert!((fresh.scale - again.scale).abs() < 1e-3 && (fresh.shift - again.shift).abs() < 1e-3);
    }

    #[test]
    fn sure_words_must_be_right() {
        let judged = |right| Judged { confidence: 0.96, right };
        let bars = |words| Words { scanned: words, forced: Vec::new() }.bars();

        assert!(bars(vec![judged(true); 50])[0].holds());
        assert!(!bars([vec![judged(true); 24], vec![judged(false)]].concat())[0].holds());
        assert!(bars(Vec::new()).is_empty());
    }
}

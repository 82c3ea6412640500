//! `quire-bench text-layer`: does the text that pdfium finds survive, in its order?

use std::path::{Path, PathBuf};

use crate::{
    corpus::{Corpus, Document},
    output::{self, Output},
    peers::Peers,
    quire::{Mode, Quire},
    report::{self, Bar},
    score::{rates, text},
};

/// Least share of pdfium's characters that must be there in the right order.
const KEPT: f64 = 0.98;

/// Options of `quire-bench text-layer`.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    quire: Quire,
    #[command(flatten)]
    peers: Peers,
    /// The corpus.
    #[arg(long, env = "QUIRE_CORPUS", default_value = "../shared/corpus")]
    corpus: PathBuf,
    /// Documents to compare, as a glob over their ids.
    #[arg(long, default_value = "*")]
    only: String,
    /// Where the outputs go, and pdfium's texts, which are made once.
    #[arg(long, default_value = "target/bench/text-layer")]
    out: PathBuf,
    /// Score the outputs of this directory instead of running quire.
    #[arg(long, value_name = "DIR")]
    score: Option<PathBuf>,
}

/// Runs the command; whether all bars hold.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let corpus = Corpus::open(&options.corpus, &options.only)?;
    let documents: Vec<&Document> =
        corpus.documents.iter().filter(|document| has_text_layer(document)).collect();
    if options.score.is_none() {
        options.quire.convert_corpus(&corpus, &documents, Mode::Auto, &options.out)?;
    }
    let output = Output::new(options.score.as_ref().unwrap_or(&options.out));
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for document in documents {
        let source = comparable(&pdfium_text(options, &corpus, document)?);
        let truth = corpus.text_truth(document)?.map(|truth| comparable(&truth));
        let text = comparable(&output.text(&document.id).unwrap_or_default());
        let cells: Vec<String> =
            output::cell_lines(&output.records(&document.id)?.unwrap_or_default()).map(comparable).collect();
        let survival = Survival::of(&source, truth.as_deref(), &text, &cells);
        rows.push(survival.row(&document.id, source.chars().count()));
        bars.push(Bar::at_least(format!("{} kept", document.id), survival.kept(), KEPT));
    }
    let header = ["document", "characters", "present", "in pdfium's order", "in the truth's order"];
    print!("{}", report::markdown_table(&header, &rows));
    Ok(report::print_bars(&bars))
}

/// What is left of a text.
struct Survival {
    /// Share of pdfium's characters that are there, in any order.
    present: f64,
    /// Share that is there in pdfium's order: the order in which the file draws.
    drawn: f64,
    /// Share of the truth's characters that is there in the truth's order, if there is one.
    read: Option<f64>,
}

impl Survival {
    fn of(source: &str, truth: Option<&str>, actual: &str, cells: &[String]) -> Self {
        let kept = |expected: &str| kept(expected, actual, cells);
        Self { present: rates::present(source, actual), drawn: kept(source), read: truth.map(kept) }
    }

    /// Nothing is lost, and the order is right: the one in which the file draws, or where a reader goes another way, the truth's.
    fn kept(&self) -> f64 {
        self.present.min(self.drawn.max(self.read.unwrap_or(0.0)))
    }

    fn row(&self, id: &str, characters: usize) -> Vec<String> {
        let figures = [Some(self.present), Some(self.drawn), self.read].map(report::figure);
        [id.to_string(), characters.to_string()].into_iter().chain(figures).collect()
    }
}

/// Share of `expected` that `actual` has in the same order, the lines of table cells (`cells`) in any order.
///
/// A table may be read by rows or by columns, and neither is wrong: a line of a cell that stands in both texts is
/// kept wherever it stands, and order counts among the rest. Long lines come first, so that a short one is not
/// found in the middle of a long one.
fn kept(expected: &str, actual: &str, cells: &[String]) -> f64 {
    let total = expected.chars().count();
    if total == 0 {
        return 1.0;
    }
    let mut lines: Vec<&str> = cells.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.len()));
    let (mut expected, mut actual) = (expected.to_owned(), actual.to_owned());
    for line in lines {
        if let (Some(there), Some(here)) = (expected.find(line), actual.find(line)) {
            expected.replace_range(there..there + line.len(), "");
            actual.replace_range(here..here + line.len(), "");
        }
    }
    let left = expected.chars().count();
    ((total - left) as f64 + rates::kept(&expected, &actual) * left as f64) / total as f64
}

/// Text PDFs: everything but images, image-only PDFs, mixed files, empty pages, and files that cannot be whole.
fn has_text_layer(document: &Document) -> bool {
    let without = ["image", "image-only", "mixed", "empty", "huge-mediabox", "truncated"];
    !without.iter().any(|tag| document.has_tag(tag))
}

fn pdfium_text(options: &Options, corpus: &Corpus, document: &Document) -> anyhow::Result<String> {
    let folder = options.out.join("pdfium");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{}.txt", document.id));
    if !file.is_file() {
        options.peers.pdfium_text(&corpus.path(document), &file, document.password.as_deref())?;
    }
    read(&file)
}

fn read(file: &Path) -> anyhow::Result<String> {
    Ok(String::from_utf8_lossy(&std::fs::read(file)?).into_owned())
}

/// White space, line-end hyphens and pdfium's marks for them are layout, not text.
fn comparable(raw: &str) -> String {
    let hyphens = raw.replace(['\u{2}', '\u{fffe}'], "-");
    let text = text::normalise(&text::join_hyphenated(&hyphens));
    text.chars().filter(|c| !text::is_space(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_order_is_right_when_it_is_the_truths_and_nothing_is_lost() {
        assert_eq!(Survival::of("abcdefgh", Some("efghabcd"), "efghabcd", &[]).kept(), 1.0);
        assert_eq!(Survival::of("abcdefgh", Some("efgh"), "efgh", &[]).kept(), 0.5);
        assert_eq!(Survival::of("abcdefgh", None, "efghabcd", &[]).kept(), 0.5);
    }

    #[test]
    fn cells_are_kept_in_any_order_and_only_when_they_are_there() {
        let cells = ["abcd".to_owned(), "efgh".to_owned()];

        assert_eq!(kept("abcdefghxy", "efghabcdxy", &cells), 1.0);
        assert_eq!(kept("abcdefghxy", "efghxy", &cells), 0.6);
        assert_eq!(kept("abcdefghxy", "efghabcdyx", &cells), 0.9);
    }

    #[test]
    fn a_word_joined_over_a_line_end_equals_pdfiums_marked_one() {
        assert_eq!(comparable("over\u{fffe}\nlap and\nmore"), comparable("overlap and more"));
    }
}

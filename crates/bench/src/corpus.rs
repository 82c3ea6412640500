//! The developer corpus: its documents and their truth.

use std::path::{Path, PathBuf};

use anyhow::Context;
use regex::Regex;
use serde::Deserialize;

use crate::score::text;

/// A corpus on disk.
#[derive(Debug)]
pub struct Corpus {
    root: PathBuf,
    /// Its documents, in the order of the manifest.
    pub documents: Vec<Document>,
}

/// One document.
#[derive(Clone, Debug, Deserialize)]
pub struct Document {
    /// Its name; outputs are named after it.
    pub id: String,
    /// Path within the corpus.
    pub file: PathBuf,
    /// Number of pages.
    pub pages: u32,
    /// What it is an example of.
    pub tags: Vec<String>,
    /// What is known about its content.
    pub truth: Vec<Truth>,
    /// Password that opens it.
    #[serde(default)]
    pub password: Option<String>,
}

/// A truth file.
#[derive(Clone, Debug, Deserialize)]
pub struct Truth {
    /// Path within the corpus.
    pub file: PathBuf,
    /// What it holds.
    pub kind: TruthKind,
}

/// What a truth file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TruthKind {
    /// A transcription.
    PlainText,
    /// The text layer, read by another program.
    TextLayer,
    /// Markdown of the body text only.
    MarkdownPartial,
    /// Markdown from another edition of the same source.
    MarkdownSource,
    /// All tables, as HTML.
    TablesHtml,
    /// The outline.
    Headings,
    /// Kinds that are not scored.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Manifest {
    documents: Vec<Document>,
}

impl Corpus {
    /// Opens a corpus and keeps the documents whose id matches a glob (`*`, `?`), or one of several with commas between them.
    pub fn open(root: &Path, only: &str) -> anyhow::Result<Self> {
        let manifest: Manifest = read_json(&root.join("manifest.json"))?;
        let only = glob(only)?;
        let documents = manifest.documents.into_iter().filter(|d| only.is_match(&d.id)).collect();
        Ok(Self { root: root.to_path_buf(), documents })
    }

    /// A document by its id.
    pub fn document(&self, id: &str) -> anyhow::Result<&Document> {
        self.documents.iter().find(|d| d.id == id).with_context(|| format!("find {id} in the corpus"))
    }

    /// Where a document is.
    pub fn path(&self, document: &Document) -> PathBuf {
        self.root.join(&document.file)
    }

    /// The content of a document's truth of one kind, if there is one.
    pub fn truth(&self, document: &Document, kind: TruthKind) -> anyhow::Result<Option<String>> {
        let Some(truth) = document.truth.iter().find(|truth| truth.kind == kind) else { return Ok(None) };
        let path = self.root.join(&truth.file);
        let content = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        Ok(Some(content))
    }

    /// The text of a document, by the same choice as `score.py`: a transcription or text layer, else Markdown.
    pub fn text_truth(&self, document: &Document) -> anyhow::Result<Option<String>> {
        let plain = |truth: &&Truth| matches!(truth.kind, TruthKind::PlainText | TruthKind::TextLayer);
        if let Some(truth) = document.truth.iter().find(plain) {
            return self.truth(document, truth.kind);
        }
        for kind in [TruthKind::MarkdownPartial, TruthKind::MarkdownSource] {
            if let Some(markdown) = self.truth(document, kind)? {
                return Ok(Some(text::plain(&markdown)));
            }
        }
        Ok(None)
    }

    /// The folder of odd and hostile files.
    pub fn robustness(&self) -> PathBuf {
        self.root.join("robustness")
    }
}

impl Document {
    /// Whether it is an example of something.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|have| have == tag)
    }
}

/// Reads a JSON file.
pub fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let content = std::fs::read(path).with_context(|| format!("read {}", path.display()))?;
    serde_json::from_slice(&content).with_context(|| format!("parse {}", path.display()))
}

fn glob(patterns: &str) -> anyhow::Result<Regex> {
    let escaped = regex::escape(patterns).replace(r"\*", ".*").replace(r"\?", ".").replace(',', "|");
    Ok(Regex::new(&format!("^(?:{escaped})$"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_matches_the_whole_id() {
        let only = glob("table-*-00?").unwrap();

        assert!(only.is_match("table-eu-003"));
        assert!(!only.is_match("table-eu-013"));
        assert!(!only.is_match("a-table-eu-003"));
    }

    #[test]
    fn one_of_several_globs_is_enough() {
        let only = glob("wiki-*,francais").unwrap();

        assert!(only.is_match("wiki-edgar") && only.is_match("francais"));
        assert!(!only.is_match("francais-2"));
    }

    #[test]
    fn unknown_kinds_of_truth_are_read_and_not_scored() {
        let kind: TruthKind = serde_json::from_str("\"page-xml\"").unwrap();

        assert_eq!(kind, TruthKind::Other);
    }
}

//! The worst documents as pages to look at: what quire saw beside how its text differs from the truth.
//!
//! `<id>.html` stands alone but for the pictures of its pages, which `quire convert --debug-images` drew into
//! `<id>/pages` below.

use std::{ffi::OsStr, fmt::Write, fs, path::Path};

use anyhow::Context;
use html_escape::encode_text;

use crate::{
    corpus::{Corpus, Document, TruthKind},
    output::{self, Output},
    quire::{Mode, Quire},
    score::{
        edits::{self, Edit},
        table::{self, Node},
        text,
        tree::Tree,
    },
};

use super::{forced, rows::Row};

/// A document worth a look, and whether it was its pages as pictures that went wrong.
pub(super) struct Bad {
    id: String,
    forced: bool,
}

/// The worst documents, worst first.
pub(super) fn worst(rows: &[Row], count: usize) -> Vec<Bad> {
    let mut bad: Vec<(f64, Bad)> = rows.iter().map(judged).filter(|(how, _)| *how > 0.0).collect();
    bad.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    bad.into_iter().take(count).map(|(_, bad)| bad).collect()
}

/// The largest of all distances from perfect.
fn judged(row: &Row) -> (f64, Bad) {
    let figures = &row.figures;
    let lacks = |similarity: Option<f64>| 1.0 - similarity.unwrap_or(1.0);
    let forced = figures.forced_cer.unwrap_or(0.0);
    let others = [figures.cer.unwrap_or(0.0), lacks(figures.teds), lacks(figures.nid), lacks(figures.mhs)];
    let other = others.into_iter().fold(0.0, f64::max);
    (forced.max(other), Bad { id: row.id.clone(), forced: forced > other })
}

/// Draws documents; `root` holds the outputs.
pub(super) fn draw(
    quire: &Quire,
    corpus: &Corpus,
    documents: &[Bad],
    root: &Path,
    folder: &Path,
) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    for bad in documents {
        let document = corpus.document(&bad.id)?;
        let own = folder.join(&bad.id);
        let mode = if bad.forced { Mode::Force } else { Mode::Auto };
        let pages = own.join("pages");
        let mut arguments = vec![OsStr::new("--debug-images"), pages.as_os_str()];
        arguments.extend(["--pages", forced::PAGES, "--mode", mode.name()].map(OsStr::new));
        quire.convert_with(corpus, &[document], &arguments, &own)?;
        let html = page(corpus, document, bad, root, &own)?;
        fs::write(folder.join(format!("{}.html", bad.id)), html)?;
        println!("drew {}", folder.join(format!("{}.html", bad.id)).display());
    }
    Ok(())
}

const STYLE: &str = "body{display:flex;gap:2em;font:14px/1.5 sans-serif;margin:1em}\
    .pages{flex:0 0 45%}.pages img{width:100%;border:1px solid #ccc}\
    ins{background:#cfc}del{background:#fcc}td{border:1px solid #999;padding:0 .3em}hr{border-top:3px dotted #99c}";

fn page(corpus: &Corpus, document: &Document, bad: &Bad, root: &Path, own: &Path) -> anyhow::Result<String> {
    let texts = if bad.forced {
        forced::texts(root, &bad.id)?
    } else {
        corpus.text_truth(document)?.zip(Output::new(root).text(&bad.id))
    };
    let (truth, actual) = texts.unwrap_or_default();
    let mut html = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>{id}</title><style>{STYLE}</style><div class=\"pages\">",
        id = bad.id
    );
    for picture in pictures(own)? {
        write!(html, "<img src=\"{}/pages/{picture}\" alt=\"{picture}\">", bad.id)?;
    }
    write!(
        html,
        "</div><div><h1>{}</h1><p><del>only in the truth</del> <ins>only in the output</ins></p><p>{}</p>",
        bad.id,
        difference(&truth, &actual)
    )?;
    if let Some(truth) = corpus.truth(document, TruthKind::TablesHtml)? {
        let records = Output::new(root).records(&bad.id)?.unwrap_or_default();
        write!(html, "<h2>Tables of the truth</h2>{}", tables(&table::from_html(&truth)))?;
        write!(html, "<h2>Tables of the output</h2>{}", tables(&output::tables(&records)))?;
    }
    Ok(html + "</div>\n")
}

/// Pictures of a document, as paths below its folder of pages.
fn pictures(own: &Path) -> anyhow::Result<Vec<String>> {
    let mut pictures = Vec::new();
    for document in fs::read_dir(own.join("pages")).context("find the pictures that quire drew")? {
        let document = document?;
        for page in fs::read_dir(document.path())? {
            let [document, page] = [document.file_name(), page?.file_name()];
            pictures.push(format!("{}/{}", document.to_string_lossy(), page.to_string_lossy()));
        }
    }
    pictures.sort();
    Ok(pictures)
}

/// A word that stands for the end of a page.
const PAGE_END: &str = "\u{c}";

fn difference(truth: &str, actual: &str) -> String {
    let truth = text::normalise(truth);
    let pages: Vec<String> = actual.split(PAGE_END).map(text::normalise).collect();
    let truth: Vec<&str> = text::words(&truth);
    let mut actual: Vec<&str> = Vec::new();
    for page in &pages {
        actual.extend(text::words(page));
        actual.push(PAGE_END);
    }
    actual.pop();
    edits::words(&truth, &actual).iter().map(marked).collect()
}

fn marked(edit: &Edit<'_>) -> String {
    match edit {
        Edit::Extra(PAGE_END) => "<hr>".into(),
        Edit::Same(word) => format!("{} ", encode_text(word)),
        Edit::Missing(word) => format!("<del>{}</del> ", encode_text(word)),
        Edit::Extra(word) => format!("<ins>{}</ins> ", encode_text(word)),
    }
}

fn tables(tables: &[Tree<Node>]) -> String {
    tables.iter().map(html_of).collect()
}

fn html_of(tree: &Tree<Node>) -> String {
    let inner: String = tree.children.iter().map(html_of).collect();
    match &tree.label {
        Node::Table => format!("<table>{inner}</table><br>"),
        Node::Row => format!("<tr>{inner}</tr>"),
        Node::Cell { rows, columns, text } => {
            format!("<td rowspan=\"{rows}\" colspan=\"{columns}\">{}</td>", encode_text(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::accuracy::history::Figures;

    fn row(id: &str, figures: Figures) -> Row {
        Row { id: id.into(), figures, ..Row::default() }
    }

    #[test]
    fn the_worst_come_first_and_perfect_ones_not_at_all() {
        let rows = [
            row("perfect", Figures { cer: Some(0.0), teds: Some(1.0), ..Figures::default() }),
            row("read", Figures { cer: Some(0.1), forced_cer: Some(0.2), ..Figures::default() }),
            row("tables", Figures { cer: Some(0.0), teds: Some(0.5), ..Figures::default() }),
        ];

        let worst: Vec<_> = worst(&rows, 5).into_iter().map(|bad| (bad.id, bad.forced)).collect();

        assert_eq!(worst, [("tables".to_owned(), false), ("read".to_owned(), true)]);
    }

    #[test]
    fn differences_are_marked_and_markup_in_a_text_is_not_markup() {
        let html = difference("a <b> c", "a x c\u{c}d");

        assert_eq!(html, "a <del>&lt;b&gt;</del> <ins>x</ins> c <hr><ins>d</ins> ");
    }
}

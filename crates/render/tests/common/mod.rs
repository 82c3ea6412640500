//! What the render tests share: where things are, and small documents of our own.

#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test file uses its part of it")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs::File,
    io::{Seek, SeekFrom, Write},
    num::NonZeroUsize,
    path::PathBuf,
};

use quire_proto::PageNumber;
use quire_render::{PageError, RenderConfig, RenderOptions, RenderPool, RenderedPage, SourceFile};

/// The pdfium library among the assets; `None`, and a line that says so, when it is not there.
pub fn pdfium() -> Option<PathBuf> {
    let cache = || {
        let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or(home).map(|cache| cache.join("quire"))
    };
    let assets = std::env::var_os("QUIRE__ASSETS__DIR").map(PathBuf::from).or_else(cache)?;
    let library = assets.join("native/pdfium-8149/libpdfium.so");
    if library.exists() {
        return Some(library);
    }
    eprintln!("skipped: no {}; run `quire setup`", library.display());
    None
}

/// A folder of the corpus; `None`, and a line that says so, when it is not there.
pub fn corpus(folder: &str) -> Option<PathBuf> {
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let folder = std::env::var_os("QUIRE_CORPUS").map_or(default, PathBuf::from).join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no {}", folder.display());
    None
}

pub fn config(pdfium: PathBuf, children: usize) -> RenderConfig {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_quire-render"));
    let children = NonZeroUsize::new(children).unwrap();
    RenderConfig { children, ..RenderConfig::new(pdfium, program) }
}

/// One child that misbehaves in this way.
pub fn misbehaving(pdfium: PathBuf, how: &str) -> RenderConfig {
    let child_arguments = vec!["--misbehave".into(), how.into()];
    RenderConfig { child_arguments, ..config(pdfium, 1) }
}

pub async fn render(pool: &RenderPool, source: &SourceFile, page: u32) -> Result<RenderedPage, PageError> {
    pool.render(source, PageNumber::new(page).unwrap(), RenderOptions::default()).await
}

/// A file with these bytes, gone when it is closed.
pub fn file(bytes: &[u8]) -> SourceFile {
    let mut file: File = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    SourceFile::new(file, None)
}

/// A PDF with one page for each content stream; `page_entries` go into every page dictionary.
pub fn pdf(contents: &[&str], page_entries: &str) -> Vec<u8> {
    pdf_with(contents, page_entries, "")
}

/// A PDF as [`pdf`] makes it, with more entries in its catalog.
pub fn pdf_with(contents: &[&str], page_entries: &str, catalog_entries: &str) -> Vec<u8> {
    let kids: Vec<_> = (0..contents.len()).map(|index| format!("{} 0 R", 4 + 2 * index)).collect();
    let mut objects = vec![
        format!("<</Type/Catalog/Pages 2 0 R{catalog_entries}>>"),
        format!("<</Type/Pages/Count {}/Kids[{}]>>", contents.len(), kids.join(" ")),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold>>".to_owned(),
    ];
    for (index, content) in contents.iter().enumerate() {
        let stream = 5 + 2 * index;
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/Resources<</Font<</F 3 0 R>>>>/Contents {stream} 0 R{page_entries}>>"
        ));
        objects.push(format!("<</Length {}>>stream\n{content}\nendstream", content.len()));
    }
    let mut bytes = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    let start = bytes.len();
    bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        bytes.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    bytes.extend(
        format!("trailer<</Root 1 0 R/Size {}>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1).bytes(),
    );
    bytes
}

/// Three pages, each with a line of text and a ruling under it.
pub fn three_pages() -> SourceFile {
    let page = "BT /F 24 Tf 72 700 Td (Hello page) Tj ET 72 690 m 300 690 l S";
    file(&pdf(&[page, page, page], "/MediaBox[0 0 612 792]"))
}

/// The text of a page.
pub fn text(page: &RenderedPage) -> String {
    page.text.chars.iter().map(|char| char.unicode).collect()
}

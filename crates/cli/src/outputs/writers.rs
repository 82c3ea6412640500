//! The files of one document, one page in memory at a time.

use std::{io, path::Path};

use quire_export::{JsonWriter, MarkdownOptions, MarkdownWriter, TextWriter};
use quire_proto::{DocumentId, record::PageRecord};

use super::{OutputFolder, Part, PartError};
use crate::args::Format;

/// A writer for each format asked for.
pub(crate) struct Writers {
    markdown: Option<MarkdownWriter<Part>>,
    text: Option<TextWriter<Part>>,
    json: Option<JsonWriter<Part>>,
}

impl Writers {
    /// Begins the files of `document` at `stem`; `source` is the name of the document's own file.
    pub(crate) fn open(
        folder: &OutputFolder,
        formats: &[Format],
        stem: &Path,
        document: DocumentId,
        source: &str,
    ) -> Result<Self, PartError> {
        let part = |format| -> Result<Option<Part>, PartError> {
            formats.contains(&format).then(|| Part::create(folder.file(stem, format))).transpose()
        };
        let assets = folder.assets(stem);
        let assets = assets.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let options = MarkdownOptions { assets, ..MarkdownOptions::default() };
        Ok(Self {
            markdown: part(Format::Md)?.map(|part| MarkdownWriter::new(part, options)),
            text: part(Format::Txt)?.map(TextWriter::new),
            json: part(Format::Json)?.map(|part| json_writer(part, document, source)).transpose()?,
        })
    }

    /// Writes one page.
    pub(crate) fn page(&mut self, page: &PageRecord) -> io::Result<()> {
        if let Some(markdown) = &mut self.markdown {
            markdown.page(page)?;
        }
        if let Some(text) = &mut self.text {
            text.page(page)?;
        }
        if let Some(json) = &mut self.json {
            json.page(page)?;
        }
        Ok(())
    }

    /// Ends the files.
    pub(crate) fn finish(self) -> io::Result<Vec<Part>> {
        let Self { markdown, text, json } = self;
        let files = [
            markdown.map(MarkdownWriter::finish),
            text.map(TextWriter::finish),
            json.map(JsonWriter::finish),
        ];
        files.into_iter().flatten().collect()
    }
}

fn json_writer(part: Part, document: DocumentId, source: &str) -> Result<JsonWriter<Part>, PartError> {
    let target = part.target().to_owned();
    JsonWriter::new(part, document, source).map_err(|source| PartError { path: target, source })
}

/// Names of the pictures that a page shows.
pub(crate) fn figure_names(page: &PageRecord) -> impl Iterator<Item = &str> {
    page.blocks.iter().filter_map(|block| block.figure.as_ref()?.asset.as_deref())
}

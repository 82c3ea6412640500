//! One document's records to its files, one page in memory at a time.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Context;
use quire_document::outline::{Outline, OutlineBuilder};
use quire_export::{JsonWriter, MarkdownOptions, MarkdownWriter, TextWriter};
use quire_proto::{DocumentId, ObjectKey, manifest::ManifestDocument, record::PageRecord};

use super::run::Session;
use crate::{
    args::Format,
    embedded::Embedded,
    inputs::Input,
    outputs::{Part, PartError},
    progress::PageProblem,
};

/// What was written for a document.
pub(super) struct Exported {
    /// The files, figures left out.
    pub(super) outputs: Vec<PathBuf>,
    /// Pages that failed.
    pub(super) failures: Vec<PageProblem>,
}

/// Writes the results of `document` for `input`: two passes over its records, the first for what only
/// the whole document tells.
pub(super) async fn export(
    session: &Session<'_>,
    embedded: &Embedded,
    document: &ManifestDocument,
    input: &Input,
) -> anyhow::Result<Exported> {
    let (outline, failures) = survey(embedded, document).await?;
    let mut writers = Writers::open(session, document.document, input)?;
    let mut parts = Vec::new();
    let mut pages = embedded.coordinator.pages(document);
    while let Some(mut page) = pages.next().await? {
        parts.extend(figures(session, embedded, &page, input).await?);
        outline.apply(&mut page);
        writers.page(&page)?;
    }
    let files = writers.finish()?;
    let outputs = files.iter().map(|part| part.target().to_owned()).collect();
    parts.extend(files);
    session.folder.publish(&input.stem, document.document, parts)?;
    Ok(Exported { outputs, failures })
}

/// The first pass.
async fn survey(
    embedded: &Embedded,
    document: &ManifestDocument,
) -> anyhow::Result<(Outline, Vec<PageProblem>)> {
    let (mut outline, mut failures) = (OutlineBuilder::default(), Vec::new());
    let mut pages = embedded.coordinator.pages(document);
    while let Some(page) = pages.next().await? {
        outline.add(&page);
        failures.extend(page.failure.as_ref().map(|failure| PageProblem {
            page: page.page,
            class: failure.class.name(),
            message: failure.message.clone(),
        }));
    }
    Ok((outline.finish(), failures))
}

/// Copies the pictures of a page out of the store.
async fn figures(
    session: &Session<'_>,
    embedded: &Embedded,
    page: &PageRecord,
    input: &Input,
) -> anyhow::Result<Vec<Part>> {
    let mut parts = Vec::new();
    if !session.arguments.formats.contains(&Format::Md) {
        return Ok(parts);
    }
    for name in page.blocks.iter().filter_map(|block| block.figure.as_ref()?.asset.as_deref()) {
        let key = ObjectKey::asset(&embedded.tenant, page.document, embedded.profile.id(), name);
        let picture = embedded.store.get(&key).await.with_context(|| format!("read picture {name}"))?;
        let mut part = Part::create(session.folder.assets(&input.stem).join(name))?;
        part.write_all(&picture).map_err(|source| part.error(source))?;
        parts.push(part);
    }
    Ok(parts)
}

/// A writer for each format asked for.
struct Writers {
    markdown: Option<MarkdownWriter<Part>>,
    text: Option<TextWriter<Part>>,
    json: Option<JsonWriter<Part>>,
}

impl Writers {
    fn open(session: &Session<'_>, document: DocumentId, input: &Input) -> anyhow::Result<Self> {
        let part = |format| -> Result<Option<Part>, PartError> {
            let wanted = session.arguments.formats.contains(&format);
            wanted.then(|| Part::create(session.folder.file(&input.stem, format))).transpose()
        };
        let assets = session.folder.assets(&input.stem);
        let assets = assets.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let source = input.path.file_name().unwrap_or_default().to_string_lossy();
        let options = MarkdownOptions { assets, ..MarkdownOptions::default() };
        Ok(Self {
            markdown: part(Format::Md)?.map(|part| MarkdownWriter::new(part, options)),
            text: part(Format::Txt)?.map(TextWriter::new),
            json: part(Format::Json)?.map(|part| JsonWriter::new(part, document, &source)).transpose()?,
        })
    }

    fn page(&mut self, page: &PageRecord) -> io::Result<()> {
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

    fn finish(self) -> io::Result<Vec<Part>> {
        let Self { markdown, text, json } = self;
        let files = [
            markdown.map(MarkdownWriter::finish),
            text.map(TextWriter::finish),
            json.map(JsonWriter::finish),
        ];
        files.into_iter().flatten().collect()
    }
}

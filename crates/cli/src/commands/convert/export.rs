//! One document's records to its files, one page in memory at a time.

use std::{io::Write, path::PathBuf};

use anyhow::Context;
use quire_document::outline::{Outline, OutlineBuilder};
use quire_proto::{ObjectKey, manifest::ManifestDocument, record::PageRecord};

use super::run::Session;
use crate::{
    args::Format,
    embedded::Embedded,
    inputs::Input,
    outputs::{Part, Writers, figure_names},
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
    let (mut outline, failures) = survey(embedded, document).await?;
    let source = input.path.file_name().unwrap_or_default().to_string_lossy();
    let formats = &session.arguments.formats;
    let mut writers = Writers::open(&session.folder, formats, &input.stem, document.document, &source)?;
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
        failures.extend(PageProblem::of(&page));
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
    for name in figure_names(page) {
        let key = ObjectKey::asset(&embedded.tenant, page.document, embedded.profile.id(), name);
        let picture = embedded.store.get(&key).await.with_context(|| format!("read picture {name}"))?;
        let mut part = Part::create(session.folder.assets(&input.stem).join(name))?;
        part.write_all(&picture).map_err(|source| part.error(source))?;
        parts.push(part);
    }
    Ok(parts)
}

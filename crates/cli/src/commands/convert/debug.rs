//! Pictures of what was found: each page with its blocks, lines, words and reading order.

use std::path::Path;

use anyhow::Context;
use quire_proto::{manifest::ManifestDocument, record::PageRecord};
use quire_render::{RenderOptions, SourceFile};

use super::run::Session;
use crate::{debug_images, embedded::Embedded, inputs::Input};

/// Draws the pages of `document` into `folder`, as `<stem>/p00001.png`.
pub(super) async fn draw(
    session: &Session<'_>,
    embedded: &Embedded,
    document: &ManifestDocument,
    input: &Input,
    folder: &Path,
) -> anyhow::Result<()> {
    let source = SourceFile::open(&input.path, session.password.clone())
        .with_context(|| format!("open {}", input.path.display()))?;
    let folder = folder.join(&input.stem);
    std::fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let options = RenderOptions { dpi: f32::from(session.config.convert.dpi) };
    let mut pages = embedded.coordinator.pages(document);
    while let Some(record) = pages.next().await? {
        // A page without a picture has a record that says why.
        let Ok(page) = embedded.render.render(&source, record.page, options).await else { continue };
        save(&record, &page.raster, &folder)?;
    }
    Ok(())
}

fn save(record: &PageRecord, page: &quire_raster::Raster, folder: &Path) -> anyhow::Result<()> {
    let path = folder.join(format!("p{:05}.png", record.page.get()));
    debug_images::save(&debug_images::draw(record, page), &path)
        .with_context(|| format!("write {}", path.display()))
}

//! What was seen on a page, and the steps that need all of it: regions, tables, assembling.

use std::sync::Arc;

use futures_util::future::try_join_all;
use quire_document::{FoundTable, PageEvidence, assemble, bullets::with_bullets, tables, text_layer, turned};
use quire_models::{layout, table};
use quire_proto::{
    Rect, Region, RegionKind, Rotation,
    page_text::PageText,
    record::{Block, Line, PageMode, PageSize},
    table::TableStructure,
};
use quire_raster::Raster;
use quire_render::RenderedPage;

use super::{
    FigureFile, PageStop, PageTask, figures,
    reader::PageReader,
    upright::{turned_size, turned_text},
};

/// A page turned so that its text stands upright.
#[derive(Clone)]
pub(super) struct Upright {
    pub(super) raster: Raster,
    pub(super) size: PageSize,
    pub(super) text: PageText,
    /// The clockwise turn that made it so.
    pub(super) rotation: Rotation,
}

impl Upright {
    /// The page before anyone has looked at it.
    pub(super) fn as_is(page: RenderedPage) -> Self {
        Self { raster: page.raster, size: page.size, text: page.text, rotation: Rotation::None }
    }

    fn turned(self, rotation: Rotation) -> Self {
        Self {
            raster: self.raster.rotated(rotation),
            size: turned_size(self.size, rotation),
            text: turned_text(self.text, rotation, self.size),
            rotation,
        }
    }
}

/// What was seen on an upright page.
pub(super) struct Seen {
    pub(super) page: Upright,
    pub(super) regions: Vec<Region>,
    pub(super) lines: Vec<Line>,
}

impl PageReader {
    /// Turns a page that nobody has turned yet.
    pub(super) async fn turn(&self, page: Upright, rotation: Rotation) -> Result<Upright, PageStop> {
        if rotation == Rotation::None {
            return Ok(page);
        }
        Ok(self.cpu().run("turn", move || page.turned(rotation)).await?)
    }

    /// The lines of the text layer.
    pub(super) async fn text_lines(&self, page: &Upright) -> Result<Vec<Line>, PageStop> {
        let (text, dpi) = (page.text.clone(), page.size.dpi);
        Ok(self.cpu().run("text layer", move || text_layer::lines(&text, dpi)).await?)
    }

    /// The regions of the layout model; none without one.
    pub(super) async fn regions(&self, page: &Raster) -> Result<Vec<Region>, PageStop> {
        let Some(layout) = self.engine().layout().await? else { return Ok(Vec::new()) };
        let params = Arc::clone(&layout.params);
        let input = {
            let (page, params) = (page.clone(), Arc::clone(&params));
            self.cpu().run("layout preprocess", move || layout::preprocess(&page, &params)).await??
        };
        let raw = layout.look(input).await?;
        let (width, height) = (page.width(), page.height());
        Ok(self.cpu().run("layout decode", move || layout::decode(&raw, &params, width, height)).await?)
    }

    /// The tables, those included that the layout model missed, and whether one stays text because nothing there could
    /// be told apart.
    pub(super) async fn tables(&self, seen: &Seen) -> Result<(Vec<FoundTable>, bool), PageStop> {
        let known =
            seen.regions.iter().filter(|region| region.kind == RegionKind::Table).map(|region| region.rect);
        let missed = tables::find(&seen.lines, &seen.page.text.rulings, &seen.regions, &self.params().tables);
        let areas: Vec<Rect> = known.chain(missed).collect();
        let found = try_join_all(areas.iter().map(|rect| self.table(seen, *rect))).await?;
        let has_words = |area: &Rect| seen.lines.iter().any(|line| area.contains(line.rect.center()));
        let as_text = areas.iter().zip(&found).any(|(area, table)| table.is_none() && has_words(area));
        Ok((found.into_iter().flatten().collect(), as_text))
    }

    async fn table(&self, seen: &Seen, rect: Rect) -> Result<Option<FoundTable>, PageStop> {
        let network = self.network_structure(&seen.page.raster, rect).await?;
        let (rulings, params) = (&seen.page.text.rulings, &self.params().tables);
        let structure = tables::structure(&rect, rulings, &seen.lines, network.as_ref(), params);
        Ok(structure.map(|structure| FoundTable { rect, structure }))
    }

    /// What the table network says about the picture in `rect`.
    async fn network_structure(&self, page: &Raster, rect: Rect) -> Result<Option<TableStructure>, PageStop> {
        let Some(network) = self.engine().table().await? else { return Ok(None) };
        let (page, params) = (page.clone(), network.params);
        let prepare = move || page.crop(&rect).map(|crop| table::preprocess(&crop, &params)).transpose();
        let Some(input) = self.cpu().run("table preprocess", prepare).await?? else { return Ok(None) };
        let steps = network.read(input).await?;
        Ok(Some(table::decode(&steps, &network.vocabulary, &rect, &network.params)))
    }

    /// Puts the page together and cuts its pictures out. Boxes are those of the page as it came.
    pub(super) async fn assemble(
        &self,
        task: &PageTask,
        mode: PageMode,
        seen: Seen,
        tables: Vec<FoundTable>,
    ) -> Result<(Vec<Block>, Vec<FigureFile>), PageStop> {
        let (params, bullets) = (self.params().assemble, self.params().bullets);
        let (number, cut) = (task.page, task.options.figures);
        let (raster, size, rotation) = (seen.page.raster.clone(), seen.page.size, seen.page.rotation);
        let work = move || {
            let Seen { page: Upright { raster, size, text, .. }, regions, lines } = seen;
            let PageText { images, rulings, .. } = text;
            let lines = match mode {
                PageMode::Ocr => with_bullets(&raster, lines, &bullets),
                _ => lines,
            };
            let evidence = PageEvidence { size, mode, lines, regions, tables, rulings, images };
            let mut blocks = assemble(evidence, &params);
            let figures = if cut { figures::cut(&raster, number, &mut blocks) } else { Vec::new() };
            (blocks, figures)
        };
        let (blocks, figures) = self.cpu().run("assemble", work).await?;
        let blocks = self.formulas(&raster, blocks).await?;
        Ok((turned(blocks, rotation, size.width_px as f32, size.height_px as f32), figures))
    }
}

//! What was seen on a page, and the steps that need all of it: regions, tables, assembling.

use std::sync::Arc;

use futures_util::future::try_join_all;
use quire_document::{FoundTable, PageEvidence, assemble, bullets::with_bullets, moved, tables, text_layer};
use quire_models::{layout, table};
use quire_proto::{
    Rect, Region, RegionKind, Rotation,
    page_text::PageText,
    record::{Block, Line, PageMode},
    table::TableStructure,
};
use quire_raster::Raster;

use super::{FigureFile, PageStop, PageTask, figures, reader::PageReader, upright::Upright};

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

    /// Makes a page level whose lines lean by `skew` degrees.
    pub(super) async fn level(&self, page: &Upright, skew: Option<f32>) -> Result<Upright, PageStop> {
        let page = page.clone();
        let Some(skew) = skew else { return Ok(page) };
        Ok(self.cpu().run("level", move || page.leveled(skew)).await?)
    }

    /// A page, or the two of a spread that has a `gutter`.
    pub(super) async fn pages(&self, page: Upright, gutter: Option<f32>) -> Result<Vec<Upright>, PageStop> {
        let Some(at) = gutter else { return Ok(vec![page]) };
        Ok(self.cpu().run("divide", move || page.halves(at).into()).await?)
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

    /// Puts the page together, or the pages of a spread one after the other, and cuts the pictures out. Boxes are those
    /// of the page as it came.
    pub(super) async fn assemble(
        &self,
        task: &PageTask,
        mode: PageMode,
        pages: impl Iterator<Item = (Seen, Vec<FoundTable>)> + Send,
    ) -> Result<(Vec<Block>, Vec<FigureFile>), PageStop> {
        let (mut blocks, mut figures) = (Vec::new(), Vec::new());
        for (seen, tables) in pages {
            let (more, pictures) = self.assemble_one(task, mode, seen, tables, blocks.len()).await?;
            blocks.extend(more);
            figures.extend(pictures);
        }
        Ok((blocks, figures))
    }

    /// Puts one page together, whose blocks are numbered after `before` others.
    async fn assemble_one(
        &self,
        task: &PageTask,
        mode: PageMode,
        seen: Seen,
        tables: Vec<FoundTable>,
        before: usize,
    ) -> Result<(Vec<Block>, Vec<FigureFile>), PageStop> {
        let (params, bullets) = (self.params().assemble, self.params().bullets);
        let (number, cut) = (task.page, task.options.figures);
        let (raster, back, came) = (seen.page.raster.clone(), seen.page.back, seen.page.came);
        let work = move || {
            let Seen { page: Upright { raster, size, text, .. }, regions, lines } = seen;
            let PageText { images, rulings, .. } = text;
            let lines = match mode {
                PageMode::Ocr => with_bullets(&raster, lines, &bullets),
                _ => lines,
            };
            let evidence = PageEvidence { size, mode, lines, regions, tables, rulings, images };
            let mut blocks = assemble(evidence, &params);
            number_after(before, &mut blocks);
            let figures = if cut { figures::cut(&raster, number, &mut blocks) } else { Vec::new() };
            (blocks, figures)
        };
        let (blocks, figures) = self.cpu().run("assemble", work).await?;
        let blocks = self.formulas(&raster, blocks).await?;
        Ok((moved(blocks, &back, came.width_px as f32, came.height_px as f32), figures))
    }
}

/// Numbers blocks on from `before`.
fn number_after(before: usize, blocks: &mut [Block]) {
    let before = u32::try_from(before).unwrap_or(u32::MAX);
    let on = |id: u32| id.saturating_add(before);
    for block in blocks {
        block.id = on(block.id);
        block.caption_of = block.caption_of.map(on);
        let words = block.all_lines_mut().flat_map(|line| &mut line.words);
        words.for_each(|word| word.note = word.note.map(on));
    }
}

#[cfg(test)]
mod tests {
    use quire_document::AssembleParams;

    use super::*;

    #[test]
    fn the_second_page_of_a_spread_is_numbered_on() {
        let size = quire_proto::record::PageSize {
            width_pt: 600.0,
            height_pt: 800.0,
            width_px: 600,
            height_px: 800,
            dpi: 72.0,
        };
        let line =
            Line { text: "Text".into(), rect: Rect::new(80.0, 200.0, 500.0, 212.0), ..Line::default() };
        let evidence = PageEvidence {
            size,
            mode: PageMode::Ocr,
            lines: vec![line],
            regions: Vec::new(),
            tables: Vec::new(),
            rulings: Vec::new(),
            images: Vec::new(),
        };
        let mut blocks = assemble(evidence, &AssembleParams::default());
        blocks[0].caption_of = Some(2);
        blocks[0].lines[0].words.push(quire_proto::record::Word { note: Some(3), ..Default::default() });

        number_after(7, &mut blocks);

        assert_eq!((blocks[0].id, blocks[0].caption_of), (8, Some(9)));
        assert_eq!(blocks[0].lines[0].words[0].note, Some(10));
    }
}

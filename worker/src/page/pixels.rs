//! Reading a page from its image: find the lines, set it upright, divide a spread, make it level, read.

use std::sync::Arc;

use quire_document::{rulings, spread, triage::Border};
use quire_models::{
    detect::DetectedLine,
    orient::{self, SkewParams},
};
use quire_proto::{Quad, Rect, Region, Rotation};
use quire_render::RenderedPage;

use super::{PageStop, reader::PageReader, seen::Seen, upright::Upright};
use crate::{
    engine::TextReader,
    schedule::{Stage, Turn},
};

impl PageReader {
    /// Recognises a page, or the two of a spread. Its text layer, if any, is not believed and falls away.
    pub(super) async fn read_pixels(
        &self,
        rendered: RenderedPage,
        border: Option<Arc<Border>>,
        split: bool,
        turn: &mut Turn,
    ) -> Result<Vec<Seen>, PageStop> {
        turn.reach(Stage::Look).await;
        let page = Upright { text: Default::default(), border, ..Upright::as_is(rendered) };
        let Some(reader) = self.engine().reader().await? else {
            let regions = self.regions(&page.raster).await?;
            return Ok(vec![Seen { page, regions, lines: Vec::new() }]);
        };
        let (mut regions, mut found) = self.look(reader, &page, turn).await?;
        let rotation = self.rotation(reader, &page.raster, &found).await?;
        let page = self.turn(page, rotation).await?;
        // Both networks were trained on upright pages, so they look again.
        if rotation != Rotation::None {
            (regions, found) = self.look(reader, &page, turn).await?;
        }
        match if split { gutter(&page, &found) } else { None } {
            None => Ok(vec![self.read_upright(reader, page, regions, found, turn).await?]),
            Some(gutter) => self.read_spread(reader, page, gutter, turn).await,
        }
    }

    /// Reads one page of a spread after the other. Each is looked at on its own, where print is larger.
    async fn read_spread(
        &self,
        reader: &TextReader,
        spread: Upright,
        gutter: f32,
        turn: &mut Turn,
    ) -> Result<Vec<Seen>, PageStop> {
        let mut seen = Vec::new();
        for page in self.pages(spread, Some(gutter)).await? {
            let page = self.without_fold(page).await?;
            let (regions, found) = self.look(reader, &page, turn).await?;
            seen.push(self.read_upright(reader, page, regions, found, turn).await?);
        }
        Ok(seen)
    }

    /// Regions and lines of a page.
    async fn look(
        &self,
        reader: &TextReader,
        page: &Upright,
        turn: &Turn,
    ) -> Result<(Vec<Region>, Vec<DetectedLine>), PageStop> {
        let (regions, mut found) =
            turn.both(self.regions(&page.raster), self.find_lines(reader, &page.raster)).await?;
        found.retain(|line| !page.is_scrap(&line.quad));
        Ok((regions, found))
    }

    /// Reads a page that stands upright.
    ///
    /// Both networks see leaning pages as well as level ones, so what they saw is moved onto the level page; lines are cut
    /// out as they lie. Tables, pictures and reading order work on the level page.
    async fn read_upright(
        &self,
        reader: &TextReader,
        page: Upright,
        mut regions: Vec<Region>,
        found: Vec<DetectedLine>,
        turn: &mut Turn,
    ) -> Result<Seen, PageStop> {
        let drawn = self.drawn_lines(&page).await?;
        let quads: Vec<Quad> = found.iter().map(|line| line.quad).collect();
        let mut level = self.level(&page, skew(&quads, &drawn, &self.params().skew)).await?;
        let drawn = if level.skew.is_none() { drawn } else { self.drawn_lines(&level).await? };
        let onto = page.onto(&level);
        let text: Vec<Rect> = quads.iter().map(|quad| onto.quad(quad).bounds()).collect();
        level.text.rulings = rulings::level(&drawn, &text);
        regions.iter_mut().for_each(|region| region.rect = onto.carried(&region.rect));
        turn.reach(Stage::Recognize).await;
        let lines = self.read_lines(reader, &page.raster, found, &onto).await?;
        Ok(Seen { page: level, regions, lines })
    }

    /// The lines that are drawn on a page.
    async fn drawn_lines(&self, page: &Upright) -> Result<Vec<Quad>, PageStop> {
        let (raster, dpi, params) = (page.raster.clone(), page.size.dpi, self.params().rulings);
        Ok(self.cpu().run("rulings", move || rulings::find(&raster, dpi, &params)).await?)
    }

    /// The page of an open book without the shadow of the fold at its edge.
    async fn without_fold(&self, page: Upright) -> Result<Upright, PageStop> {
        let work = move || match Border::find(&page.raster) {
            Some(border) => Upright { raster: border.erased(&page.raster), ..page },
            None => page,
        };
        Ok(self.cpu().run("fold", work).await?)
    }
}

/// By how many degrees a page leans: what its lines of text and the horizontal ones of those `drawn` on it say.
fn skew(text: &[Quad], drawn: &[Quad], params: &SkewParams) -> Option<f32> {
    let across = drawn.iter().filter(|line| line.bounds().width() > line.bounds().height());
    let all: Vec<Quad> = text.iter().chain(across).copied().collect();
    orient::page_skew(&all, params)
}

/// Where the gutter of a spread is, by the lines that were found on it. What is taller than wide is the fold itself.
fn gutter(page: &Upright, found: &[DetectedLine]) -> Option<f32> {
    let mut boxes: Vec<Rect> = found.iter().map(|line| line.quad.bounds()).collect();
    boxes.retain(|rect| rect.width() > rect.height());
    spread::gutter(&boxes, page.size.width_px as f32, page.size.height_px as f32)
}

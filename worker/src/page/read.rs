//! The order of the steps: the sequential algorithm, once for every page in flight.

use std::time::Instant;

use quire_document::{spread, text_layer};
use quire_proto::{Motion, Rect, profile::TextMode, record::PageMode};
use quire_render::{RenderOptions, RenderedPage};
use tokio_util::sync::CancellationToken;

use super::{
    FigureFile, PageStop, PageTask, ReadPage, draft::Draft, reader::PageReader, seen::Seen,
    stopwatch::Stopwatch, triage::Triaged, upright::Upright,
};
use crate::{
    budget::Permit,
    schedule::{Stage, Turn},
    trace::{self, Kind},
};

/// Memory that a page takes with all that is made of it, in times its pixels: network inputs, maps, line images.
const WORKING_SET: usize = 3;

impl PageReader {
    /// Reads a page. A page that cannot be read is a record that says so.
    ///
    /// # Errors
    /// Only when the page was not judged: the worker stops, or its renderer or engine is gone.
    pub async fn read(&self, task: &PageTask, shutdown: &CancellationToken) -> Result<ReadPage, PageStop> {
        let mut watch = Stopwatch::start();
        let attempt = self.attempt(task, shutdown, &mut watch);
        let (draft, figures) = match trace::reading(task.page, attempt).await {
            Ok(read) => read,
            Err(PageStop::Failed(failure)) => (Draft::failed(failure), Vec::new()),
            Err(stop) => return Err(stop),
        };
        Ok(ReadPage { record: draft.into_record(task, self.provenance(task, watch)), figures })
    }

    async fn attempt(
        &self,
        task: &PageTask,
        shutdown: &CancellationToken,
        watch: &mut Stopwatch,
    ) -> Result<(Draft, Vec<FigureFile>), PageStop> {
        let (rendered, _permit, mut turn) = tokio::select! {
            biased;
            () = shutdown.cancelled() => return Err(PageStop::Interrupted),
            rendered = self.rendered_and_opened(task) => rendered?,
        };
        watch.lap("render");
        let triaged = self.triage(task, rendered).await?;
        let draft = Draft::new(&triaged, self.engine());
        watch.lap("triage");

        let Triaged { page: rendered, decision, border, .. } = triaged;
        let (mode, split) = (decision.mode, task.options.split_spreads);
        let seen = match mode {
            PageMode::Blank => return Ok((draft, Vec::new())),
            PageMode::Text => self.read_text_layer(rendered, split, &mut turn).await?,
            PageMode::Ocr => self.read_pixels(rendered, border, split, &mut turn).await?,
            PageMode::Mixed => self.read_both(rendered, decision.ocr_regions, split, &mut turn).await?,
        };
        let seen = spread::in_reading_order(seen, |seen| &seen.lines);
        watch.lap("read");
        turn.reach(Stage::Tables).await;
        let (mut tables, mut as_text) = (Vec::with_capacity(seen.len()), false);
        for seen in &seen {
            let (found, kept) = self.tables(seen).await?;
            tables.push(found);
            as_text |= kept;
        }
        watch.lap("tables");
        turn.reach(Stage::Assemble).await;
        let draft = draft.with_places(&seen).with_tables_as_text(as_text);
        let (blocks, figures) = self.assemble(task, mode, seen.into_iter().zip(tables)).await?;
        let (tongue, blocks) = self.with_language(blocks).await?;
        watch.lap("assemble");
        Ok((draft.with_blocks(tongue, blocks), figures))
    }

    /// Renders while the networks open that the page surely needs.
    async fn rendered_and_opened(&self, task: &PageTask) -> Result<(RenderedPage, Permit, Turn), PageStop> {
        let engine = self.engine();
        let layout = async { engine.layout().await.map(drop).map_err(PageStop::from) };
        let reader = async {
            match task.options.mode {
                TextMode::Force => engine.reader().await.map(drop).map_err(PageStop::from),
                TextMode::Auto | TextMode::Skip => Ok(()),
            }
        };
        tokio::try_join!(self.rendered(task), layout, reader).map(|(rendered, (), ())| rendered)
    }

    /// Waits for its turn, memory and a child, then renders.
    async fn rendered(&self, task: &PageTask) -> Result<(RenderedPage, Permit, Turn), PageStop> {
        let turn = self.schedule().enter().await;
        let child = self.children().take().await;
        let dpi = f32::from(task.options.dpi);
        let mut permit = self.budget().admit(WORKING_SET * a4_bytes(dpi)).await;
        let start = Instant::now();
        let page = child.render(self.render().render(&task.source, task.page, RenderOptions { dpi })).await?;
        self.trace().record(Kind::Render, "render", start, 1, || vec![task.page]);
        permit.resize(WORKING_SET * page.raster.byte_len());
        Ok((page, permit, turn))
    }

    /// Takes the text layer: of one page, or of the two of a spread.
    async fn read_text_layer(
        &self,
        rendered: RenderedPage,
        split: bool,
        turn: &mut Turn,
    ) -> Result<Vec<Seen>, PageStop> {
        turn.reach(Stage::Look).await;
        let rotation = text_layer::rotation(&rendered.text);
        let page = self.turn(Upright::as_is(rendered), rotation).await?;
        let gutter = if split { page.gutter_of_text() } else { None };
        let mut seen = Vec::new();
        for page in self.pages(page, gutter).await? {
            let (regions, lines) = turn.both(self.regions(&page.raster), self.text_lines(&page)).await?;
            seen.push(Seen { page, regions, lines });
        }
        Ok(seen)
    }

    /// Takes the text layer and recognises what only the images in `areas` show.
    async fn read_both(
        &self,
        rendered: RenderedPage,
        areas: Vec<Rect>,
        split: bool,
        turn: &mut Turn,
    ) -> Result<Vec<Seen>, PageStop> {
        let mut all = self.read_text_layer(rendered, split, turn).await?;
        let Some(reader) = self.engine().reader().await? else { return Ok(all) };
        for seen in &mut all {
            let onto = seen.page.back.inverse();
            let areas: Vec<Rect> = areas.iter().map(|area| onto.rect(area)).collect();
            let mut found = self.find_lines(reader, &seen.page.raster).await?;
            found.retain(|line| {
                let rect = line.quad.bounds();
                let inside = areas.iter().any(|area| area.contains(rect.center()));
                let known = seen.lines.iter().map(|line| rect.overlap(&line.rect)).sum::<f32>();
                inside && known < KNOWN_SHARE * rect.area()
            });
            turn.reach(Stage::Recognize).await;
            let recognised = self.read_lines(reader, &seen.page.raster, found, &Motion::NONE).await?;
            seen.lines.extend(recognised);
        }
        Ok(all)
    }
}

/// A found line that the text layer covers by more than this is the text layer's.
const KNOWN_SHARE: f32 = 0.3;

/// Bytes of an A4 page in RGB: what a page is taken for until it is rendered.
fn a4_bytes(dpi: f32) -> usize {
    const SQUARE_INCHES: f32 = 8.27 * 11.69;
    (SQUARE_INCHES * dpi * dpi) as usize * 3
}

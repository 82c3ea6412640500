//! The order of the steps: the sequential algorithm, once for every page in flight.

use std::time::Instant;

use quire_document::{
    text_layer,
    triage::{self, Decision},
};
use quire_proto::{Rect, Rotation, profile::TextMode, record::PageMode};
use quire_render::{DocumentKind, RenderOptions, RenderedPage};
use tokio_util::sync::CancellationToken;

use super::{
    FigureFile, PageStop, PageTask, ReadPage,
    draft::Draft,
    reader::PageReader,
    seen::{Seen, Upright},
    stopwatch::Stopwatch,
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
        let decision = self.triage(task, &rendered).await?;
        let draft = Draft::new(&rendered, &decision, self.engine());
        watch.lap("triage");

        let mode = decision.mode;
        let seen = match mode {
            PageMode::Blank => return Ok((draft, Vec::new())),
            PageMode::Text => self.read_text_layer(rendered, &mut turn).await?,
            PageMode::Ocr => self.read_pixels(rendered, &mut turn).await?,
            PageMode::Mixed => self.read_both(rendered, decision.ocr_regions, &mut turn).await?,
        };
        watch.lap("read");
        turn.reach(Stage::Tables).await;
        let (tables, as_text) = self.tables(&seen).await?;
        watch.lap("tables");
        turn.reach(Stage::Assemble).await;
        let rotation = seen.page.rotation;
        let (blocks, figures) = self.assemble(task, mode, seen, tables).await?;
        let (tongue, blocks) = self.with_language(blocks).await?;
        watch.lap("assemble");
        Ok((draft.with_tables_as_text(as_text).with_blocks(rotation, tongue, blocks), figures))
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

    async fn triage(&self, task: &PageTask, page: &RenderedPage) -> Result<Decision, PageStop> {
        let (page, mode, params) = (page.clone(), task.options.mode, self.params().triage.clone());
        let kind = match page.kind {
            DocumentKind::Image => triage::Kind::Image,
            DocumentKind::Pdf => triage::Kind::Pdf,
        };
        let decide = move || {
            let evidence = triage::Evidence {
                text: &page.text,
                width: page.size.width_px as f32,
                height: page.size.height_px as f32,
                kind,
                blank: !triage::has_ink(&page.raster),
            };
            triage::decide(&evidence, mode, &params)
        };
        Ok(self.cpu().run("triage", decide).await?)
    }

    async fn read_text_layer(&self, rendered: RenderedPage, turn: &mut Turn) -> Result<Seen, PageStop> {
        turn.reach(Stage::Look).await;
        let rotation = text_layer::rotation(&rendered.text);
        let page = self.turn(Upright::as_is(rendered), rotation).await?;
        let (regions, lines) = turn.both(self.regions(&page.raster), self.text_lines(&page)).await?;
        Ok(Seen { page, regions, lines })
    }

    /// Recognises a page. Its text layer, if any, is not believed and falls away.
    async fn read_pixels(&self, rendered: RenderedPage, turn: &mut Turn) -> Result<Seen, PageStop> {
        turn.reach(Stage::Look).await;
        let page = Upright { text: Default::default(), ..Upright::as_is(rendered) };
        let Some(reader) = self.engine().reader().await? else {
            let regions = self.regions(&page.raster).await?;
            return Ok(Seen { page, regions, lines: Vec::new() });
        };
        let (regions, found) =
            turn.both(self.regions(&page.raster), self.find_lines(reader, &page.raster)).await?;
        let rotation = self.rotation(reader, &page.raster, &found).await?;
        if rotation == Rotation::None {
            turn.reach(Stage::Recognize).await;
            let lines = self.read_lines(reader, &page.raster, found).await?;
            return Ok(Seen { page, regions, lines });
        }
        // Both networks were trained on upright pages, so they look again.
        let page = self.turn(page, rotation).await?;
        let (regions, found) =
            turn.both(self.regions(&page.raster), self.find_lines(reader, &page.raster)).await?;
        turn.reach(Stage::Recognize).await;
        let lines = self.read_lines(reader, &page.raster, found).await?;
        Ok(Seen { page, regions, lines })
    }

    /// Takes the text layer and recognises what only the images in `areas` show.
    async fn read_both(
        &self,
        rendered: RenderedPage,
        areas: Vec<Rect>,
        turn: &mut Turn,
    ) -> Result<Seen, PageStop> {
        let (width, height) = (rendered.size.width_px as f32, rendered.size.height_px as f32);
        let mut seen = self.read_text_layer(rendered, turn).await?;
        let Some(reader) = self.engine().reader().await? else { return Ok(seen) };
        let areas: Vec<Rect> =
            areas.iter().map(|area| seen.page.rotation.apply_rect(*area, width, height)).collect();
        let mut found = self.find_lines(reader, &seen.page.raster).await?;
        found.retain(|line| {
            let rect = line.quad.bounds();
            let inside = areas.iter().any(|area| area.contains(rect.center()));
            let known = seen.lines.iter().map(|line| rect.overlap(&line.rect)).sum::<f32>();
            inside && known < KNOWN_SHARE * rect.area()
        });
        turn.reach(Stage::Recognize).await;
        let recognised = self.read_lines(reader, &seen.page.raster, found).await?;
        seen.lines.extend(recognised);
        Ok(seen)
    }
}

/// A found line that the text layer covers by more than this is the text layer's.
const KNOWN_SHARE: f32 = 0.3;

/// Bytes of an A4 page in RGB: what a page is taken for until it is rendered.
fn a4_bytes(dpi: f32) -> usize {
    const SQUARE_INCHES: f32 = 8.27 * 11.69;
    (SQUARE_INCHES * dpi * dpi) as usize * 3
}

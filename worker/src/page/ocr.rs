//! Recognition of one page: find the lines, cut them out, read them.

use std::sync::Arc;

use futures_util::future::try_join_all;
use quire_models::{
    detect::{self, DetectedLine},
    recognize::{self, CtcPath, LineImage, RecognizedLine},
};
use quire_proto::{
    Motion, Point, Quad, Rect,
    record::{Line, Word},
};
use quire_raster::Raster;

use super::{PageStop, reader::PageReader};
use crate::engine::TextReader;

impl PageReader {
    /// Where the text of `page` is.
    pub(super) async fn find_lines(
        &self,
        reader: &TextReader,
        page: &Raster,
    ) -> Result<Vec<DetectedLine>, PageStop> {
        let params = reader.detect_params;
        let input = {
            let page = page.clone();
            self.cpu().run("detect preprocess", move || detect::preprocess(&page, &params)).await??
        };
        let map = reader.detect(input).await?;
        Ok(self.cpu().run("detect decode", move || detect::decode(&map, &params)).await?)
    }

    /// Cuts the found lines out of `page` and reads them; they share batches with the lines of every other page in flight.
    ///
    /// Their boxes are where `level` moves them: a line that leans is cut out as it is, pixels that were turned before would
    /// be less sharp.
    pub(super) async fn read_lines(
        &self,
        reader: &TextReader,
        page: &Raster,
        found: Vec<DetectedLine>,
        level: &Motion,
    ) -> Result<Vec<Line>, PageStop> {
        let images = self.cut_lines(reader, page, found).await?;
        let least = self.params().min_line_confidence;
        let first = self.read_images(reader, &images).await?;
        let lines = self.with_second_opinion(&images, first).await?;
        let believed =
            lines.iter().zip(&images).filter(|(line, _)| line.confidence >= least && !line.text.is_empty());
        Ok(believed.map(|(line, image)| record_line(line, &level.quad(&image.quad()))).collect())
    }

    /// The lines as the recogniser wants them; boxes without pixels fall away.
    pub(super) async fn cut_lines(
        &self,
        reader: &TextReader,
        page: &Raster,
        lines: Vec<DetectedLine>,
    ) -> Result<Vec<Arc<LineImage>>, PageStop> {
        let (page, params) = (page.clone(), Arc::clone(&reader.recognize_params));
        let cut = move || {
            let images = lines.iter().filter_map(|line| recognize::rectify(&page, &line.quad, &params));
            images.map(Arc::new).collect()
        };
        Ok(self.cpu().run("rectify", cut).await?)
    }

    /// What each line reads.
    pub(super) async fn read_images(
        &self,
        reader: &TextReader,
        images: &[Arc<LineImage>],
    ) -> Result<Vec<RecognizedLine>, PageStop> {
        let paths = try_join_all(images.iter().map(|image| reader.recognize(Arc::clone(image)))).await?;
        let spaces = &reader.recognize_params.spaces;
        let read = |(image, path): (&Arc<LineImage>, &CtcPath)| {
            recognize::decode(path, &reader.alphabet, image, spaces)
        };
        Ok(images.iter().zip(&paths).map(read).collect())
    }
}

/// A recognised line in page pixels.
fn record_line(line: &RecognizedLine, quad: &Quad) -> Line {
    let words = line.words.iter().map(|word| Word {
        text: word.text.clone(),
        rect: part_of(quad, word.start, word.end),
        confidence: Some(word.confidence),
    });
    Line {
        text: line.text.clone(),
        rect: quad.bounds(),
        confidence: Some(line.confidence),
        words: words.collect(),
        font: None,
    }
}

/// The upright box around the part of `quad` from `start` to `end` along the text.
fn part_of(quad: &Quad, start: f32, end: f32) -> Rect {
    let corners: [Point; 4] =
        [quad.at(start, 0.0), quad.at(end, 0.0), quad.at(end, 1.0), quad.at(start, 1.0)];
    Quad(corners).bounds()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_takes_its_share_of_a_turned_line() {
        let downwards = Quad([
            Point::new(20.0, 0.0),
            Point::new(20.0, 100.0),
            Point::new(0.0, 100.0),
            Point::new(0.0, 0.0),
        ]);

        assert_eq!(part_of(&downwards, 0.25, 0.5), Rect::new(0.0, 25.0, 20.0, 50.0));
    }
}

//! Recognition of one page: find the lines, cut them out, read them.

use std::sync::Arc;

use futures_util::future::try_join_all;
use quire_models::{
    detect::{self, DetectedLine},
    recognize::{self, CtcPath, LineImage, RecognizedLine, SpaceParams},
};
use quire_proto::{
    Motion, Point, Quad, Rect,
    record::{Line, Word},
};
use quire_raster::Raster;

use super::{PageStop, logical, reader::PageReader};
use crate::engine::{LineReader, TextReader};

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
        let first = self.read_images(&reader.lines, &images).await?;
        let (images, first) = self.with_crowded(reader, page, (images, first)).await?;
        let lines = self.with_other_scripts(&images, first).await?;
        let lines = self.with_second_opinion(&images, lines).await?;
        let read: Vec<Read> = lines.iter().zip(images.iter().map(AsRef::as_ref)).collect();
        let whole = read.chunk_by(|_, (_, next)| next.gap_before().is_some()).map(|pieces| {
            let is_text = |(line, _): &&Read| line.confidence >= least && !line.text.is_empty();
            pieces.iter().filter(is_text).copied().collect::<Vec<Read>>()
        });
        let spaces = &reader.lines.params.spaces;
        let lines = whole.filter(|pieces| !pieces.is_empty());
        Ok(lines.map(|pieces| record_line(&pieces, level, spaces)).collect())
    }

    /// The lines as the recogniser wants them; boxes without pixels fall away.
    pub(super) async fn cut_lines(
        &self,
        reader: &TextReader,
        page: &Raster,
        lines: Vec<DetectedLine>,
    ) -> Result<Vec<Arc<LineImage>>, PageStop> {
        let (page, params) = (page.clone(), Arc::clone(&reader.lines.params));
        let cut = move || {
            let images = lines.iter().flat_map(|line| recognize::pieces(&page, &line.quad, &params));
            images.map(Arc::new).collect()
        };
        Ok(self.cpu().run("rectify", cut).await?)
    }

    /// What each line reads.
    pub(super) async fn read_images(
        &self,
        reader: &LineReader,
        images: &[Arc<LineImage>],
    ) -> Result<Vec<RecognizedLine>, PageStop> {
        let paths = try_join_all(images.iter().map(|image| reader.recognize(Arc::clone(image)))).await?;
        let params = &reader.params;
        let read = |(image, path): (&Arc<LineImage>, &CtcPath)| {
            let line = recognize::decode(path, &reader.alphabet, image, &params.spaces);
            logical::ordered(match &params.confidence {
                Some(platt) => line.calibrated(platt),
                None => line,
            })
        };
        Ok(images.iter().zip(&paths).map(read).collect())
    }
}

/// A line, or a piece of one, and its picture.
type Read<'a> = (&'a RecognizedLine, &'a LineImage);

/// A recognised line, which may have been read in pieces from left to right, where `level` moves it.
fn record_line(pieces: &[Read], level: &Motion, spaces: &SpaceParams) -> Line {
    let mut whole = Line::default();
    let mut before: Option<Read> = None;
    let rtl = 2 * pieces.iter().filter(|(line, _)| logical::is_rtl(line)).count() > pieces.len();
    let mut pieces: Vec<Read> = pieces.to_vec();
    if rtl {
        pieces.reverse();
    }
    for (line, image) in pieces {
        let quad = level.quad(&image.quad());
        let rect = quad.bounds();
        whole.rect = if before.is_some() { whole.rect.union(&rect) } else { rect };
        whole.words.extend(words(line, &quad));
        if let Some((last, other)) = before {
            // The gap is known to the right one of two pieces.
            let right = if rtl { other } else { image };
            if recognize::meet_with_space(last, line, right, spaces) {
                whole.text.push(' ');
            }
        }
        whole.text.push_str(&line.text);
        before = Some((line, image));
    }
    Line { confidence: Some(mean_confidence(&whole.words)), ..whole }
}

/// Mean confidence of words, by their lengths.
fn mean_confidence(words: &[Word]) -> f32 {
    let (mut sum, mut all) = (0.0, 0.0);
    for word in words {
        let characters = word.text.chars().count() as f32;
        (sum, all) = (sum + characters * word.confidence.unwrap_or(0.0), all + characters);
    }
    if all > 0.0 { sum / all } else { 0.0 }
}

fn words(line: &RecognizedLine, quad: &Quad) -> impl Iterator<Item = Word> {
    line.words.iter().map(|word| Word {
        text: word.text.clone(),
        rect: part_of(quad, word.start, word.end),
        confidence: Some(word.confidence),
        ..Word::default()
    })
}

/// The upright box around the part of `quad` from `start` to `end` along the text.
fn part_of(quad: &Quad, start: f32, end: f32) -> Rect {
    let corners: [Point; 4] =
        [quad.at(start, 0.0), quad.at(end, 0.0), quad.at(end, 1.0), quad.at(start, 1.0)];
    Quad(corners).bounds()
}

#[cfg(test)]
mod tests {
    use quire_models::recognize::RecognizedWord;

    use super::*;

    /// Two words on one line, which is too long for a recogniser of 160 pixels.
    fn two_pieces() -> Vec<LineImage> {
        let mut pixels = vec![255; 300 * 48 * 3];
        for (y, row) in pixels.chunks_exact_mut(300 * 3).enumerate().skip(12).take(24) {
            // Chequered: a row full of ink would be taken for a rule.
            for x in (10..140).chain(160..290).filter(|x| (x / 2 + y) % 2 == 0) {
                row[x * 3..x * 3 + 3].fill(0);
            }
        }
        let page = Raster::new(300, 48, pixels).unwrap();
        let params = recognize::RecognizeParams { widths: vec![160], squeeze: 1.0, ..Default::default() };
        recognize::pieces(&page, &Quad::from(Rect::new(0.0, 0.0, 300.0, 48.0)), &params)
    }

    #[test]
    fn pieces_of_a_long_line_are_one_line() {
        let line = |text: &str, confidence| {
            let words = vec![RecognizedWord { text: text.into(), start: 0.0, end: 1.0, confidence }];
            RecognizedLine { text: text.into(), confidence: 0.1, words }
        };
        let (left, right) = (line("long", 0.9), line("lines", 0.6));
        let images = two_pieces();
        assert_eq!(images.len(), 2);

        let whole =
            record_line(&[(&left, &images[0]), (&right, &images[1])], &Motion::NONE, &SpaceParams::default());

        assert_eq!(whole.text, "long lines");
        assert_eq!((whole.rect.x0.round(), whole.rect.x1.round()), (2.0, 298.0));
        assert_eq!(whole.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), ["long", "lines"]);
        let confidence = whole.confidence.unwrap();
        assert!((confidence - (4.0 * 0.9 + 5.0 * 0.6) / 9.0).abs() < 1e-6, "by length: {confidence}");
    }

    #[test]
    fn pieces_of_a_line_from_right_to_left_begin_with_the_right_one() {
        let line = |text: &str| {
            let words = vec![RecognizedWord { text: text.into(), start: 0.0, end: 1.0, confidence: 0.9 }];
            RecognizedLine { text: text.into(), confidence: 0.9, words }
        };
        let (left, right) = (line("רב"), line("שלום"));
        let images = two_pieces();

        let whole =
            record_line(&[(&left, &images[0]), (&right, &images[1])], &Motion::NONE, &SpaceParams::default());

        assert_eq!(whole.text, "שלום רב");
        assert!(whole.words[0].rect.x0 > whole.words[1].rect.x1);
    }

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

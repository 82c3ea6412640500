//! Which way up a scanned page stands.
//!
//! The boxes tell the axis. Whether the text stands on its head, the orientation
//! network says of a sample of lines; where it is unsure, the recogniser reads
//! the sample both ways and its confidence decides.

use std::sync::Arc;

use futures_util::future::{try_join, try_join_all};
use quire_models::{
    detect::DetectedLine,
    orient::{self, Verdict},
    recognize::{LineImage, RecognizedLine},
};
use quire_proto::{Quad, Rotation};
use quire_raster::Raster;

use super::{PageStop, reader::PageReader};
use crate::engine::TextReader;

impl PageReader {
    /// The clockwise turn that sets the text of `lines` upright.
    pub(super) async fn rotation(
        &self,
        reader: &TextReader,
        page: &Raster,
        lines: &[DetectedLine],
    ) -> Result<Rotation, PageStop> {
        let params = reader.orient_params;
        let quads: Vec<Quad> = lines.iter().map(|line| line.quad).collect();
        let axis = orient::reading_axis(&quads, &params);
        let sample = orient::sample(&quads, axis, &params);
        let sample = sample.iter().filter_map(|&index| lines.get(index).cloned()).collect();
        let sample = self.cut_lines(reader, page, sample).await?;

        let half = match self.vote(reader, &sample).await? {
            Verdict::Unsure => self.read_both_ways(reader, &sample).await?,
            sure => sure,
        };
        Ok(orient::page_rotation(axis, half))
    }

    async fn vote(&self, reader: &TextReader, sample: &[Arc<LineImage>]) -> Result<Verdict, PageStop> {
        let sample = sample.to_vec();
        let prepare =
            move || sample.iter().map(|line| orient::preprocess(line)).collect::<Result<Vec<_>, _>>();
        let lines = self.cpu().run("orient preprocess", prepare).await??;
        let votes = try_join_all(lines.into_iter().map(|line| reader.orient(line))).await?;
        let votes: Vec<_> = votes.into_iter().flatten().collect();
        Ok(orient::half_from_votes(&votes, &reader.orient_params))
    }

    async fn read_both_ways(
        &self,
        reader: &TextReader,
        sample: &[Arc<LineImage>],
    ) -> Result<Verdict, PageStop> {
        let turned: Vec<_> = sample.iter().map(|line| Arc::new(line.turned())).collect();
        let (as_is, turned) =
            try_join(self.read_images(&reader.lines, sample), self.read_images(&reader.lines, &turned))
                .await?;
        let confidences =
            |lines: Vec<RecognizedLine>| lines.iter().map(|line| line.confidence).collect::<Vec<_>>();
        Ok(orient::half_from_confidence(&confidences(as_is), &confidences(turned), &reader.orient_params))
    }
}

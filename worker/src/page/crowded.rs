//! A second look at lines whose letters stand too close, stretched.

use std::sync::Arc;

use quire_models::recognize::{self, LineImage, RecognizedLine};
use quire_raster::Raster;

use super::{PageStop, reader::PageReader};
use crate::engine::TextReader;

/// Lines and their pictures, in the same order.
pub(super) type Lines = (Vec<Arc<LineImage>>, Vec<RecognizedLine>);

impl PageReader {
    /// Reads those of `lines` again, wider, whose letters stand too close to be told apart; the surer reading stays.
    pub(super) async fn with_crowded(
        &self,
        reader: &TextReader,
        page: &Raster,
        (mut images, mut lines): Lines,
    ) -> Result<Lines, PageStop> {
        let params = &reader.lines.params;
        let sure = self.params().sure;
        let is_crowded = |at: &usize| {
            lines[*at].confidence < sure && recognize::is_crowded(&lines[*at], &images[*at], params)
        };
        let crowded: Vec<usize> = (0..lines.len()).filter(is_crowded).collect();
        if crowded.is_empty() {
            return Ok((images, lines));
        }
        let cut = {
            let (page, params) = (page.clone(), Arc::clone(params));
            let images: Vec<Arc<LineImage>> = crowded.iter().map(|&at| Arc::clone(&images[at])).collect();
            move || {
                let wide = images.iter().map(|image| recognize::wider(&page, image, &params).map(Arc::new));
                wide.collect::<Vec<_>>()
            }
        };
        let cut = self.cpu().run("rectify", cut).await?;
        let (places, wide): (Vec<usize>, Vec<Arc<LineImage>>) =
            crowded.into_iter().zip(cut).filter_map(|(at, image)| Some((at, image?))).unzip();
        let read = self.read_images(&reader.lines, &wide).await?;
        for ((at, image), line) in places.into_iter().zip(wide).zip(read) {
            if line.confidence > lines[at].confidence {
                (images[at], lines[at]) = (image, line);
            }
        }
        Ok((images, lines))
    }
}

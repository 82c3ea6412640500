//! Networks that write, where the manifest has them: a second reading of lines in doubt, and formulas in LaTeX.

use std::sync::Arc;

use futures_util::future::try_join_all;
use quire_models::{
    generate::{self, Transcription},
    recognize::{LineImage, RecognizedLine},
};
use quire_proto::record::{Block, BlockKind};
use quire_raster::Raster;

use super::{PageStop, logical, reader::PageReader};
use crate::engine::WriterNetwork;

impl PageReader {
    /// Asks the second network about those of `lines` that are in doubt; the more confident reading stays.
    ///
    /// A line in which nothing was read is no line: a network that has learnt to write would find words in a smudge.
    pub(super) async fn with_second_opinion(
        &self,
        images: &[Arc<LineImage>],
        lines: Vec<RecognizedLine>,
    ) -> Result<Vec<RecognizedLine>, PageStop> {
        let least = self.params().second_opinion;
        let in_doubt = |line: &RecognizedLine| !line.text.is_empty() && line.confidence < least;
        if !lines.iter().any(in_doubt) {
            return Ok(lines);
        }
        let Some(network) = self.engine().transcriber().await? else { return Ok(lines) };
        let better = lines.into_iter().zip(images).map(|(line, image)| async move {
            if !in_doubt(&line) {
                return Ok(line);
            }
            let (image, params) = (Arc::clone(image), Arc::clone(&network.params));
            let prepare = move || generate::preprocess_line(&image, &params);
            let picture = self.cpu().run("transcribe preprocess", prepare).await??;
            let second = self.text(network, picture).await?;
            Ok::<_, PageStop>(if is_better(&second, &line) {
                logical::placed(second.into_line())
            } else {
                line
            })
        });
        try_join_all(better).await
    }

    /// Reads the formulas among `blocks`, which lie on `page`.
    pub(super) async fn formulas(
        &self,
        page: &Raster,
        mut blocks: Vec<Block>,
    ) -> Result<Vec<Block>, PageStop> {
        let is_formula = |block: &&mut Block| block.kind == BlockKind::Formula;
        if blocks.iter_mut().filter(is_formula).count() == 0 {
            return Ok(blocks);
        }
        let Some(network) = self.engine().formula().await? else { return Ok(blocks) };
        let read = blocks.iter_mut().filter(is_formula).map(|block| async move {
            let (page, rect, params) = (page.clone(), block.rect, Arc::clone(&network.params));
            let prepare = move || page.crop(&rect).map(|cut| generate::preprocess(&cut, &params)).transpose();
            let picture = self.cpu().run("formula preprocess", prepare).await??;
            if let Some(picture) = picture {
                let latex = self.text(network, picture).await?.text;
                block.latex = (!latex.is_empty()).then_some(latex);
            }
            Ok::<_, PageStop>(())
        });
        try_join_all(read).await?;
        Ok(blocks)
    }

    /// What `network` reads in `picture`.
    async fn text(&self, network: &WriterNetwork, picture: Raster) -> Result<Transcription, PageStop> {
        let written = network.write(picture).await?;
        let words = Arc::clone(&network.words);
        Ok(self.cpu().run("tokens", move || words.text(&written)).await?)
    }
}

/// Whether the second reading is one, and surer of itself.
fn is_better(second: &Transcription, first: &RecognizedLine) -> bool {
    !second.text.is_empty() && second.confidence > first.confidence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reading_that_is_surer_of_itself_stays() {
        let first = RecognizedLine { text: "rnodem".into(), confidence: 0.6, words: Vec::new() };
        let second = |text: &str, confidence| Transcription { text: text.into(), confidence };

        assert!(is_better(&second("modem", 0.7), &first));
        assert!(!is_better(&second("modem", 0.6), &first));
        assert!(!is_better(&second("", 0.9), &first));
        assert!(!is_better(&second("modem", f32::NAN), &first));
    }
}

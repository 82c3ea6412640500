//! What a page is written in.

use quire_document::language::{self, Tongue};
use quire_proto::record::Block;

use super::{PageStop, reader::PageReader};

impl PageReader {
    /// The language and script of a page, and its blocks, which say where theirs is another.
    pub(super) async fn with_language(
        &self,
        mut blocks: Vec<Block>,
    ) -> Result<(Tongue, Vec<Block>), PageStop> {
        let params = self.params().language;
        let look = move || (language::mark(&mut blocks, &params), blocks);
        Ok(self.cpu().run("language", look).await?)
    }
}

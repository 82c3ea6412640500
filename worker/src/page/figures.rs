//! Pictures cut out of a page.

use bytes::Bytes;
use image::{
    ExtendedColorType, ImageEncoder,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use quire_proto::{
    PageNumber,
    record::{Block, BlockKind},
};
use quire_raster::Raster;

/// A picture and the name its block knows it by.
#[derive(Clone, Debug)]
pub struct FigureFile {
    /// File name among the document's assets.
    pub name: String,
    /// The PNG.
    pub png: Bytes,
}

/// Cuts the figures and formulas out of `page` and names them in their blocks.
pub(super) fn cut(page: &Raster, number: PageNumber, blocks: &mut [Block]) -> Vec<FigureFile> {
    let pictures =
        blocks.iter_mut().filter(|block| matches!(block.kind, BlockKind::Figure | BlockKind::Formula));
    pictures
        .filter_map(|block| {
            let png = encode(&page.crop(&block.rect)?)?;
            let name = format!("p{number:05}-{}.png", block.id);
            block.figure.get_or_insert_default().asset = Some(name.clone());
            Some(FigureFile { name, png })
        })
        .collect()
}

/// Writing to memory fails only for a picture of no pixels, which is no picture.
fn encode(picture: &Raster) -> Option<Bytes> {
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive)
        .write_image(picture.bytes(), picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .ok()?;
    Some(Bytes::from(png))
}

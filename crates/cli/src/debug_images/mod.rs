//! Pictures of what was understood: blocks, lines, words and reading order on the page.
//!
//! ```text
//!  thick box   block, coloured by kind, with its number and kind
//!  thin green  line            thin blue   word
//!  arrows      reading order, from block to block
//! ```

mod canvas;
mod letters;
mod palette;

use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::Path,
};

use canvas::{Canvas, Color};
use quire_proto::{
    Rect,
    record::{Block, PageRecord},
};
use quire_raster::Raster;

const WORD: Color = [40, 90, 220];
const LINE: Color = [0, 150, 60];
const ORDER: Color = [230, 0, 120];
const INK: Color = [255, 255, 255];

/// Share of white mixed into the page, so that boxes stand out from the print.
const FADE: f32 = 0.35;

/// Draws `record` on its page image.
pub fn draw(record: &PageRecord, page: &Raster) -> Raster {
    let mut canvas = Canvas::faded(page, FADE);
    let pen = pen(page);
    for line in record.blocks.iter().flat_map(Block::all_lines) {
        for word in &line.words {
            canvas.outline(&word.rect, 1, WORD);
        }
        canvas.outline(&line.rect, 1, LINE);
    }
    for block in &record.blocks {
        canvas.outline(&block.rect.grown(pen as f32), pen, palette::of(block.kind).color);
    }
    // Running headers and the like are no part of the text, so the path passes them by.
    let read: Vec<&Block> = record.blocks.iter().filter(|block| !block.kind.is_furniture()).collect();
    for pair in read.windows(2) {
        canvas.arrow(pair[0].rect.center(), pair[1].rect.center(), pen, ORDER);
    }
    let mut taken: Vec<Rect> = record.blocks.iter().map(|block| block.rect).collect();
    for block in &record.blocks {
        label(&mut canvas, block, pen, &mut taken);
    }
    canvas.into_raster()
}

/// Saves an image as PNG, through a temporary name.
pub fn save(image: &Raster, path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let temporary = path.with_extension("png.quire-part");
    let mut encoder =
        png::Encoder::new(BufWriter::new(File::create(&temporary)?), image.width(), image.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(image.bytes())?;
    writer.finish()?;
    fs::rename(&temporary, path)
}

/// Number and kind beside the block's top left corner, where they hide no text if there is such a place.
fn label(canvas: &mut Canvas, block: &Block, pen: u32, taken: &mut Vec<Rect>) {
    let ink = palette::of(block.kind);
    let level = block.level.map(|level| format!(" {level}")).unwrap_or_default();
    let text = format!("{} {}{level}", block.id, ink.name);
    let (width, height) = Canvas::label_size(&text, pen);
    let Rect { x0, y0, x1, .. } = block.rect;
    let gap = pen as f32;
    let above = canvas.inside(x0, y0 - gap - height, width, height);
    let left = canvas.inside(x0 - gap - width, y0, width, height);
    let right = canvas.inside(x1 + gap, y0, width, height);
    let is_free = |place: &Rect| taken.iter().all(|rect| rect.overlap(place) == 0.0);
    let place = [above, left, right].into_iter().find(is_free).unwrap_or(above);
    canvas.label(&place, &text, pen, INK, ink.color);
    taken.push(place);
}

/// Line width that shows at the size in which people look at whole pages.
fn pen(page: &Raster) -> u32 {
    (page.width().max(page.height()) / 1000).clamp(1, 8)
}

#[cfg(test)]
mod tests {
    use quire_proto::{
        DocumentId, PageNumber,
        record::{BlockKind, Line, ModeReason, PageMode, PageStatus, Table, Word},
    };

    use super::*;

    fn record(blocks: Vec<Block>) -> PageRecord {
        PageRecord {
            mode: PageMode::Text,
            mode_reason: ModeReason::CleanTextLayer,
            blocks,
            ..PageRecord::empty(DocumentId::of(b"page"), PageNumber::FIRST, PageStatus::Done)
        }
    }

    fn block(id: u32, kind: BlockKind, rect: Rect) -> Block {
        let word = Word { rect: rect.grown(-20.0), ..Word::default() };
        let line = Line { rect: rect.grown(-10.0), words: vec![word], ..Line::default() };
        let table = (kind == BlockKind::Table).then(Table::default);
        Block {
            id,
            kind,
            rect,
            confidence: None,
            lines: vec![line],
            level: None,
            list: None,
            table,
            figure: None,
            caption_of: None,
            mark: None,
            latex: None,
            language: None,
            script: None,
        }
    }

    #[test]
    fn every_layer_is_on_the_picture() {
        let blocks = vec![
            block(1, BlockKind::Heading, Rect::new(50.0, 50.0, 350.0, 120.0)),
            block(2, BlockKind::Table, Rect::new(50.0, 200.0, 350.0, 380.0)),
        ];

        let image = draw(&record(blocks), &Raster::white(400, 400));

        assert_eq!(image.pixel(200, 60), LINE);
        assert_eq!(image.pixel(100, 70), WORD);
        assert_eq!(image.pixel(300, 49), palette::of(BlockKind::Heading).color);
        assert_eq!(image.pixel(200, 150), ORDER);
    }

    #[test]
    fn boxes_outside_the_page_do_no_harm() {
        let wild = Rect::new(-1e9, -50.0, 1e9, f32::MAX);
        let blocks = vec![block(1, BlockKind::Paragraph, wild), block(2, BlockKind::Figure, wild)];

        let image = draw(&record(blocks), &Raster::white(50, 40));

        assert_eq!((image.width(), image.height()), (50, 40));
    }

    #[test]
    fn a_saved_picture_can_be_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/page-0001.png");

        save(&Raster::white(3, 2), &path).unwrap();

        let decoder = png::Decoder::new(std::io::BufReader::new(File::open(&path).unwrap()));
        assert_eq!(decoder.read_info().unwrap().info().size(), (3, 2));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}

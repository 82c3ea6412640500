//! Back from the upright page to the page as it is: boxes move, text stays.

use quire_proto::{
    Motion, Rect,
    record::{Block, Line},
};

/// Moves the boxes of `blocks` onto a page of `width` × `height` pixels.
///
/// Where a box comes to stand askew, the upright box around it takes its place, as far as it lies on the page.
pub fn moved(mut blocks: Vec<Block>, motion: &Motion, width: f32, height: f32) -> Vec<Block> {
    if *motion == Motion::NONE {
        return blocks;
    }
    let place = |rect: &mut Rect| *rect = motion.rect(rect).clamped(width, height);
    let place_line = |line: &mut Line| {
        place(&mut line.rect);
        line.words.iter_mut().for_each(|word| place(&mut word.rect));
    };
    for block in &mut blocks {
        place(&mut block.rect);
        block.lines.iter_mut().for_each(place_line);
        for cell in block.table.iter_mut().flat_map(|table| &mut table.cells) {
            place(&mut cell.rect);
            cell.lines.iter_mut().for_each(place_line);
        }
    }
    blocks
}

//! Back from the upright page to the page as it is: boxes turn, text stays.

use quire_proto::{
    Rect, Rotation,
    record::{Block, Line},
};

/// Moves boxes of an upright page of `width` × `height` pixels back onto the original page.
///
/// `rotation` is the clockwise turn that made the page upright.
pub fn turned(mut blocks: Vec<Block>, rotation: Rotation, width: f32, height: f32) -> Vec<Block> {
    if rotation == Rotation::None {
        return blocks;
    }
    let back = |rect: &mut Rect| *rect = rotation.inverse().apply_rect(*rect, width, height);
    let turn_line = |line: &mut Line| {
        back(&mut line.rect);
        line.words.iter_mut().for_each(|word| back(&mut word.rect));
    };
    for block in &mut blocks {
        back(&mut block.rect);
        block.lines.iter_mut().for_each(turn_line);
        for cell in block.table.iter_mut().flat_map(|table| &mut table.cells) {
            back(&mut cell.rect);
            cell.lines.iter_mut().for_each(turn_line);
        }
    }
    blocks
}

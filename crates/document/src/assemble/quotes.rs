//! Block quotes: passages that are set in from both sides of the text around them.

use quire_proto::record::{Block, BlockKind, Line};

/// A passage begins and ends at least this far inside the text around it, in sizes of the text.
const INSET: f32 = 1.2;

/// What surrounds a passage is at most this far above or below it.
const NEAR: f32 = 3.5;

/// How far the beginnings of lines may lie apart.
const FLUSH: f32 = 0.6;

/// Names the quotes among `blocks`, which are in reading order; `em` is the size of their text in pixels.
pub(super) fn name(blocks: &mut [Block], em: f32) {
    for at in 0..blocks.len() {
        let above = at.checked_sub(1).and_then(|at| blocks.get(at));
        if is_passage(&blocks[at], em) && is_set_in(&blocks[at], above, blocks.get(at + 1), em) {
            blocks[at].kind = BlockKind::Quote;
        }
    }
}

/// Several lines that begin at one edge and were broken at another: no address, no centred title, no verse.
fn is_passage(block: &Block, em: f32) -> bool {
    let edge = block.lines.iter().skip(1).map(|line| line.rect.x0).fold(f32::INFINITY, f32::min);
    let flush = block.lines.iter().skip(1).all(|line| line.rect.x0 - edge < FLUSH * em);
    let below = block.lines.windows(2).all(|pair| pair[1].rect.center().y > pair[0].rect.y1);
    let full = block.lines.windows(2).all(|pair| is_full(&pair[0], &pair[1], block, em));
    block.kind == BlockKind::Paragraph && block.lines.len() >= 3 && flush && below && full
}

/// Whether the first word of `next` would not have fit on `line`.
fn is_full(line: &Line, next: &Line, block: &Block, em: f32) -> bool {
    let word = next.words.first().map_or(0.0, |word| word.rect.width());
    line.rect.x1 + word + 0.2 * em > block.rect.x1
}

/// Whether the text before and behind `block`, as far as there is any, is wider on both sides.
fn is_set_in(block: &Block, above: Option<&Block>, below: Option<&Block>, em: f32) -> bool {
    let wider = |other: &Block| {
        let (left, right) = (block.rect.x0 - other.rect.x0, other.rect.x1 - block.rect.x1);
        let even = left.min(right) > 0.4 * left.max(right);
        let gap = (other.rect.y0 - block.rect.y1).max(block.rect.y0 - other.rect.y1);
        other.kind == BlockKind::Paragraph && left.min(right) >= INSET * em && even && gap < NEAR * em
    };
    let beside = |other: Option<&Block>| {
        let passes = |other: &Block| matches!(other.kind, BlockKind::Quote | BlockKind::Heading);
        other.is_none_or(|other| wider(other) || passes(other))
    };
    [above, below].into_iter().flatten().any(wider) && beside(above) && beside(below)
}

#[cfg(test)]
mod tests {
    use quire_proto::{Rect, record::Word};

    use super::*;

    /// A paragraph of `lines`, each from and to so many pixels, from height `y` on.
    fn paragraph(y: f32, lines: &[(f32, f32)]) -> Block {
        let line = |(at, (x0, x1)): (usize, &(f32, f32))| {
            let y = y + 25.0 * at as f32;
            let word =
                Word { text: "word".into(), rect: Rect::new(*x0, y, x0 + 60.0, y + 20.0), ..Word::default() };
            Line {
                text: "word".into(),
                rect: Rect::new(*x0, y, *x1, y + 20.0),
                words: vec![word],
                ..Line::default()
            }
        };
        let lines: Vec<Line> = lines.iter().enumerate().map(line).collect();
        let rect = Rect::around(lines.iter().map(|line| &line.rect)).unwrap();
        Block { lines, ..Block::new(BlockKind::Paragraph, rect) }
    }

    fn is_quote(middle: &[(f32, f32)]) -> bool {
        let wide = [(100.0, 900.0), (100.0, 890.0), (100.0, 500.0)];
        let mut blocks = vec![paragraph(100.0, &wide), paragraph(200.0, middle), paragraph(310.0, &wide)];
        name(&mut blocks, 20.0);
        blocks[1].kind == BlockKind::Quote
    }

    #[test]
    fn a_passage_set_in_from_both_sides_is_a_quote() {
        assert!(is_quote(&[(150.0, 850.0), (150.0, 840.0), (150.0, 400.0)]));
    }

    #[test]
    fn what_is_set_in_from_one_side_or_broken_on_purpose_is_none() {
        assert!(!is_quote(&[(150.0, 900.0), (150.0, 890.0), (150.0, 400.0)]), "a paragraph of an item");
        assert!(!is_quote(&[(100.0, 850.0), (100.0, 840.0), (100.0, 400.0)]), "narrow");
        assert!(!is_quote(&[(150.0, 850.0), (150.0, 500.0), (150.0, 400.0)]), "verse");
        assert!(!is_quote(&[(200.0, 800.0), (150.0, 850.0), (300.0, 700.0)]), "centred");
        assert!(!is_quote(&[(150.0, 850.0), (150.0, 400.0)]), "too little to tell");
    }
}

//! The direction of the text, checked against where the characters stand.
//!
//! Files (and renderers) disagree about angles on turned pages, and vertical
//! Chinese claims to run to the right. The places of neighbours do not lie.

use quire_proto::{
    Rotation,
    page_text::{PageText, TextChar},
};

use crate::bidi::is_rtl;

/// Pairs of neighbours needed to overrule the claimed angle.
const ENOUGH: usize = 12;

/// For each claimed quarter turn the one that the characters' places show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turns([u8; 4]);

impl Turns {
    /// Lets neighbours in the file vote: a quarter turn is overruled by three of four.
    pub(super) fn of(text: &PageText) -> Self {
        let mut votes = [[0_usize; 4]; 4];
        for pair in text.chars.windows(2) {
            if let Some(step) = step(&pair[0], &pair[1]) {
                votes[quadrant(pair[0].angle)][step] += 1;
            }
        }
        let mut actual = [0, 1, 2, 3];
        for (claimed, votes) in votes.iter().enumerate() {
            let all: usize = votes.iter().sum();
            if let Some(best) = (0..4).find(|&turn| votes[turn] >= ENOUGH && 4 * votes[turn] >= 3 * all) {
                actual[claimed] = best as u8;
            }
        }
        Self(actual)
    }

    /// The claimed angle, turned by quarters until it agrees with the places.
    pub(super) fn actual(self, claimed: f32) -> f32 {
        let quarter = quadrant(claimed);
        let turn = (i16::from(self.0[quarter]) - quarter as i16) * 90;
        claimed + f32::from(turn)
    }

    /// The clockwise turn that makes most of the text upright.
    pub(super) fn upright(self, text: &PageText) -> Rotation {
        let mut votes = [0_usize; 4];
        for char in text.chars.iter().filter(|char| !char.generated && !char.unicode.is_whitespace()) {
            votes[quadrant(self.actual(char.angle))] += 1;
        }
        let best = (0..4).rev().max_by_key(|&turn| votes[turn]).unwrap_or(0);
        Rotation::ALL[best].inverse()
    }
}

/// The nearest quarter turn of `angle`, 0 to 3; upright when the angle is nonsense.
fn quadrant(angle: f32) -> usize {
    if !angle.is_finite() {
        return 0;
    }
    match angle.rem_euclid(360.0) {
        a if (45.0..135.0).contains(&a) => 1,
        a if (135.0..225.0).contains(&a) => 2,
        a if (225.0..315.0).contains(&a) => 3,
        _ => 0,
    }
}

/// The direction from one letter to the next, when they are neighbours of one word.
fn step(a: &TextChar, b: &TextChar) -> Option<usize> {
    let word = |char: &TextChar| !char.generated && char.unicode.is_alphanumeric() && !is_rtl(char.unicode);
    let same = a.angle == b.angle && a.font == b.font;
    if !(word(a) && word(b) && same) {
        return None;
    }
    let (from, to) = (a.rect.center(), b.rect.center());
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let size = a.rect.width().max(a.rect.height());
    let near = dx.abs().max(dy.abs()) <= 1.5 * size;
    match (near, dx.abs() > 3.0 * dy.abs(), dy.abs() > 3.0 * dx.abs()) {
        (true, true, _) => Some(if dx > 0.0 { 0 } else { 2 }),
        (true, _, true) => Some(if dy > 0.0 { 1 } else { 3 }),
        _ => None,
    }
}

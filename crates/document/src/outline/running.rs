//! Running titles: lines at the edges of pages that come again at the same height.
//!
//! A document may well begin each of its few pages with `Lesson 1`, `Lesson 2`. A title is
//! therefore only believed when white space sets it apart from the text, or when it has come
//! many times; and a page that has nothing else keeps it.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use quire_proto::{
    Rect,
    record::{Block, BlockKind, PageRecord},
};

use crate::blocks::{
    BlockParams,
    furniture::{Edge, is_page_number},
};

/// Titles remembered at most; beyond that those seen only once are forgotten (lossy counting).
const MAX_TITLES: usize = 4096;

/// Heights on the page are compared in this many steps.
const STEPS: f32 = 50.0;

/// A title that is set apart comes on this many pages at least, …
const REPEATS: u32 = 3;

/// … and one that is not on this many.
const MANY_REPEATS: u32 = 2 * REPEATS;

/// White space between a title and the text that sets it apart, in heights of its line.
const APART: f32 = 0.8;

/// How often each line was seen at each place.
#[derive(Clone, Debug, Default)]
pub(super) struct Running {
    pub(super) titles: HashMap<u64, u32>,
}

impl Running {
    pub(super) fn add(&mut self, page: &PageRecord) {
        for (_, place) in places(page) {
            let count = self.titles.entry(place.key(0)).or_default();
            *count = count.saturating_add(1);
        }
        if self.titles.len() > MAX_TITLES {
            self.titles.retain(|_, count| *count > 1);
        }
        if self.titles.len() > MAX_TITLES {
            self.titles.retain(|_, count| *count >= REPEATS);
        }
    }

    /// Blocks of `page` that are furniture, by index.
    pub(super) fn furniture(&self, page: &PageRecord) -> Vec<(usize, BlockKind)> {
        let titles: Vec<(usize, BlockKind)> = places(page)
            .into_iter()
            .filter(|(_, place)| self.seen(place) >= if place.apart { REPEATS } else { MANY_REPEATS })
            .map(|(at, place)| (at, place.kind))
            .collect();
        let furniture = page.blocks.iter().filter(|block| block.kind.is_furniture()).count();
        if titles.len() + furniture < page.blocks.len() { titles } else { Vec::new() }
    }

    /// Sightings at this height and the steps beside it: a header may sit on the border of two.
    fn seen(&self, place: &Place) -> u32 {
        [-1, 0, 1].iter().filter_map(|&beside| self.titles.get(&place.key(beside))).sum()
    }
}

/// A line at an edge.
struct Place {
    edge: Edge,
    step: i32,
    text: String,
    kind: BlockKind,
    apart: bool,
}

impl Place {
    fn key(&self, beside: i32) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.edge, self.step + beside, &self.text).hash(&mut hasher);
        hasher.finish()
    }
}

/// Blocks at the edges that might be running titles.
fn places(page: &PageRecord) -> Vec<(usize, Place)> {
    let Some(size) = page.size else { return Vec::new() };
    let (width, height) = (size.width_px as f32, size.height_px as f32);
    let upright_height = if page.rotation.degrees().is_multiple_of(180) { height } else { width };
    let usual = usual_size(page);
    let upright: Vec<Rect> =
        page.blocks.iter().map(|block| page.rotation.apply_rect(block.rect, width, height)).collect();
    let candidates = page.blocks.iter().enumerate().filter(|(_, block)| is_candidate(block, usual));
    candidates
        .filter_map(|(at, block)| {
            let rect = upright[at];
            let edge = Edge::of(&rect, upright_height, &BlockParams::default())?;
            let step = (rect.center().y / upright_height.max(1.0) * STEPS).round() as i32;
            let line = &block.lines.first()?.text;
            let kind = if is_page_number(line) {
                BlockKind::PageNumber
            } else if edge == Edge::Top {
                BlockKind::PageHeader
            } else {
                BlockKind::PageFooter
            };
            let text = page.blocks.iter().zip(&upright).filter(|(block, _)| !block.kind.is_furniture());
            // A row of dashes or underscores is a printed rule, however near the text.
            let apart =
                !line.contains(char::is_alphanumeric) || is_apart(&rect, edge, text.map(|(_, rect)| rect));
            Some((at, Place { edge, step, text: without_numbers(line), kind, apart }))
        })
        .collect()
}

/// Whether white space lies between `rect` and the nearest of `others` towards the middle of the page.
fn is_apart<'a>(rect: &Rect, edge: Edge, others: impl Iterator<Item = &'a Rect>) -> bool {
    let inwards = others.filter(|other| other.overlap_y(rect) <= 0.0).map(|other| match edge {
        Edge::Top => other.y0 - rect.y1,
        Edge::Bottom => rect.y0 - other.y1,
    });
    inwards.filter(|gap| *gap >= 0.0).fold(f32::INFINITY, f32::min) >= APART * rect.height()
}

/// Large headings may repeat (`Chapter 3`) and are still headings.
fn is_candidate(block: &Block, usual: f32) -> bool {
    let size = block.lines.first().and_then(|line| line.font).map_or(0.0, |font| font.size_pt);
    let textual = !matches!(block.kind, BlockKind::Table | BlockKind::Figure | BlockKind::Code);
    textual && block.lines.len() == 1 && !(block.kind == BlockKind::Heading && size > 1.2 * usual)
}

fn usual_size(page: &PageRecord) -> f32 {
    let lines = page.blocks.iter().flat_map(|block| &block.lines);
    let mut sizes: Vec<f32> = lines.filter_map(|line| line.font).map(|font| font.size_pt).collect();
    sizes.sort_by(f32::total_cmp);
    sizes.get(sizes.len() / 2).copied().unwrap_or_default()
}

/// Page numbers change from page to page: any number counts as the same.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_numeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}

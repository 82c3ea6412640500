//! Running titles: lines at the edges of pages that come again at the same height.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use quire_proto::record::{Block, BlockKind, PageRecord};

use crate::blocks::{
    BlockParams,
    furniture::{Edge, is_page_number},
};

/// Titles remembered at most; beyond that those seen only once are forgotten (lossy counting).
const MAX_TITLES: usize = 4096;

/// Heights on the page are compared in this many steps.
const STEPS: f32 = 50.0;

/// A title comes again on this many pages at least, in a document long enough.
const REPEATS: u32 = 3;

/// How often each line was seen at each place.
#[derive(Clone, Debug, Default)]
pub(super) struct Running {
    pub(super) titles: HashMap<u64, u32>,
    pages: u32,
}

impl Running {
    pub(super) fn add(&mut self, page: &PageRecord) {
        self.pages = self.pages.saturating_add(1);
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
        let needed = if self.pages < 2 * REPEATS { REPEATS - 1 } else { REPEATS };
        places(page)
            .into_iter()
            .filter(|(_, place)| self.seen(place) >= needed)
            .map(|(at, place)| (at, place.kind))
            .collect()
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
    let candidates = page.blocks.iter().enumerate().filter(|(_, block)| is_candidate(block, usual));
    candidates
        .filter_map(|(at, block)| {
            let rect = page.rotation.apply_rect(block.rect, width, height);
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
            Some((at, Place { edge, step, text: without_numbers(line), kind }))
        })
        .collect()
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

//! A set of pages, written as people write it: `1-3,7`.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::range::{InvalidRange, PageNumber, PageRange};

/// Pages as sorted ranges that neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct PageSet(Vec<PageRange>);

impl PageSet {
    /// Pages 1 to `count`.
    pub fn first(count: u32) -> Self {
        PageNumber::new(count)
            .and_then(|last| PageRange::new(PageNumber::FIRST, last).ok())
            .map_or_else(Self::default, |all| Self(vec![all]))
    }

    /// The ranges in order; neighbours never touch.
    pub fn ranges(&self) -> &[PageRange] {
        &self.0
    }

    /// The pages in order.
    pub fn pages(&self) -> impl Iterator<Item = PageNumber> + '_ {
        self.0.iter().flat_map(PageRange::pages)
    }

    /// Number of pages.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|range| u64::from(range.count())).sum()
    }

    /// Whether no page is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `page` is in it.
    pub fn contains(&self, page: PageNumber) -> bool {
        let after = self.0.partition_point(|range| range.first() <= page);
        after.checked_sub(1).is_some_and(|index| self.0[index].contains(page))
    }

    /// The pages that both have.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut shared = Vec::new();
        while let (Some(left), Some(right)) = (a.peek(), b.peek()) {
            let first = left.first().max(right.first());
            let last = left.last().min(right.last());
            let left_ends_first = left.last() <= right.last();
            shared.extend(PageRange::new(first, last));
            if left_ends_first {
                a.next()
            } else {
                b.next()
            };
        }
        Self(shared)
    }

    /// Cuts the set along a grid of `size` pages: each piece lies in one cell, all pieces together are the set.
    ///
    /// The grid begins at page 1 whatever the set is, so the same page falls into the same cell in every job.
    pub fn tiles(&self, size: std::num::NonZeroU32) -> impl Iterator<Item = PageRange> + '_ {
        self.0.iter().flat_map(move |range| tiles_of(*range, size.get()))
    }
}

fn tiles_of(range: PageRange, size: u32) -> impl Iterator<Item = PageRange> {
    let cells = range.first().index() / size..=range.last().index() / size;
    cells.filter_map(move |cell| {
        let first = (cell * size).max(range.first().index());
        let last = (cell * size).saturating_add(size - 1).min(range.last().index());
        PageRange::new(PageNumber::new(first + 1)?, PageNumber::new(last + 1)?).ok()
    })
}

impl FromIterator<PageRange> for PageSet {
    fn from_iter<I: IntoIterator<Item = PageRange>>(ranges: I) -> Self {
        let mut ranges: Vec<PageRange> = ranges.into_iter().collect();
        ranges.sort_unstable();
        let mut merged: Vec<PageRange> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.first().index() <= last.last().get() => {
                    let joined = PageRange::new(last.first(), last.last().max(range.last()));
                    *last = joined.unwrap_or(*last);
                }
                _ => merged.push(range),
            }
        }
        Self(merged)
    }
}

impl FromIterator<PageNumber> for PageSet {
    fn from_iter<I: IntoIterator<Item = PageNumber>>(pages: I) -> Self {
        pages.into_iter().map(PageRange::single).collect()
    }
}

impl From<PageRange> for PageSet {
    fn from(range: PageRange) -> Self {
        Self(vec![range])
    }
}

impl FromStr for PageSet {
    type Err = InvalidRange;

    fn from_str(text: &str) -> Result<Self, InvalidRange> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        text.split(',')
            .map(|part| part.trim().parse())
            .collect::<Result<Vec<PageRange>, _>>()
            .map(Self::from_iter)
    }
}

impl TryFrom<String> for PageSet {
    type Error = InvalidRange;

    fn try_from(text: String) -> Result<Self, InvalidRange> {
        text.parse()
    }
}

impl From<PageSet> for String {
    fn from(set: PageSet) -> Self {
        set.to_string()
    }
}

impl fmt::Display for PageSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            range.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, num::NonZeroU32};

    use proptest::prelude::*;

    use super::*;

    fn set_of(pages: &BTreeSet<u32>) -> PageSet {
        pages.iter().filter_map(|page| PageNumber::new(*page)).collect()
    }

    fn numbers(set: &PageSet) -> BTreeSet<u32> {
        set.pages().map(PageNumber::get).collect()
    }

    #[test]
    fn a_set_reads_and_writes_as_people_do() {
        let set: PageSet = "7, 1-2,3,2-3".parse().unwrap();

        assert_eq!(set.to_string(), "1-3,7");
        assert_eq!(set.count(), 4);
        assert!("1-,2".parse::<PageSet>().is_err());
    }

    proptest! {
        #[test]
        fn a_set_is_a_set(
            a in proptest::collection::btree_set(1u32..80, 0..40),
            b in proptest::collection::btree_set(1u32..80, 0..40),
        ) {
            let (left, right) = (set_of(&a), set_of(&b));

            prop_assert_eq!(numbers(&left), a.clone());
            prop_assert_eq!(numbers(&left.intersection(&right)), &a & &b);
            prop_assert_eq!(left.to_string().parse::<PageSet>(), Ok(left.clone()));
            for page in 1..80 {
                prop_assert_eq!(left.contains(PageNumber::new(page).unwrap()), a.contains(&page));
            }
        }

        #[test]
        fn tiles_are_the_set_and_each_lies_in_one_cell(
            pages in proptest::collection::btree_set(1u32..200, 0..100),
            size in 1u32..33,
        ) {
            let set = set_of(&pages);

            let tiles: Vec<PageRange> = set.tiles(NonZeroU32::new(size).unwrap()).collect();

            let tiled: Vec<u32> = tiles.iter().flat_map(PageRange::pages).map(PageNumber::get).collect();
            prop_assert_eq!(tiled, pages.into_iter().collect::<Vec<_>>());
            for tile in tiles {
                prop_assert_eq!(tile.first().index() / size, tile.last().index() / size);
            }
        }
    }
}

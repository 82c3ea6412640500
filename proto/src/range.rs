//! Page numbers and ranges of pages: both count from one, as people do.

use std::{fmt, num::NonZeroU32, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of a document, counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PageNumber(NonZeroU32);

impl PageNumber {
    /// The first page.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// Page `number`; `None` for zero.
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// The number, from one.
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    /// The index, from zero.
    pub const fn index(self) -> u32 {
        self.0.get() - 1
    }
}

impl fmt::Display for PageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a page range cannot be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidRange {
    /// The last page comes before the first.
    #[error("page {last} comes before page {first}")]
    Backwards {
        /// First page asked for.
        first: u32,
        /// Last page asked for.
        last: u32,
    },
    /// Not a number from one upwards, or two of them joined by a hyphen.
    #[error("{0:?} is not a page or a range like 3-7")]
    NotARange(String),
}

/// Pages `first..=last` of a document: the unit of work on the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "(PageNumber, PageNumber)", into = "(PageNumber, PageNumber)")]
#[schemars(with = "(PageNumber, PageNumber)")]
pub struct PageRange {
    first: PageNumber,
    last: PageNumber,
}

impl PageRange {
    /// Pages `first..=last`.
    pub fn new(first: PageNumber, last: PageNumber) -> Result<Self, InvalidRange> {
        if last < first {
            return Err(InvalidRange::Backwards { first: first.get(), last: last.get() });
        }
        Ok(Self { first, last })
    }

    /// The range of one page.
    pub const fn single(page: PageNumber) -> Self {
        Self { first: page, last: page }
    }

    /// First page.
    pub const fn first(&self) -> PageNumber {
        self.first
    }

    /// Last page, part of the range.
    pub const fn last(&self) -> PageNumber {
        self.last
    }

    /// Number of pages, at least one.
    pub const fn count(&self) -> u32 {
        self.last.get() - self.first.get() + 1
    }

    /// Whether `page` is in the range.
    pub fn contains(&self, page: PageNumber) -> bool {
        self.first <= page && page <= self.last
    }

    /// The pages in order.
    pub fn pages(&self) -> impl DoubleEndedIterator<Item = PageNumber> + use<> {
        (self.first.get()..=self.last.get()).filter_map(PageNumber::new)
    }
}

impl TryFrom<(PageNumber, PageNumber)> for PageRange {
    type Error = InvalidRange;

    fn try_from((first, last): (PageNumber, PageNumber)) -> Result<Self, InvalidRange> {
        Self::new(first, last)
    }
}

impl From<PageRange> for (PageNumber, PageNumber) {
    fn from(range: PageRange) -> Self {
        (range.first, range.last)
    }
}

impl fmt::Display for PageRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { self.first.fmt(f) } else { write!(f, "{}-{}", self.first, self.last) }
    }
}

impl FromStr for PageRange {
    type Err = InvalidRange;

    fn from_str(text: &str) -> Result<Self, InvalidRange> {
        let page = |digits: &str| {
            digits
                .trim()
                .parse()
                .ok()
                .and_then(PageNumber::new)
                .ok_or_else(|| InvalidRange::NotARange(text.to_owned()))
        };
        match text.split_once('-') {
            Some((first, last)) => Self::new(page(first)?, page(last)?),
            None => page(text).map(Self::single),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_reads_as_people_write_it() {
        assert_eq!("7".parse::<PageRange>().unwrap().count(), 1);
        assert_eq!("1-3".parse::<PageRange>().unwrap().pages().count(), 3);
        assert!("3-1".parse::<PageRange>().is_err());
        assert!("0".parse::<PageRange>().is_err());
        assert!("x".parse::<PageRange>().is_err());
    }
}

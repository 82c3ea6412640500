//! Every page of a job is in exactly one state.

use std::ops::{Add, AddAssign};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::PageStatus;

/// Pages by state. `submitted` is their sum, so the ledger adds up by construction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ledger {
    /// With content.
    pub done: u64,
    /// With nothing on them.
    pub blank: u64,
    /// That could not be read.
    pub failed: u64,
    /// Given up on request.
    pub cancelled: u64,
    /// Not decided yet.
    pub pending: u64,
}

impl Ledger {
    /// All pages.
    pub const fn submitted(&self) -> u64 {
        self.decided() + self.pending
    }

    /// Pages whose state will not change any more.
    pub const fn decided(&self) -> u64 {
        self.done + self.blank + self.failed + self.cancelled
    }

    /// Counts one page of a record.
    pub const fn count(&mut self, status: PageStatus) {
        match status {
            PageStatus::Done => self.done += 1,
            PageStatus::Blank => self.blank += 1,
            PageStatus::Failed => self.failed += 1,
        }
    }

    /// What remains when `part` is taken away.
    #[must_use]
    pub const fn without(self, part: Self) -> Self {
        Self {
            done: self.done.saturating_sub(part.done),
            blank: self.blank.saturating_sub(part.blank),
            failed: self.failed.saturating_sub(part.failed),
            cancelled: self.cancelled.saturating_sub(part.cancelled),
            pending: self.pending.saturating_sub(part.pending),
        }
    }

    /// Takes back what [`Ledger::count`] counted.
    pub const fn discount(&mut self, status: PageStatus) {
        let pages = match status {
            PageStatus::Done => &mut self.done,
            PageStatus::Blank => &mut self.blank,
            PageStatus::Failed => &mut self.failed,
        };
        *pages = pages.saturating_sub(1);
    }
}

impl Add for Ledger {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            done: self.done + other.done,
            blank: self.blank + other.blank,
            failed: self.failed + other.failed,
            cancelled: self.cancelled + other.cancelled,
            pending: self.pending + other.pending,
        }
    }
}

impl AddAssign for Ledger {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Ledger {
    fn sum<I: Iterator<Item = Self>>(ledgers: I) -> Self {
        ledgers.fold(Self::default(), Add::add)
    }
}

//! Ranges that workers died on: worked on alone, halved, and in the end given up page by page.
//!
//! ```text
//!  deaths   0       1       2                            3
//!  range    work    alone   two halves                   two halves
//!  page     work    alone   alone                        failed: worker_killed
//! ```
//!
//! A worker that dies takes all of its ranges along, so a range is suspected from
//! its first death on and worked on alone: what is innocent is then soon done.

use quire_proto::{PageNumber, PageRange};

/// Deaths after which a range is halved.
const HALVED: u32 = 2;

/// Deaths after which a single page is given up.
const GIVEN_UP: u32 = 3;

/// What is done with a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is worked on beside others.
    Work,
    /// It is worked on with nothing beside it.
    WorkAlone,
    /// Its halves are published instead.
    Halve([PageRange; 2]),
    /// Its page has failed.
    GiveUp,
}

/// Decides about a range on which `deaths` workers died.
pub(super) fn judge(range: PageRange, deaths: u32) -> Verdict {
    match (deaths, halves(range)) {
        (0, _) => Verdict::Work,
        (HALVED.., Some(halves)) => Verdict::Halve(halves),
        (GIVEN_UP.., None) => Verdict::GiveUp,
        _ => Verdict::WorkAlone,
    }
}

/// The two halves of a range; `None` for a single page.
fn halves(range: PageRange) -> Option<[PageRange; 2]> {
    let middle = range.first().get() + (range.count() - 1) / 2;
    let first = PageRange::new(range.first(), PageNumber::new(middle)?).ok()?;
    let second = PageRange::new(PageNumber::new(middle.checked_add(1)?)?, range.last()).ok()?;
    Some([first, second])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(range: &str) -> PageRange {
        range.parse().unwrap()
    }

    #[test]
    fn a_range_is_suspected_then_halved() {
        let verdicts = [0, 1, 2, 9].map(|deaths| judge(pages("1-5"), deaths));

        let halved = Verdict::Halve([pages("1-3"), pages("4-5")]);
        assert_eq!(verdicts, [Verdict::Work, Verdict::WorkAlone, halved, halved]);
    }

    #[test]
    fn a_page_is_given_up_after_three_deaths() {
        let verdicts = [0, 1, 2, 3].map(|deaths| judge(pages("7"), deaths));

        assert_eq!(verdicts, [Verdict::Work, Verdict::WorkAlone, Verdict::WorkAlone, Verdict::GiveUp]);
    }

    #[test]
    fn a_poisoned_page_is_found_in_a_bounded_number_of_deliveries() {
        for (count, last) in [(1u32, 1u32), (2, 2), (16, 16), (32, 32)] {
            let mut range = PageRange::new(PageNumber::FIRST, PageNumber::new(last).unwrap()).unwrap();
            let (mut deliveries, mut deaths) = (0, 0);
            loop {
                deliveries += 1;
                match judge(range, deaths) {
                    Verdict::Work | Verdict::WorkAlone => deaths += 1,
                    Verdict::Halve([_, second]) => (range, deaths) = (second, 0),
                    Verdict::GiveUp => break,
                }
            }

            // Two deaths and a split for each level, then three deaths and the end.
            assert!(deliveries <= 3 * count.ilog2() + 4, "{count} pages: {deliveries} deliveries");
        }
    }
}

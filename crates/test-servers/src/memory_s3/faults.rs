//! What goes wrong, and how often.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How often a request goes wrong, each from 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// The answer is `503 SlowDown` and nothing happens.
    pub refused: f64,
    /// What was asked is done, and the connection ends without an answer.
    pub reply_lost: f64,
    /// The body of an answer ends in the middle.
    pub truncated: f64,
    /// Every answer comes this much later.
    pub delay: Duration,
}

/// Which faults a request meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) refused: bool,
    pub(super) reply_lost: bool,
    pub(super) truncated: bool,
    pub(super) delay: Duration,
}

/// Deals out faults; equal requests in equal order meet equal ones.
#[derive(Debug)]
pub(super) struct Dealer(Mutex<(Faults, fastrand::Rng)>);

impl Dealer {
    pub(super) fn new() -> Self {
        Self(Mutex::new((Faults::default(), fastrand::Rng::with_seed(0))))
    }

    pub(super) fn set(&self, faults: Faults) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = faults;
    }

    pub(super) fn next(&self) -> Fate {
        let (faults, random) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut strikes = |rate| random.f64() < rate;
        Fate {
            refused: strikes(faults.refused),
            reply_lost: strikes(faults.reply_lost),
            truncated: strikes(faults.truncated),
            delay: faults.delay,
        }
    }
}

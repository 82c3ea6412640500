//! One setting on a ladder of values: a step is tried, and stays only if it pays.
//!
//! ```text
//!  three samples ─▶ one step ─▶ one sample ignored ─▶ three samples ─┬─ clearly better: stay, try the next step
//!                                                                    └─ else: back, and leave this direction alone
//! ```
//!
//! A direction that did not pay, and the one that a step which paid came from, rest for [`Params::rest`] samples. So a
//! setting moves at most from one end of its ladder to the other, and then stays.

/// A step on the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Down,
    Up,
}

impl Step {
    const fn back(self) -> Self {
        match self {
            Self::Down => Self::Up,
            Self::Up => Self::Down,
        }
    }
}

/// When a step counts as better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Params {
    /// Least gain of a step that stays, in times of how much samples differ that should be equal. Default 1.
    pub(crate) noise: f64,
    /// Samples for which a direction that did not pay is left alone. Default 1200: five minutes.
    pub(crate) rest: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self { noise: 1.0, rest: 1200 }
    }
}

/// Samples whose mean is compared.
const COMPARED: usize = 3;
/// How much a new difference between samples counts against those before.
const NEW: f64 = 0.3;

/// A setting, and what is known about it.
#[derive(Debug)]
pub(super) struct Climb {
    params: Params,
    /// Least gain of a step that stays, however little samples differ.
    gain: f64,
    at: usize,
    top: usize,
    /// Samples until a direction may be tried.
    down_rests: u32,
    up_rests: u32,
    /// Rates since the last move, the latest last.
    rates: Vec<f64>,
    /// How much neighbouring samples differ, as a share of their mean.
    noise: f64,
    /// The step that is being tried, and the rate before it.
    trial: Option<(Step, f64)>,
    /// The next sample is in part from before the last move.
    moved: bool,
}

impl Climb {
    /// A setting that starts on rung `at` of a ladder whose last rung is `top`.
    pub(super) fn new(at: usize, top: usize, gain: f64, params: Params) -> Self {
        Self {
            params,
            gain,
            at: at.min(top),
            top,
            down_rests: 0,
            up_rests: 0,
            rates: Vec::new(),
            noise: 0.0,
            trial: None,
            moved: true,
        }
    }

    /// The rung in force.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Takes a sample, `rate`, of which more is better. Only samples from when a step `may` be tried are compared with it;
    /// upwards is tried before downwards.
    pub(super) fn sample(&mut self, rate: f64, may: bool) {
        self.down_rests = self.down_rests.saturating_sub(1);
        self.up_rests = self.up_rests.saturating_sub(1);
        if std::mem::take(&mut self.moved) {
            return;
        }
        if !may && self.trial.is_none() {
            self.rates.clear();
            return;
        }
        self.keep(rate);
        let Some(mean) = self.mean() else { return };
        if let Some((step, before)) = self.trial.take() {
            let least = self.gain.max(self.params.noise * self.noise);
            if mean <= before * (1.0 + least) {
                self.rest(step);
                self.go(step.back());
                return;
            }
            self.rest(step.back());
        }
        if let Some(step) = [Step::Up, Step::Down].into_iter().find(|step| self.can(*step)) {
            self.trial = Some((step, mean));
            self.go(step);
        }
    }

    /// Leaves a direction alone for a while.
    const fn rest(&mut self, step: Step) {
        match step {
            Step::Down => self.down_rests = self.params.rest,
            Step::Up => self.up_rests = self.params.rest,
        }
    }

    /// Whether a direction has a rung and does not rest.
    const fn can(&self, step: Step) -> bool {
        match step {
            Step::Down => self.at > 0 && self.down_rests == 0,
            Step::Up => self.at < self.top && self.up_rests == 0,
        }
    }

    fn go(&mut self, step: Step) {
        self.at = match step {
            Step::Down => self.at.saturating_sub(1),
            Step::Up => (self.at + 1).min(self.top),
        };
        self.rates.clear();
        self.moved = true;
    }

    fn keep(&mut self, rate: f64) {
        if let Some(last) = self.rates.last() {
            let differ = (rate - last).abs() / ((rate + last) / 2.0).max(f64::MIN_POSITIVE);
            self.noise += NEW * (differ - self.noise);
        }
        self.rates.push(rate);
        if self.rates.len() > COMPARED {
            self.rates.remove(0);
        }
    }

    fn mean(&self) -> Option<f64> {
        (self.rates.len() == COMPARED).then(|| self.rates.iter().sum::<f64>() / COMPARED as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a setting stands after each of `samples`, when `rate` gives the rate of a rung.
    fn climb(from: usize, top: usize, samples: usize, rate: impl Fn(usize) -> f64) -> Vec<usize> {
        let mut climb = Climb::new(from, top, 0.02, Params::default());
        let step = |_| {
            climb.sample(rate(climb.at()), true);
            climb.at()
        };
        (0..samples).map(step).collect()
    }

    #[test]
    fn it_climbs_while_steps_pay_and_stays() {
        let at = climb(0, 4, 200, |rung| [1.0, 1.5, 2.0, 2.03, 2.0][rung]);

        assert_eq!(at[..16], [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 2]);
        assert!(at[16..].iter().all(|rung| *rung == 2), "{at:?}");
    }

    #[test]
    fn it_goes_down_where_that_pays() {
        let at = climb(3, 3, 200, |rung| 1.0 / (1.0 + rung as f64));

        assert_eq!(at.last(), Some(&0));
    }

    #[test]
    fn a_gain_within_the_noise_is_none() {
        let rough = std::cell::Cell::new(0.0);
        let at = climb(0, 1, 40, |rung| {
            rough.set(1.0 - rough.get());
            (1.0 + 0.08 * rung as f64) * (1.0 + 0.2 * rough.get())
        });

        assert_eq!(at.last(), Some(&0));
    }

    #[test]
    fn a_direction_that_did_not_pay_is_tried_again_only_after_its_rest() {
        let at = climb(0, 1, 1300, |_| 1.0);

        let tried = at.windows(2).filter(|pair| pair[0] < pair[1]).count();
        assert_eq!(tried, 2);
    }
}

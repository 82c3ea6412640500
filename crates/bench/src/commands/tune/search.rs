//! Coordinate descent: one setting after the other, the best so far is kept.

use std::time::{Duration, Instant};

use quire_models::provider::ProviderChoice;

use super::{
    measure::{Measured, Run, Sample},
    settings::{Ground, Key, Settings},
};
use crate::score::rates;

/// How much faster a candidate must be: less is noise.
const MARGIN: f64 = 1.03;
/// Longest run as long as nothing is known about this machine.
const FIRST_LIMIT: Duration = Duration::from_mins(10);

/// What decides whether a candidate is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gate {
    /// Highest character error rate against the text that 32-bit floats give.
    pub(super) tolerance: f64,
}

impl Gate {
    /// Whether a candidate takes the place of the best so far.
    pub(super) fn passes(self, best: f64, pace: f64, cer: f64) -> bool {
        self.is_accurate(cer) && pace >= best * MARGIN
    }

    fn is_accurate(self, cer: f64) -> bool {
        cer <= self.tolerance
    }
}

/// A candidate, as the table shows it.
pub(super) struct Row {
    pub(super) settings: Settings,
    /// Pace and error rate, or why there is none.
    pub(super) outcome: Result<(f64, f64), String>,
    pub(super) kept: bool,
}

/// A search under way.
pub(super) struct Search<'a> {
    sample: &'a Sample,
    gate: Gate,
    until: Instant,
    /// The text by 32-bit floats.
    reference: String,
    /// The best so far …
    pub(super) best: Settings,
    /// … and what it came to.
    pub(super) measured: Measured,
    /// Everything that was tried, in order.
    pub(super) rows: Vec<Row>,
    /// What the budget was too small for.
    pub(super) untried: Vec<Settings>,
}

impl<'a> Search<'a> {
    /// Measures 32-bit floats on the processor, which are the reference, and the provider that is in force.
    pub(super) fn begin(
        sample: &'a Sample,
        gate: Gate,
        budget: Duration,
        in_force: ProviderChoice,
    ) -> anyhow::Result<Self> {
        let until = Instant::now() + budget;
        let default = Settings::default();
        let exact = match in_force {
            ProviderChoice::Cpu => default.clone(),
            _ => default.with(Key::Provider, ProviderChoice::Cpu.as_str()),
        };
        let measured = sample.measure(&exact, None, FIRST_LIMIT)?;
        let reference = measured.text.clone();
        anyhow::ensure!(
            rates::rates(&reference, &reference).is_some(),
            "quire reads no text on these pages: name another document"
        );
        let rows = vec![Row { settings: exact.clone(), outcome: Ok((measured.pace, 0.0)), kept: true }];
        let mut search =
            Self { sample, gate, until, reference, best: exact, measured, rows, untried: Vec::new() };
        search.say();
        if search.best != default {
            search.take_default(default)?;
        }
        Ok(search)
    }

    /// What is in force is what candidates must beat, if it is accurate and the reference is not faster.
    fn take_default(&mut self, default: Settings) -> anyhow::Result<()> {
        let measured = self.sample.measure(&default, None, FIRST_LIMIT)?;
        let cer = self.cer(&measured);
        let kept = self.gate.is_accurate(cer) && !self.gate.passes(measured.pace, self.measured.pace, 0.0);
        self.rows.push(Row { settings: default.clone(), outcome: Ok((measured.pace, cer)), kept });
        self.say();
        if kept {
            self.rows[0].kept = false;
            (self.best, self.measured) = (default, measured);
        }
        Ok(())
    }

    /// Tries providers.
    pub(super) fn providers(&mut self, choices: &[ProviderChoice]) {
        for choice in choices {
            self.take(Settings::default().with(Key::Provider, choice.as_str()), None);
        }
    }

    /// Tries everything else, from what the best provider makes of the configuration.
    pub(super) fn others(&mut self, ground: &Ground) {
        for settings in ground.recognizers(&self.best) {
            self.take(settings, None);
        }
        let steps: [fn(&Ground, &Settings) -> Vec<Settings>; 3] =
            [Ground::batch_lines, Ground::batch_pages, Ground::children];
        for step in steps {
            // These open the same networks: what the start costs is known.
            for settings in step(ground, &self.best) {
                self.take(settings, Some(self.measured.start));
            }
        }
    }

    /// Measures a candidate, unless time is up, and keeps it if it is better.
    fn take(&mut self, settings: Settings, start: Option<Run>) {
        if Instant::now() >= self.until {
            self.untried.push(settings);
            return;
        }
        // What takes twice as long is not the best.
        let limit = Duration::from_secs_f64(10.0 + 2.0 * self.measured.seconds);
        let row = match self.sample.measure(&settings, start, limit) {
            Ok(measured) => {
                let cer = self.cer(&measured);
                let kept = self.gate.passes(self.measured.pace, measured.pace, cer);
                let outcome = Ok((measured.pace, cer));
                if kept {
                    (self.best, self.measured) = (settings.clone(), measured);
                }
                Row { settings, outcome, kept }
            }
            Err(error) => Row { settings, outcome: Err(last_line(&error)), kept: false },
        };
        self.rows.push(row);
        self.say();
    }

    /// Whether these settings were tried and read the sample well.
    pub(super) fn accepts(&self, settings: &Settings) -> bool {
        let accurate = |row: &Row| matches!(row.outcome, Ok((_, cer)) if self.gate.is_accurate(cer));
        self.rows.iter().any(|row| row.settings == *settings && accurate(row))
    }

    fn cer(&self, measured: &Measured) -> f64 {
        rates::rates(&self.reference, &measured.text).map_or(1.0, |rates| rates.cer)
    }

    /// A search takes minutes: people see that it goes on.
    fn say(&self) {
        let Some(row) = self.rows.last() else { return };
        match &row.outcome {
            Ok((pace, _)) => eprintln!("{}: {pace:.2} pages/s", row.settings),
            Err(why) => eprintln!("{}: {why}", row.settings),
        }
    }
}

/// What quire said last is why it failed.
fn last_line(error: &anyhow::Error) -> String {
    format!("{error:#}").lines().last().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATE: Gate = Gate { tolerance: 0.002 };

    #[test]
    fn a_candidate_within_the_noise_changes_nothing() {
        assert!(!GATE.passes(1.0, 1.02, 0.0));
        assert!(GATE.passes(1.0, 1.04, 0.0));
    }

    #[test]
    fn a_candidate_that_reads_something_else_is_refused_however_fast() {
        assert!(!GATE.passes(1.0, 10.0, 0.0021));
        assert!(GATE.passes(1.0, 10.0, 0.002));
        assert!(!GATE.passes(1.0, 10.0, f64::NAN));
    }

    #[test]
    fn the_reason_is_what_quire_said_last() {
        let error = anyhow::anyhow!("quire ended with 1:\nquire: no such library");

        assert_eq!(last_line(&error), "quire: no such library");
    }
}

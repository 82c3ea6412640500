//! What can be tuned, and in which steps.

use std::{fmt, iter::successors, num::NonZeroUsize, time::Duration};

use quire_models::manifest::Role;

use crate::{batcher::BatchLimits, config::PipelineConfig, engine::EngineLimits};

/// Most lines in one call of a recogniser on a CPU: a call of more is no faster there, and takes memory.
const MOST_LINES: usize = 8;
/// Least gain of a step …
pub(super) const GAIN: f64 = 0.02;
/// … and of more lines in a call on a CPU: pages differ by more than 2 %, and a wrong step costs speed and memory there.
const GAIN_OF_LINES: f64 = 0.08;
/// Longest waits for company, in milliseconds. A page goes through four networks and is under way for seconds.
const WAITS: [u64; 6] = [0, 1, 2, 4, 8, 16];

/// A setting and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// Render children that may work at once.
    Children(NonZeroUsize),
    /// Most items in one call of a network.
    Items(Role, NonZeroUsize),
    /// Longest that an item waits for company while its network is idle.
    Wait(Role, Duration),
}

/// The values of one setting in order, and where it starts.
#[derive(Clone, Debug)]
pub(crate) struct Ladder {
    pub(crate) rungs: Vec<Setting>,
    pub(crate) start: usize,
    /// Least gain of a step that stays, as a share of the rate before it.
    pub(crate) gain: f64,
}

/// How many render children there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChildrenSetting {
    /// Running ones: no more can be allowed.
    pub(crate) running: NonZeroUsize,
    /// Whether the configuration names the number, which is then kept.
    pub(crate) fixed: bool,
}

/// The settings that are tuned: those that the configuration does not name.
///
/// The sizes of batches on a GPU are those that the networks are prepared for, so there the time is tuned in which a
/// batch may fill. Pages are not batched on a CPU, where each more in a call takes memory that nothing bounds.
pub(crate) fn ladders(config: &PipelineConfig, children: ChildrenSetting) -> Vec<Ladder> {
    if !config.tune {
        return Vec::new();
    }
    let mut ladders = Vec::new();
    if !children.fixed && children.running.get() > 1 {
        let rungs: Vec<_> = doubled(children.running).map(Setting::Children).collect();
        ladders.push(Ladder { start: rungs.len() - 1, rungs, gain: GAIN });
    }
    if config.provider.is_accelerator() {
        if config.batch_wait.is_none() {
            let start = WAITS.iter().rposition(|wait| Duration::from_millis(*wait) <= config.batch_wait());
            let wait = |role| {
                let rungs = WAITS.map(|wait| Setting::Wait(role, Duration::from_millis(wait))).to_vec();
                Ladder { rungs, start: start.unwrap_or(0), gain: GAIN }
            };
            ladders.extend([Role::Layout, Role::Detect, Role::Recognize].map(wait));
        }
    } else if config.batch_lines.is_none() {
        let most = NonZeroUsize::MIN.saturating_add(MOST_LINES - 1);
        let rungs = doubled(most).map(|count| Setting::Items(Role::Recognize, count)).collect();
        ladders.push(Ladder { rungs, start: 0, gain: GAIN_OF_LINES });
    }
    ladders
}

/// Powers of two below `most`, and `most`.
fn doubled(most: NonZeroUsize) -> impl Iterator<Item = NonZeroUsize> {
    let powers = successors(Some(NonZeroUsize::MIN), |count| {
        Some(count.saturating_mul(NonZeroUsize::MIN.saturating_add(1)))
    });
    powers.take_while(move |count| *count < most).chain([most])
}

impl Setting {
    /// `limits` with this setting.
    pub(crate) fn applied(self, limits: EngineLimits) -> EngineLimits {
        match self {
            Self::Children(_) => limits,
            Self::Items(role, count) => limits.with(role, BatchLimits { count, ..limits.of(role) }),
            Self::Wait(role, wait) => limits.with(role, BatchLimits { wait, ..limits.of(role) }),
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Children(count) => write!(f, "{count} render children"),
            Self::Items(role, count) => write!(f, "{role} up to {count} at once"),
            Self::Wait(role, wait) => write!(f, "{role} waiting up to {wait:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use quire_models::provider::ProviderChoice;

    use super::*;

    fn shown(config: &PipelineConfig, running: usize, fixed: bool) -> Vec<String> {
        let running = NonZeroUsize::new(running).unwrap();
        let ladders = ladders(config, ChildrenSetting { running, fixed });
        let values = |ladder: &Ladder| {
            let rungs: Vec<_> = ladder.rungs.iter().map(Setting::to_string).collect();
            format!("{} to {}, from {}", rungs[0], rungs[rungs.len() - 1], rungs[ladder.start])
        };
        ladders.iter().map(values).collect()
    }

    #[test]
    fn what_the_configuration_names_is_not_tuned() {
        let count = NonZeroUsize::new(3);
        let lines = PipelineConfig { batch_lines: count, ..PipelineConfig::default() };
        let wait = PipelineConfig {
            provider: ProviderChoice::Cuda,
            batch_wait: Some(Duration::from_millis(3)),
            ..PipelineConfig::default()
        };
        let off = PipelineConfig { tune: false, ..PipelineConfig::default() };

        assert!(shown(&lines, 6, true).is_empty() && shown(&wait, 6, true).is_empty());
        assert!(shown(&off, 6, false).is_empty());
        assert_eq!(
            shown(&lines, 6, false),
            ["1 render children to 6 render children, from 6 render children"]
        );
    }

    #[test]
    fn a_cpu_tunes_the_lines_of_a_call_and_a_gpu_how_long_batches_fill() {
        let cpu = PipelineConfig { provider: ProviderChoice::Cpu, ..PipelineConfig::default() };
        let gpu = PipelineConfig { provider: ProviderChoice::Cuda, ..PipelineConfig::default() };

        assert_eq!(
            shown(&cpu, 1, false),
            ["recognize up to 1 at once to recognize up to 8 at once, from recognize up to 1 at once"]
        );
        assert_eq!(shown(&gpu, 1, false).len(), 3);
        assert!(shown(&gpu, 1, false)[0].ends_with("from layout waiting up to 4ms"));
    }

    #[test]
    fn no_rung_is_above_what_runs() {
        let counts = doubled(NonZeroUsize::new(6).unwrap()).map(usize::from);

        assert_eq!(counts.collect::<Vec<_>>(), [1, 2, 4, 6]);
    }
}

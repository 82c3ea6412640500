//! One candidate: `quire convert` over the sample, in a process of its own.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::Context;
use serde::Deserialize;

use super::settings::Settings;
use crate::{output::Output, process, quire::Quire};

/// The pages that are read, and by what.
pub(super) struct Sample {
    pub(super) quire: Quire,
    pub(super) document: PathBuf,
    pub(super) pages: usize,
}

/// What a candidate came to.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    /// Pages per second, the start left out.
    pub(super) pace: f64,
    /// The text of the sample.
    pub(super) text: String,
    /// Seconds of the run over all pages.
    pub(super) seconds: f64,
    /// The run over few pages.
    pub(super) start: Run,
}

/// One run of `quire convert`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pages: u64,
    seconds: f64,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Summary {
        pages: Pages,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Pages {
    done: u64,
    blank: u64,
}

impl Sample {
    /// Measures settings. A second run over a quarter of the pages shows what the start costs, unless `start` is such
    /// a run of settings that start alike.
    pub(super) fn measure(
        &self,
        settings: &Settings,
        start: Option<Run>,
        limit: Duration,
    ) -> anyhow::Result<Measured> {
        let few = (self.pages / 4).max(1);
        let start = match start {
            Some(start) => start,
            None => self.convert(settings, few, limit)?.0,
        };
        let (all, text) = self.convert(settings, self.pages, limit)?;
        let pace = pace(start, all)?;
        Ok(Measured { pace, text, seconds: all.seconds, start })
    }

    fn command(&self, settings: &Settings, pages: usize, out: &Path) -> anyhow::Result<Command> {
        let mut command = self.quire.convert(out)?;
        command.args(["--mode", "force", "--formats", "txt", "--json", "--quiet"]);
        command.args(["--pages", &format!("1-{pages}")]).arg(&self.document);
        // A setting that moves while it is measured says nothing.
        command.env("QUIRE__PIPELINE__TUNE", "false").envs(settings.environment());
        Ok(command)
    }

    fn convert(&self, settings: &Settings, pages: usize, limit: Duration) -> anyhow::Result<(Run, String)> {
        let folder = tempfile::tempdir()?;
        let command = self.command(settings, pages, folder.path())?;
        let ended = process::run(command, limit)?;
        anyhow::ensure!(ended.status.is_some(), "not finished after {:.0} s", limit.as_secs_f64());
        let ended = ended.succeeded("quire")?;
        let pages = pages_of(&ended.stdout).context("find the summary of quire")?;
        let text = text_in(folder.path(), &self.document).context("find the text that quire wrote")?;
        Ok((Run { pages, seconds: ended.wall.as_secs_f64() }, text))
    }
}

fn text_in(folder: &Path, document: &Path) -> Option<String> {
    Output::new(folder).text(document.file_stem()?.to_str()?)
}

/// Pages that were read, by the events of the run.
fn pages_of(events: &str) -> Option<u64> {
    events.lines().rev().find_map(|line| match serde_json::from_str(line) {
        Ok(Event::Summary { pages }) => Some(pages.done + pages.blank),
        _ => None,
    })
}

/// Pages per second of what the longer run did beyond the shorter one.
fn pace(few: Run, all: Run) -> anyhow::Result<f64> {
    anyhow::ensure!(
        all.pages > few.pages,
        "the document has too few pages ({}): name one with more",
        all.pages
    );
    let seconds = all.seconds - few.seconds;
    anyhow::ensure!(seconds > 0.0, "the sample is read too quickly to be measured: raise --pages");
    Ok((all.pages - few.pages) as f64 / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::tune::settings::Key;

    fn run(pages: u64, seconds: f64) -> Run {
        Run { pages, seconds }
    }

    #[test]
    fn the_start_is_not_part_of_the_pace() {
        assert_eq!(pace(run(2, 4.0), run(8, 7.0)).unwrap(), 2.0);
    }

    #[test]
    fn a_sample_that_tells_nothing_is_an_error_that_says_what_to_do() {
        let short = pace(run(1, 4.0), run(1, 4.0)).unwrap_err().to_string();
        let quick = pace(run(2, 4.0), run(8, 3.9)).unwrap_err().to_string();

        assert!(short.contains("name one with more"), "{short}");
        assert!(quick.contains("raise --pages"), "{quick}");
    }

    #[test]
    fn nothing_is_tuned_while_it_is_measured() {
        let quire = Quire::on_all_cores(Some(PathBuf::from("quire")));
        let sample = Sample { quire, document: PathBuf::from("a.pdf"), pages: 8 };
        let settings = Settings::default().with(Key::BatchLines, 4);

        let command = sample.command(&settings, 8, Path::new("out")).unwrap();

        let set: Vec<_> = command.get_envs().collect();
        let expected = [("QUIRE__PIPELINE__BATCH_LINES", "4"), ("QUIRE__PIPELINE__TUNE", "false")];
        assert_eq!(set, expected.map(|(name, value)| (name.as_ref(), Some(value.as_ref()))));
    }

    #[test]
    fn pages_come_from_the_summary() {
        let events =
            "{\"event\":\"pages\",\"done\":1}\n{\"event\":\"summary\",\"pages\":{\"done\":7,\"blank\":1}}\n";

        assert_eq!(pages_of(events), Some(8));
        assert_eq!(pages_of("no event"), None);
    }
}

//! What is tuned: keys of the configuration, as environment variables and as a TOML file.

use std::{collections::BTreeMap, fmt};

use quire_cli::config::Config;
use quire_models::{manifest::Manifest, provider::ProviderChoice};
use quire_worker::{PipelineConfig, config::cores};

/// A key that is tuned; those of one table stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Children,
    Provider,
    Recognizers,
    ModelThreads,
    BatchLines,
    BatchPages,
}

impl Key {
    const fn table(self) -> &'static str {
        if matches!(self, Self::Children) { "render" } else { "pipeline" }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Children => "children",
            Self::Provider => "provider",
            Self::Recognizers => "recognizers",
            Self::ModelThreads => "model_threads",
            Self::BatchLines => "batch_lines",
            Self::BatchPages => "batch_pages",
        }
    }

    /// The environment variable that sets it.
    fn variable(self) -> String {
        format!("QUIRE__{}__{}", self.table(), self.name()).to_uppercase()
    }
}

/// What differs from the configuration that is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings(BTreeMap<Key, String>);

impl Settings {
    /// These, with one more.
    pub(super) fn with(&self, key: Key, value: impl fmt::Display) -> Self {
        let mut all = self.0.clone();
        all.insert(key, value.to_string());
        Self(all)
    }

    /// The environment of a process that is to have them.
    pub(super) fn environment(&self) -> impl Iterator<Item = (String, &str)> {
        self.0.iter().map(|(key, value)| (key.variable(), value.as_str()))
    }

    /// The keys and values as tables of the configuration; nothing when nothing differs.
    pub(super) fn toml(&self) -> String {
        let mut text = String::new();
        let mut table = "";
        for (key, value) in &self.0 {
            if key.table() != table {
                table = key.table();
                text += &format!("\n[{table}]\n");
            }
            let quote = if value.parse::<u64>().is_ok() { "" } else { "\"" };
            text += &format!("{} = {quote}{value}{quote}\n", key.name());
        }
        text
    }

    /// The provider, where it is one of them.
    pub(super) fn provider(&self) -> Option<ProviderChoice> {
        let name = self.0.get(&Key::Provider)?;
        ProviderChoice::NAMED.into_iter().find(|choice| choice.as_str() == name)
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("as configured");
        }
        let each: Vec<String> =
            self.0.iter().map(|(key, value)| format!("{} = {value}", key.name())).collect();
        f.write_str(&each.join(", "))
    }
}

/// What the configuration comes to on this machine with the provider that was chosen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground {
    cores: usize,
    gpu: bool,
    recognizers: usize,
    threads: usize,
    batch_lines: usize,
    batch_pages: usize,
    children: usize,
}

impl Ground {
    pub(super) fn of(config: &Config, manifest: &Manifest, provider: ProviderChoice) -> Self {
        let cores = cores().get();
        let pipeline = PipelineConfig { provider, ..config.pipeline.clone() };
        let models = pipeline.models(manifest);
        Self {
            cores,
            gpu: provider.is_accelerator(),
            recognizers: models.copies.recognize.get(),
            threads: models.threads.get(),
            batch_lines: pipeline.batch_lines().get(),
            batch_pages: pipeline.batch_pages().get(),
            children: config.render.children.map_or(cores, usize::from),
        }
    }

    /// Copies of the recogniser: powers of two up to the cores, and the cores. Their threads share the cores; a GPU
    /// needs one each.
    pub(super) fn recognizers(&self, from: &Settings) -> Vec<Settings> {
        let most = if self.gpu { 4 } else { self.cores };
        let powers =
            std::iter::successors(Some(1), |count| Some(count * 2)).take_while(|count| *count < most);
        let with = |count: usize| {
            let threads = if self.gpu { self.threads } else { (self.cores / count).max(1) };
            let more = from.with(Key::Recognizers, count);
            let settings = if threads == self.threads { more } else { more.with(Key::ModelThreads, threads) };
            ((count, threads) != (self.recognizers, self.threads)).then_some(settings)
        };
        powers.chain([most]).filter_map(with).collect()
    }

    /// Sizes of batches. On a GPU they have one size that the networks are prepared for, so there is no choice.
    pub(super) fn batch_lines(&self, from: &Settings) -> Vec<Settings> {
        self.batches(Key::BatchLines, self.batch_lines, from)
    }

    /// The same for pages.
    pub(super) fn batch_pages(&self, from: &Settings) -> Vec<Settings> {
        self.batches(Key::BatchPages, self.batch_pages, from)
    }

    fn batches(&self, key: Key, now: usize, from: &Settings) -> Vec<Settings> {
        let sizes: &[usize] = if self.gpu { &[] } else { &[1, 4] };
        sizes.iter().filter(|size| **size != now).map(|size| from.with(key, size)).collect()
    }

    /// Pages rendered at once: half as many as cores, as many, twice as many.
    pub(super) fn children(&self, from: &Settings) -> Vec<Settings> {
        let mut counts = vec![self.cores.div_ceil(2), self.cores, self.cores * 2];
        counts.dedup();
        let others = counts.into_iter().filter(|count| *count != self.children);
        others.map(|count| from.with(Key::Children, count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EIGHT_CORES: Ground = Ground {
        cores: 8,
        gpu: false,
        recognizers: 4,
        threads: 2,
        batch_lines: 1,
        batch_pages: 1,
        children: 8,
    };

    fn shown(settings: &[Settings]) -> Vec<String> {
        settings.iter().map(Settings::to_string).collect()
    }

    #[test]
    fn the_file_is_a_configuration_that_differs_in_what_was_chosen_only() {
        let settings = Settings::default()
            .with(Key::Provider, ProviderChoice::OpenvinoF32.as_str())
            .with(Key::Recognizers, 1)
            .with(Key::ModelThreads, 2)
            .with(Key::BatchLines, 4)
            .with(Key::BatchPages, 4)
            .with(Key::Children, 3);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), settings.toml()).unwrap();

        let config = Config::load(Some(file.path())).unwrap();

        let four = std::num::NonZeroUsize::new(4);
        let mut expected = Config::load(Some(tempfile::NamedTempFile::new().unwrap().path())).unwrap();
        expected.pipeline.provider = ProviderChoice::OpenvinoF32;
        expected.pipeline.recognizers = std::num::NonZeroUsize::new(1);
        expected.pipeline.model_threads = std::num::NonZeroUsize::new(2);
        (expected.pipeline.batch_lines, expected.pipeline.batch_pages) = (four, four);
        expected.render.children = std::num::NonZeroUsize::new(3);
        assert_eq!(config, expected);
    }

    #[test]
    fn a_process_gets_them_by_its_environment() {
        let settings = Settings::default().with(Key::BatchLines, 4).with(Key::Children, 3);

        let environment: Vec<(String, &str)> = settings.environment().collect();

        let expected =
            [("QUIRE__RENDER__CHILDREN".into(), "3"), ("QUIRE__PIPELINE__BATCH_LINES".into(), "4")];
        assert_eq!(environment, expected);
    }

    #[test]
    fn recognisers_share_the_cores_and_what_is_configured_is_not_tried_again() {
        let tried = EIGHT_CORES.recognizers(&Settings::default());

        let expected = [
            "recognizers = 1, model_threads = 8",
            "recognizers = 2, model_threads = 4",
            "recognizers = 8, model_threads = 1",
        ];
        assert_eq!(shown(&tried), expected);
    }

    #[test]
    fn a_gpu_has_no_choice_of_batches_and_threads() {
        let gpu = Ground { gpu: true, recognizers: 2, threads: 1, ..EIGHT_CORES };
        let none = Settings::default();

        assert_eq!(shown(&gpu.recognizers(&none)), ["recognizers = 1", "recognizers = 4"]);
        assert_eq!((gpu.batch_lines(&none), gpu.batch_pages(&none)), (vec![], vec![]));
        assert_eq!(shown(&EIGHT_CORES.batch_lines(&none)), ["batch_lines = 4"]);
    }

    #[test]
    fn a_single_core_tries_no_count_of_children_twice() {
        let one = Ground { cores: 1, children: 1, ..EIGHT_CORES };

        assert_eq!(shown(&one.children(&Settings::default())), ["children = 2"]);
    }
}

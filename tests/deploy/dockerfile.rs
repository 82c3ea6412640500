//! A Dockerfile: stages of instructions.

use std::{collections::BTreeMap, fs};

use quire_tests::workspace;

/// One Dockerfile.
pub(crate) struct Dockerfile {
    pub(crate) stages: Vec<Stage>,
}

/// From one `FROM` to the next.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) base: String,
    pub(crate) name: Option<String>,
    /// What follows: the instruction and the rest of its line.
    pub(crate) instructions: Vec<(String, String)>,
}

/// Reads a file below the root of the repository.
pub(crate) fn read(path: &str) -> Dockerfile {
    parse(&fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}")))
}

/// Reads a text.
pub(crate) fn parse(text: &str) -> Dockerfile {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let joined = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    let mut stages: Vec<Stage> = Vec::new();
    for line in joined.lines().filter(|line| !line.trim().is_empty()) {
        let (instruction, rest) = line.trim().split_once(' ').unwrap_or((line, ""));
        if instruction == "FROM" {
            let mut words = rest.split_whitespace();
            let base = words.next().unwrap_or_default().to_owned();
            let name = words.next().filter(|word| *word == "AS").and_then(|_| words.next());
            stages.push(Stage { base, name: name.map(str::to_owned), instructions: Vec::new() });
        } else if let Some(stage) = stages.last_mut() {
            stage.instructions.push((instruction.to_owned(), rest.trim().to_owned()));
        }
    }
    Dockerfile { stages }
}

impl Dockerfile {
    /// What runs in the end.
    pub(crate) fn last(&self) -> &Stage {
        self.stages.last().expect("a Dockerfile has a stage")
    }
}

impl Stage {
    /// The last instruction of this kind.
    pub(crate) fn get(&self, instruction: &str) -> Option<&str> {
        let found = self.instructions.iter().rev().find(|(name, _)| name == instruction);
        found.map(|(_, rest)| rest.as_str())
    }

    /// The words of an instruction that is written as a JSON list, perhaps after flags and `CMD`.
    pub(crate) fn list(&self, instruction: &str) -> Vec<String> {
        let rest = self.get(instruction).unwrap_or_default();
        let list = rest.find('[').map_or("[]", |start| &rest[start..]);
        serde_json::from_str(list).unwrap_or_else(|error| panic!("{instruction} {rest}: {error}"))
    }

    /// Its variables.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let all = self.instructions.iter().filter(|(name, _)| name == "ENV");
        let pairs = all.flat_map(|(_, rest)| rest.split_whitespace());
        pairs.filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.into(), value.into())).collect()
    }
}

//! Files that are made from code, and lists that must be complete.

use std::fs;

use quire_cli::config::Config;
use quire_tests::workspace;

/// Set to write the file instead of comparing it.
const UPDATE: &str = "QUIRE_UPDATE_REFERENCE";

#[test]
fn the_configuration_reference_is_true() {
    let path = workspace().join("docs/config.reference.toml");
    let reference = Config::reference().unwrap();
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, &reference).unwrap();
    }

    let written = fs::read_to_string(&path).unwrap_or_default();

    assert!(written == reference, "{} is stale: run the tests once with {UPDATE}=1", path.display());
}

#[test]
fn every_sample_names_its_origin_and_licence() {
    let folder = workspace().join("tests/corpus");
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();

    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        assert!(name == "README.md" || row.is_some_and(|row| row.matches('|').count() == 6), "{name}");
    }
}

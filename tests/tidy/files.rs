//! Rules about single files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use quire_tests::workspace;

/// A file that grows beyond this becomes a folder of the same name.
const LONGEST: usize = 400;

/// Folders without source of ours.
const SKIPPED: [&str; 4] = ["target", "corpus", "out", "node_modules"];

/// Files of the repository with one of these extensions, with their text.
fn texts(extensions: &[&str]) -> Vec<(PathBuf, String)> {
    let mut texts = Vec::new();
    let mut folders = vec![workspace()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the repository can be read") {
            let path = entry.expect("its entries can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let hidden = name.starts_with('.') && name != ".ci" && name != ".config";
            if path.is_dir() && !hidden && !SKIPPED.contains(&name.as_str()) {
                folders.push(path);
            } else if path.is_file() && extensions.iter().any(|extension| name.ends_with(extension)) {
                texts.push((path.clone(), fs::read_to_string(&path).unwrap_or_default()));
            }
        }
    }
    texts
}

fn short(path: &Path) -> String {
    path.strip_prefix(workspace()).unwrap_or(path).display().to_string()
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let long: Vec<_> = texts(&[".rs"])
        .iter()
        .filter(|(_, text)| text.lines().count() > LONGEST)
        .map(|(path, text)| format!("{} has {} lines", short(path), text.lines().count()))
        .collect();

    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_source_file_says_what_it_is() {
    let silent: Vec<_> = texts(&[".rs"])
        .iter()
        .filter(|(_, text)| !text.lines().any(|line| line.starts_with("//!")))
        .map(|(path, _)| short(path))
        .collect();

    assert!(silent.is_empty(), "no //! in {silent:#?}");
}

#[test]
fn nothing_names_a_place_of_one_machine() {
    // Put together here, so that this file does not name them either.
    let places =
        [["/wo", "rk/"], ["/ro", "ot/"], ["/tmp/", "ref"], ["/ho", "me/"]].map(|parts| parts.concat());

    let named: Vec<_> =
        texts(&[".rs", ".md", ".toml", ".yml", ".yaml", ".py", ".sh", "Makefile", "run", "lint"])
            .iter()
            .flat_map(|(path, text)| {
                let hits = text
                    .lines()
                    .enumerate()
                    .filter(|(_, line)| places.iter().any(|place| line.contains(place)));
                hits.map(|(number, line)| format!("{}:{}: {line}", short(path), number + 1))
                    .collect::<Vec<_>>()
            })
            .collect();

    assert!(named.is_empty(), "{named:#?}");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let broken: Vec<_> = texts(&[".md"])
        .iter()
        .flat_map(|(path, text)| {
            let folder = path.parent().unwrap_or(path).to_owned();
            let dead = links(text).filter(move |link| !folder.join(link).exists());
            dead.map(|link| format!("{}: {link}", short(path))).collect::<Vec<_>>()
        })
        .collect();

    assert!(broken.is_empty(), "{broken:#?}");
}

/// Targets of `[text](target)` and `src="target"` that are files of the repository.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let marked = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ', '#']).next());
    let sources = text.split("src=\"").skip(1).filter_map(|rest| rest.split(['"', '#']).next());
    marked.chain(sources).filter(|link| !link.is_empty() && !link.contains(':'))
}

//! What images are made of: pinned, from files and programs that exist, run by a user without rights.

use std::fs;

use quire_tests::workspace;
use toml::Value;

use crate::{
    compose::{self, Compose},
    dockerfile::{self, Dockerfile},
};

/// The images of ours, in the order of the services that run them.
pub(crate) fn of(compose: &Compose) -> Vec<(String, Dockerfile)> {
    let built = compose.services.values().filter_map(|service| service.build.as_ref());
    built.map(|build| (build.dockerfile.clone(), dockerfile::read(&build.dockerfile))).collect()
}

fn toml(path: &str) -> Value {
    let text = fs::read_to_string(workspace().join(path)).expect("a manifest can be read");
    Value::Table(text.parse().expect("a manifest is TOML"))
}

/// Names of a member's programs.
fn programs(member: &str) -> Vec<String> {
    let manifest = toml(&format!("{member}/Cargo.toml"));
    let all = manifest.get("bin").and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|program| program["name"].as_str()).map(str::to_owned).collect()
}

/// Whether an image is named by a version, so that it is the same tomorrow.
fn is_pinned(image: &str) -> bool {
    let name = image.rsplit_once('/').map_or(image, |(_, name)| name);
    name.split_once(':').is_some_and(|(_, tag)| tag.contains('.') || tag.contains("-20"))
}

fn unpinned(compose: &Compose, files: &[(String, Dockerfile)]) -> Vec<String> {
    let named = compose.services.values().map(|service| service.image.clone());
    let bases = files.iter().flat_map(|(_, file)| file.stages.iter().map(|stage| stage.base.clone()));
    named.chain(bases).filter(|image| !is_pinned(image)).collect()
}

#[test]
fn every_image_is_pinned() {
    let compose = compose::parse(&compose::text()).unwrap();

    assert_eq!(unpinned(&compose, &of(&compose)), [""; 0]);

    for loose in ["rabbitmq", "redis:latest", "ghcr.io/versity/versitygw", "host:5000/name", "rabbitmq:4"] {
        assert!(!is_pinned(loose), "{loose}");
    }
}

#[test]
fn images_are_built_with_the_compiler_of_the_workspace() {
    let wanted = toml("Cargo.toml")["workspace"]["package"]["rust-version"].as_str().unwrap().to_owned();
    let compose = compose::parse(&compose::text()).unwrap();

    for (path, file) in of(&compose) {
        let base = &file.stages[0].base;
        assert!(
            base.starts_with(&format!("rust:{wanted}.")) && base.ends_with("-bookworm"),
            "{path}: {base}"
        );
    }
}

/// Complaints about what `COPY` takes: files that are not there or not sent, stages that are not before.
fn copied_wrongly(file: &Dockerfile, ignored: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, stage) in file.stages.iter().enumerate() {
        for (_, rest) in stage.instructions.iter().filter(|(name, _)| name == "COPY") {
            let mut words: Vec<&str> = rest.split_whitespace().collect();
            words.pop();
            let from = words.first().and_then(|word| word.strip_prefix("--from="));
            match from {
                Some(from) => {
                    if !file.stages[..at].iter().any(|before| before.name.as_deref() == Some(from)) {
                        wrong.push(format!("no stage {from}"));
                    }
                    wrong.extend(words.iter().skip(1).filter_map(|path| unknown_program(path)));
                }
                None => {
                    wrong.extend(words.iter().filter(|path| !is_sent(path, ignored)).map(ToString::to_string))
                }
            }
        }
    }
    wrong
}

/// A file of the build that no member makes.
fn unknown_program(path: &str) -> Option<String> {
    let name = path.strip_prefix("/out/").filter(|name| !name.is_empty())?;
    let known = [programs("crates/cli"), programs("crates/render")].concat();
    (!known.iter().any(|program| program == name)).then(|| path.to_owned())
}

/// Whether a path is there and goes to the builder. `.dockerignore` leaves out all that it does not take in.
fn is_sent(path: &str, ignored: &str) -> bool {
    path == "." || workspace().join(path).exists() && ignored.lines().any(|line| line == format!("!{path}"))
}

#[test]
fn what_is_copied_is_there() {
    let ignored = fs::read_to_string(workspace().join(".dockerignore")).unwrap();
    let compose = compose::parse(&compose::text()).unwrap();

    for (path, file) in of(&compose) {
        assert_eq!(copied_wrongly(&file, &ignored), [""; 0], "{path}");
    }

    let wrong = "FROM a AS one\nCOPY nowhere docs LICENSE /x/\nCOPY --from=two /out/quire /out/quirk /x/";
    let complaints = copied_wrongly(&dockerfile::parse(wrong), &ignored);
    assert_eq!(complaints, ["nowhere", "docs", "no stage two", "/out/quirk"]);
}

#[test]
fn every_member_of_the_workspace_goes_to_the_builder() {
    let ignored = fs::read_to_string(workspace().join(".dockerignore")).unwrap();

    for member in toml("Cargo.toml")["workspace"]["members"].as_array().unwrap() {
        let folder = member.as_str().unwrap().split('/').next().unwrap();
        assert!(is_sent(folder, &ignored), "{folder}");
    }
}

#[test]
fn programs_and_packages_of_a_build_exist() {
    let compose = compose::parse(&compose::text()).unwrap();
    let known = [programs("crates/cli"), programs("crates/render")].concat();

    for (path, file) in of(&compose) {
        let build = file.stages[0].get("RUN").unwrap();
        let made = build.split_whitespace().filter_map(|word| word.strip_prefix("target/release/"));
        let made: Vec<&str> = made.collect();
        assert!(
            !made.is_empty() && made.iter().all(|name| known.iter().any(|known| known == name)),
            "{path}"
        );
        let words: Vec<&str> = build.split_whitespace().collect();
        for package in words.windows(2).filter(|pair| pair[0] == "-p").map(|pair| pair[1]) {
            let folder = package.strip_prefix("quire-").unwrap_or_default();
            assert!(
                workspace().join("crates").join(folder).join("Cargo.toml").is_file(),
                "{path}: {package}"
            );
        }
    }
}

#[test]
fn programs_run_as_a_user_without_rights() {
    let compose = compose::parse(&compose::text()).unwrap();

    for (path, file) in of(&compose) {
        let user = file.last().get("USER").unwrap_or("root");
        assert_eq!(user, "quire", "{path}");
        let made =
            file.last().instructions.iter().any(|(_, rest)| rest.contains("useradd") && rest.ends_with(user));
        assert!(made, "{path} makes no user {user}");
    }
}

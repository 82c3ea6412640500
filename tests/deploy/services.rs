//! What services are told: variables, commands, addresses and each other's names.

use std::{collections::BTreeMap, process::Command};

use quire_tests::quire::program;

use crate::{
    compose::{self, Compose, Service},
    dockerfile::{self, Stage},
    images,
};

/// The services of ours with the last stage of their images.
fn ours(compose: &Compose) -> Vec<(&String, &Service, Stage)> {
    let built =
        compose.services.iter().filter_map(|(name, service)| Some((name, service, service.build.as_ref()?)));
    built
        .map(|(name, service, build)| {
            let last = dockerfile::read(&build.dockerfile).stages.pop();
            (name, service, last.expect("a Dockerfile has a stage"))
        })
        .collect()
}

/// The variables that a container of ours starts with.
fn environment(service: &Service, image: &Stage) -> BTreeMap<String, String> {
    let mut all = image.environment();
    all.extend(service.environment.clone());
    all
}

/// Runs a program of ours with these variables and no other configuration; its exit code and what it says.
fn run(name: &str, arguments: &[String], environment: &BTreeMap<String, String>) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut command = Command::new(program(name).expect("programs are built with the tests"));
    command.args(arguments).current_dir(&folder).env_clear().env("HOME", folder.path()).envs(environment);
    let output = command.output().expect("the program starts");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What our configuration says of these variables, if they are wrong.
fn misconfigured(environment: &BTreeMap<String, String>) -> Option<String> {
    let (code, said) = run("quire", &["doctor".to_owned()], environment);
    (code == Some(2)).then_some(said)
}

#[test]
fn our_configuration_takes_every_variable() {
    let compose = compose::parse(&compose::text()).unwrap();
    for (name, service, image) in ours(&compose) {
        let environment = environment(service, &image);
        assert_eq!(misconfigured(&environment), None, "{name}");
        let foreign: Vec<_> = environment.keys().filter(|key| !key.starts_with("QUIRE__")).collect();
        assert!(foreign.is_empty(), "{name}: {foreign:?}");

        let mut misspelt = environment.clone();
        misspelt.insert("QUIRE__S3__BUKET".to_owned(), "quire".to_owned());
        assert!(misconfigured(&misspelt).is_some_and(|said| said.contains("buket")), "{name}");
        let mut wrong = environment;
        wrong.insert("QUIRE__WORKER__HEALTH".to_owned(), "8081".to_owned());
        assert!(misconfigured(&wrong).is_some(), "{name}");
    }
}

/// What a program of ours says of its arguments, if it does not take them.
fn refused(service: &Service, image: &Stage) -> Option<String> {
    let mut words = image.list("ENTRYPOINT").into_iter();
    let name = words.next().expect("an image of ours starts a program");
    let command = if service.command.is_empty() { image.list("CMD") } else { service.command.clone() };
    let arguments: Vec<String> = words.chain(command).chain(["--help".to_owned()]).collect();
    let (code, said) = run(&name, &arguments, &BTreeMap::new());
    (code != Some(0)).then_some(said)
}

#[test]
fn our_programs_take_their_commands() {
    let mut compose = compose::parse(&compose::text()).unwrap();
    for (name, service, image) in ours(&compose) {
        assert_eq!(refused(service, &image), None, "{name}");
    }

    compose.services.get_mut("coordinator").unwrap().command = vec!["served".to_owned()];
    let (_, service, image) = ours(&compose).into_iter().find(|(name, ..)| *name == "coordinator").unwrap();
    assert!(refused(service, &image).is_some_and(|said| said.contains("served")));
}

/// The port behind the last colon of an address.
fn port(address: &str) -> &str {
    address.rsplit(':').next().unwrap_or_default()
}

/// Complaints about a service of ours that is asked, or published, where it does not listen.
fn unheard(service: &Service, image: &Stage) -> Vec<String> {
    let environment = environment(service, image);
    let key = if image.list("ENTRYPOINT") == ["quire"] {
        "QUIRE__COORDINATOR__LISTEN"
    } else {
        "QUIRE__WORKER__HEALTH"
    };
    let listens = port(environment.get(key).map(String::as_str).unwrap_or_default()).to_owned();
    let asked = image.list("HEALTHCHECK").pop().unwrap_or_default();
    let mut wrong = Vec::new();
    if asked != format!("http://127.0.0.1:{listens}/livez") {
        wrong.push(format!("asked at {asked:?}"));
    }
    let published = service.ports.iter().map(|mapping| port(mapping));
    wrong.extend(published.chain(image.get("EXPOSE")).filter(|port| *port != listens).map(str::to_owned));
    wrong
}

#[test]
fn services_are_asked_and_published_where_they_listen() {
    let mut compose = compose::parse(&compose::text()).unwrap();
    for (name, service, image) in ours(&compose) {
        assert_eq!(unheard(service, &image), [""; 0], "{name}");
    }

    let coordinator = compose.services.get_mut("coordinator").unwrap();
    coordinator.environment.insert("QUIRE__COORDINATOR__LISTEN".to_owned(), "0.0.0.0:9090".to_owned());
    let (_, service, image) = ours(&compose).into_iter().find(|(name, ..)| *name == "coordinator").unwrap();
    assert_eq!(unheard(service, &image).len(), 3);
}

/// Complaints about addresses and keys that lead to no service.
fn unconnected(compose: &Compose) -> Vec<String> {
    let told = |service: &str, key: &str| {
        compose.services[service].environment.get(key).cloned().unwrap_or_default()
    };
    let (broker, s3) = ("rabbitmq", "s3");
    let (user, password) = (told(broker, "RABBITMQ_DEFAULT_USER"), told(broker, "RABBITMQ_DEFAULT_PASS"));
    let wanted = BTreeMap::from([
        ("QUIRE__RABBITMQ__URL", format!("amqp://{user}:{password}@{broker}:5672/%2f")),
        ("QUIRE__REDIS__URL", "redis://redis:6379/".to_owned()),
        ("QUIRE__S3__ENDPOINT", format!("http://{s3}:{}", port(&told(s3, "VGW_PORT")))),
        ("QUIRE__S3__ACCESS_KEY", told(s3, "ROOT_ACCESS_KEY")),
        ("QUIRE__S3__SECRET_KEY", told(s3, "ROOT_SECRET_KEY")),
        ("QUIRE__S3__BUCKET", made_bucket(compose, &told(s3, "VGW_BACKEND_ARG"))),
    ]);
    let mut wrong = Vec::new();
    for (name, service, _) in ours(compose) {
        for (key, value) in &wanted {
            if service.environment.get(*key) != Some(value) {
                wrong.push(format!("{name}: {key} is not {value}"));
            }
        }
    }
    wrong
}

/// The folder that becomes the bucket.
fn made_bucket(compose: &Compose, root: &str) -> String {
    let made = compose.services["bucket"].entrypoint.last().map(String::as_str).unwrap_or_default();
    made.strip_prefix(root).unwrap_or_default().trim_start_matches('/').to_owned()
}

#[test]
fn services_find_each_other() {
    let mut compose = compose::parse(&compose::text()).unwrap();
    assert_eq!(unconnected(&compose), [""; 0]);

    compose.services.get_mut("s3").unwrap().environment.insert("VGW_PORT".to_owned(), ":7071".to_owned());
    compose.services.get_mut("bucket").unwrap().entrypoint = vec!["/data/quirks".to_owned()];
    assert_eq!(unconnected(&compose).len(), 2 * ours(&compose).len());
}

/// Complaints about services and volumes that are named and not there.
fn dangling(compose: &Compose) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, service) in &compose.services {
        for (other, dependency) in &service.depends_on {
            let fits = compose.services.get(other).is_some_and(|other| match dependency.condition.as_str() {
                "service_healthy" => other.healthcheck.as_ref().is_some_and(|check| check.test.len() > 1),
                "service_completed_successfully" => other.healthcheck.is_none(),
                _ => false,
            });
            if !fits {
                wrong.push(format!("{name} needs {other}"));
            }
        }
        let volumes = service.volumes.iter().filter_map(|volume| volume.split(':').next());
        let missing = volumes.filter(|volume| !compose.volumes.contains_key(*volume));
        wrong.extend(missing.map(|volume| format!("{name} mounts {volume}")));
    }
    wrong
}

#[test]
fn what_a_service_needs_is_there() {
    let mut compose = compose::parse(&compose::text()).unwrap();
    assert_eq!(dangling(&compose), [""; 0]);

    compose.services.get_mut("redis").unwrap().healthcheck = None;
    compose.volumes.remove("scratch");
    assert_eq!(dangling(&compose).len(), 4);
}

#[test]
fn workers_can_be_many() {
    let compose = compose::parse(&compose::text()).unwrap();
    for name in ["worker", "worker-gpu"] {
        let worker = &compose.services[name];
        assert_eq!((worker.container_name.as_deref(), worker.ports.len()), (None, 0), "{name}");
    }
    assert_eq!(compose.services["worker"].profiles, [""; 0]);
    assert_eq!(compose.services["worker-gpu"].profiles, ["gpu"]);
}

#[test]
fn images_are_built_from_the_root() {
    let compose = compose::parse(&compose::text()).unwrap();
    let contexts = compose.services.values().filter_map(|service| service.build.as_ref());

    assert!(contexts.clone().all(|build| build.context == "."));
    assert_eq!(contexts.count(), images::of(&compose).len());
}

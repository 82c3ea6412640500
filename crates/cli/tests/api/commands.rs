//! The commands about jobs, each as a shell runs it.

use std::fs;

use crate::fleet::Fleet;
use quire_ports::ObjectStore;
use quire_proto::manifest::Manifest;
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_job_goes_from_documents_to_files() {
    let fleet = Fleet::start();
    fleet.input("in/a.pdf", "%PDF pages 40 a");
    fleet.input("in/sub/b.pdf", "%PDF pages 3 b");

    let submitted = fleet.says(3, &["submit", "in", "--collection", "letters", "--wait", "--json"]);
    let status = json(submitted.lines().last().unwrap());
    let job = status["job"].as_str().unwrap();
    let out = fleet.says(3, &["results", job, "--out", "out", "--json"]);

    assert_eq!(status["phase"], "finished");
    assert_eq!((&status["pages"]["done"], &status["pages"]["failed"]), (&40.into(), &3.into()));
    assert_eq!(out.lines().count(), 2);
    let out = fleet.folder.path().join("out");
    let markdown = fs::read_to_string(out.join("sub/b.md")).unwrap();
    assert!(markdown.contains("This is page 3.") && markdown.contains("b.assets/p00001-2.png"), "{markdown}");
    assert_eq!(fs::read(out.join("sub/b.assets/p00001-2.png")).unwrap(), b"picture");
    let records = json(&fs::read_to_string(out.join("a.json")).unwrap());
    assert_eq!(records["pages"].as_array().unwrap().len(), 40);
    let list = json(&fleet.says(0, &["list", "--json"]));
    assert_eq!((&list["job"], &list["collection"]), (&status["job"], &"letters".into()));
}

#[test]
fn failures_are_listed_and_tried_again() {
    let fleet = Fleet::start();
    fleet.input("in/a.pdf", "%PDF pages 12 a");
    fleet.input("in/broken.pdf", "%PDF nonsense");
    let job = fleet.says(0, &["submit", "in"]);
    fleet.says(3, &["watch", &job]);

    let failures = fleet.says(3, &["failures", &job]);
    let again = fleet.says(3, &["retry", &job, "--wait", "--json"]);

    assert!(failures.contains("broken.pdf: no pages in it (damaged)"), "{failures}");
    assert!(failures.contains("a.pdf page 11: took too long (render_timeout)"), "{failures}");
    let again = json(again.lines().last().unwrap());
    assert_ne!(again["job"], job);
    assert_eq!((&again["pages"]["done"], &again["failed_documents"]), (&12.into(), &1.into()));
}

#[test]
fn the_same_documents_again_are_the_same_job() {
    let fleet = Fleet::start();
    fleet.input("a.pdf", "%PDF pages 3 a");
    let submit = ["submit", "a.pdf", "--idempotency-key", "monday"];
    let first = fleet.says(0, &submit);

    let second = fleet.says(0, &submit);
    let other = fleet.quire(&["submit", "a.pdf", "--priority", "high", "--idempotency-key", "monday"]);

    assert_eq!(first, second);
    assert_eq!(other.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&other.stderr);
    assert!(stderr.contains("used for another request") && stderr.contains("use a new key"), "{stderr}");
}

#[test]
fn a_cancelled_job_ends_and_says_so() {
    let fleet = Fleet::start();
    fleet.work(false);
    fleet.input("a.pdf", "%PDF pages 5000 a");
    let job = fleet.says(0, &["submit", "a.pdf"]);

    fleet.says(0, &["cancel", &job]);
    let status = json(fleet.says(3, &["watch", &job, "--json"]).lines().last().unwrap());

    assert_eq!(status["pages"]["cancelled"], 5000);
}

#[test]
fn results_are_written_while_the_job_runs() {
    let fleet = Fleet::start();
    fleet.input("a.pdf", "%PDF pages 3 a");
    let first = fleet.says(0, &["submit", "a.pdf"]);
    fleet.says(0, &["watch", &first]);
    fleet.work(false);
    fleet.input("b.pdf", "%PDF pages 40 b");
    let job = fleet.says(0, &["submit", "a.pdf", "b.pdf"]);
    while json(&fleet.says(0, &["status", &job, "--json"]))["pages"]["done"] != 3 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }

    let early = fleet.says(3, &["results", &job, "--out", "out", "--json"]);
    fleet.work(true);
    fleet.says(3, &["watch", &job]);
    let late = fleet.says(3, &["results", &job, "--out", "out", "--json"]);

    let (early, late): (Vec<Value>, Vec<Value>) =
        (early.lines().map(json).collect(), late.lines().map(json).collect());
    assert_eq!(early[0]["outputs"].as_array().unwrap().len(), 3);
    assert!(early[1]["problem"].as_str().unwrap().contains("of 40 pages"), "{early:?}");
    assert!(late.iter().all(|document| document.get("problem").is_none()), "{late:?}");
}

#[test]
fn verification_and_removal_say_what_they_did() {
    let fleet = Fleet::start();
    fleet.input("a.pdf", "%PDF pages 5 a");
    let job = fleet.says(0, &["submit", "a.pdf", "--wait"]).split(' ').next().unwrap().to_owned();
    let sound = fleet.says(0, &["verify", &job]);
    let manifest = format!("local/jobs/{job}/manifest.json").parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let body = runtime.block_on(fleet.store.get(&manifest)).unwrap();
    let piece = serde_json::from_slice::<Manifest>(&body).unwrap().documents[0].cover[0].key.clone();
    runtime.block_on(fleet.store.delete(&piece)).unwrap();

    let broken = fleet.says(1, &["verify", &job]);
    fleet.says(0, &["rm", &job]);
    let gone = fleet.quire(&["status", &job]);

    assert!(sound.starts_with("5 pages in 1 objects"), "{sound}");
    assert!(broken.contains("does not exist"), "{broken}");
    assert!(String::from_utf8_lossy(&gone.stderr).contains("was never submitted"));
}

#[test]
fn a_dry_run_sends_nothing() {
    let fleet = Fleet::start();
    fleet.input("in/a.pdf", "%PDF pages 5 a");

    let plan = fleet.says(0, &["submit", "in", "--dry-run"]);

    assert!(plan.contains("in/a.pdf as a.pdf"), "{plan}");
    assert_eq!(fleet.says(0, &["list"]), "");
}

#[test]
fn a_coordinator_that_is_not_there_is_said_with_what_to_do() {
    let fleet = Fleet::start();
    let server = fleet.url("");
    drop(fleet);
    let folder = tempfile::tempdir().unwrap();

    let output = std::process::Command::new(env!("CARGO_BIN_EXE_quire"))
        .args(["list", "--server", &server])
        .current_dir(folder.path())
        .env("XDG_CONFIG_HOME", folder.path())
        .output()
        .unwrap();

    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains(&server) && stderr.contains("quire serve"), "{stderr}");
}

#[test]
fn garbage_is_counted_then_deleted_and_the_documents_can_be_sent_again() {
    let fleet = Fleet::start();
    fleet.input("a.pdf", "%PDF pages 3 a");
    let job = fleet.says(0, &["submit", "a.pdf"]);
    fleet.says(0, &["watch", &job]);
    let busy = json(&fleet.says(0, &["gc", "--older-than", "0s", "--json"]));
    fleet.says(0, &["rm", &job]);

    let young = json(&fleet.says(0, &["gc", "--json"]));
    let counted = fleet.says(0, &["gc", "--older-than", "0s", "--dry-run"]);
    let deleted = json(&fleet.says(0, &["gc", "--older-than", "0s", "--json"]));
    let other = json(&fleet.says(0, &["gc", "--older-than", "0s", "--tenant", "other", "--json"]));

    assert_eq!(
        (&busy["documents"]["used"], &busy["results"]["used"], &busy["jobs"]),
        (&1.into(), &1.into(), &1.into())
    );
    assert_eq!((&young["documents"]["young"], &young["documents"]["removed"]), (&1.into(), &0.into()));
    assert!(counted.starts_with("would delete 1 documents, 1 results, 1 figures"), "{counted}");
    assert_eq!((&deleted["documents"]["removed"], &deleted["results"]["removed"]), (&1.into(), &1.into()));
    assert_eq!(other["documents"]["removed"], 0);
    assert_eq!(fleet.says(0, &["submit", "a.pdf"]), job);
    assert!(fleet.says(0, &["watch", &job]).contains("3 done"));
}

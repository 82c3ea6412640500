//! The command as a shell sees it, as far as no model is needed.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn quire(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quire"))
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CONFIG_HOME", folder)
        .output()
        .expect("quire starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn wrong_arguments_are_code_2() {
    let folder = tempfile::tempdir().unwrap();

    for arguments in [&["convert"][..], &["convert", "a.pdf", "--out", "o", "--pages", "0"], &["nonsense"]] {
        assert_eq!(quire(folder.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_wrong_configuration_is_code_2_and_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("quire.toml"), "[render]\nchildern = 2\n").unwrap();

    let output = quire(folder.path(), &["doctor"]);

    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("childern"), "{}", stderr(&output));
}

/// Nothing listens on port 1.
#[test]
fn a_password_of_digits_is_text() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = [
        ("QUIRE__RABBITMQ__URL", "amqp://127.0.0.1:1/%2f"),
        ("QUIRE__REDIS__URL", "redis://127.0.0.1:1/"),
        ("QUIRE__S3__ENDPOINT", "http://127.0.0.1:1"),
    ];

    let output = Command::new(env!("CARGO_BIN_EXE_quire-worker"))
        .current_dir(folder.path())
        .env("XDG_CONFIG_HOME", folder.path())
        .envs(nowhere)
        .envs([("QUIRE__S3__ACCESS_KEY", "0123"), ("QUIRE__S3__SECRET_KEY", "0123456789")])
        .output()
        .unwrap();

    // A configuration that is not valid would be code 2.
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(!stderr(&output).contains("123456789"), "{}", stderr(&output));
}

#[test]
fn a_device_that_cannot_be_used_is_code_2_and_says_which_can() {
    let output = Command::new(env!("CARGO_BIN_EXE_quire-worker")).args(["--device", "tpu"]).output().unwrap();

    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("cpu, cuda and cuda:NUMBER"), "{}", stderr(&output));
}

#[test]
fn a_folder_without_documents_is_code_4_and_said() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();

    let output = quire(folder.path(), &["convert", "in", "--out", "out"]);

    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(stderr(&output).contains("no pdf, png, jpeg or tiff file"), "{}", stderr(&output));
}

#[test]
fn an_output_that_cannot_be_written_is_said_before_work_starts() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.pdf"), "%PDF-1.4\n").unwrap();
    fs::write(folder.path().join("file"), "").unwrap();

    let output = quire(folder.path(), &["convert", "a.pdf", "--out", "file/out"]);

    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot write to the output folder"), "{}", stderr(&output));
}

#[test]
fn help_and_version_go_to_stdout() {
    let folder = tempfile::tempdir().unwrap();

    for argument in ["--help", "--version"] {
        let output = quire(folder.path(), &[argument]);
        assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(0), false), "{argument}");
    }
}

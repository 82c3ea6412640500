//! The README does what it says: its commands are run, and its files are there afterwards.

use std::{fs, process::Command};

use anyhow::{Context, ensure};
use quire_tests::{quire::Room, sample, workspace};

/// The lines of the README's shell blocks, without comments.
fn commands() -> anyhow::Result<Vec<String>> {
    let readme = fs::read_to_string(workspace().join("README.md"))?;
    let blocks = readme.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("sh\n"));
    let lines = blocks.flat_map(str::lines).map(|line| line.split('#').next().unwrap_or_default().trim());
    Ok(lines.filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// What stands in backticks in the README's running text and tables.
fn quoted() -> anyhow::Result<Vec<String>> {
    let readme = fs::read_to_string(workspace().join("README.md"))?;
    let prose = readme.split("```").step_by(2).collect::<String>();
    Ok(prose.split('`').skip(1).step_by(2).map(|words| words.replace('\n', " ")).collect())
}

#[test]
fn each_make_line_names_a_target_and_variables_of_the_makefile() -> anyhow::Result<()> {
    let makefile = fs::read_to_string(workspace().join("Makefile"))?;
    let known = |name: &str, signs: &[&str]| {
        makefile.lines().any(|line| {
            line.strip_prefix(name).is_some_and(|rest| signs.iter().any(|sign| rest.starts_with(sign)))
        })
    };
    let lines = [commands()?, quoted()?].concat();
    let lines: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("make ")).collect();

    ensure!(lines.len() >= 3, "{lines:?}");
    for word in lines.iter().flat_map(|line| line.split_whitespace()) {
        match word.split_once('=') {
            Some((variable, _)) => assert!(known(variable, &[" ?="]), "{word}"),
            None => assert!(known(word, &[":"]), "{word}"),
        }
    }
    Ok(())
}

#[test]
fn make_convert_would_run_the_command_on_a_sample_that_is_there() -> anyhow::Result<()> {
    let planned = Command::new("make")
        .args(["--dry-run", "--no-print-directory", "convert"])
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("MAKEFLAGS")
        .current_dir(workspace())
        .output()?;
    let planned = String::from_utf8(planned.stdout)?;

    let line = planned.lines().find(|line| line.contains("quire convert")).context("no quire convert")?;

    let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches('"')).collect();
    assert_eq!(words[..2], ["target/release/quire", "convert"]);
    assert!(workspace().join(words[2]).is_file(), "{line}");
    Ok(())
}

#[test]
fn each_quire_line_runs_and_leaves_the_files_of_the_table() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.copy(&sample("francais.pdf"), "scans/francais.pdf")?;
    room.copy(&sample("sample.pdf"), "letter.pdf")?;
    room.copy(&sample("image-phototest.tif"), "page.tif")?;
    let lines = commands()?;
    let lines: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("target/release/quire ")).collect();

    ensure!(!lines.is_empty(), "no quire line");
    for line in lines {
        let ran = room.run(line.split_whitespace().chain(["--json"]))?;
        assert_eq!(ran.code, Some(0), "{line}: {}", ran.stderr);
    }

    let promised: Vec<String> = quoted()?.into_iter().filter(|words| words.starts_with("results/")).collect();
    ensure!(promised.len() >= 4, "{promised:?}");
    for path in promised {
        // The sample has no figure, so there is no folder for any.
        let there = room.path(&path).exists();
        assert!(there || path.ends_with(".assets/"), "{path}");
    }
    Ok(())
}

#[test]
fn each_command_and_option_in_the_text_is_one() -> anyhow::Result<()> {
    let room = Room::new()?;
    let help = room.help(&["convert"])?;
    let quoted = quoted()?;

    for command in quoted.iter().filter_map(|words| words.strip_prefix("quire ")) {
        let subcommand = command.split_whitespace().next().unwrap_or_default();
        assert!(room.help(&[subcommand])?.contains("Usage: quire"), "quire {command}");
    }
    for option in quoted.iter().filter(|words| words.starts_with("--")) {
        let name = option.split_whitespace().next().unwrap_or_default();
        assert!(help.contains(name), "{option}");
    }
    Ok(())
}

//! The command line.

mod jobs;

use std::{num::NonZeroUsize, path::PathBuf};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
pub use jobs::{Client, Failures, Gc, List, OfJob, PriorityArg, Results, Retry, Serve, Status, Submit};
use quire_proto::{page_set::PageSet, profile::TextMode};

/// Reads documents: PDFs and images to Markdown, plain text and page records.
#[derive(Debug, Parser)]
#[command(name = "quire", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 all pages done, 2 wrong arguments, 3 some pages failed (the rest is there), \
                        4 the input cannot be used, 1 anything else."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of every subcommand.
    #[command(flatten)]
    pub common: Common,
}

/// Options of every subcommand.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Common {
    /// Configuration file [default: quire.toml here, then ~/.config/quire/quire.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more; twice for everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Convert documents and folders of documents
    Convert(Convert),
    /// Fetch and prepare the native libraries and models
    Setup,
    /// Say what is here, what is missing, and what to do about it
    Doctor(Doctor),
    /// Run the coordinator of a fleet: takes jobs in and accounts for their pages
    Serve(Serve),
    /// Send documents to the fleet
    Submit(Submit),
    /// Say where jobs stand
    Status(Status),
    /// Watch a job until it is finished
    Watch(OfJob),
    /// List jobs
    List(List),
    /// Give a job up; pages that are done are kept
    Cancel(OfJob),
    /// Say what of a job could not be read, and why
    Failures(Failures),
    /// Try again what failed
    Retry(Retry),
    /// Write the results of a job to a folder, also while it runs
    Results(Results),
    /// Check every result of a job against its manifest
    Verify(OfJob),
    /// Remove the records of a finished job; documents and results stay in the store
    Rm(OfJob),
    /// Delete documents and results that no job refers to
    Gc(Gc),
}

/// `quire convert`.
#[derive(Debug, Args)]
pub struct Convert {
    /// PDF, PNG, JPEG or TIFF files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Folder for the results; a run that was interrupted resumes there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// What to write
    #[arg(long, value_delimiter = ',', default_value = "md,txt,json", value_name = "LIST")]
    pub formats: Vec<Format>,
    /// Pages of each document, such as 1-3,7 [default: all]
    #[arg(long, value_name = "LIST", value_parser = pages)]
    pub pages: Option<PageSet>,
    /// How text is obtained [default: auto]
    #[arg(long)]
    pub mode: Option<Mode>,
    /// Pixels per inch at which pages are read [default: 200]
    #[arg(long, value_parser = clap::value_parser!(u16).range(36..=1200))]
    pub dpi: Option<u16>,
    /// Read a page that shows two pages side by side as the left one and then the right one
    #[arg(long)]
    pub split_spreads: bool,
    /// File whose first line is the password of the documents
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Pages rendered at once [default: one per core]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Replace results that are there already, and do all pages again
    #[arg(long)]
    pub overwrite: bool,
    /// Write events as JSON lines to stdout
    #[arg(long)]
    pub json: bool,
    /// Draw blocks, lines, words and reading order of each page into this folder
    #[arg(long, value_name = "DIR")]
    pub debug_images: Option<PathBuf>,
    /// Draw when each stage worked on which page, as an SVG, and say what held the pages up
    #[arg(long, value_name = "FILE")]
    pub profile_pipeline: Option<PathBuf>,
}

/// `quire doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Write the report as JSON to stdout
    #[arg(long)]
    pub json: bool,
    /// Connect to RabbitMQ, S3 and Redis too
    #[arg(long)]
    pub services: bool,
}

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Format {
    /// Markdown
    Md,
    /// Plain text
    Txt,
    /// Page records
    Json,
}

impl Format {
    /// The extension of its files.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Txt => "txt",
            Self::Json => "json",
        }
    }
}

/// How the text of pages is obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// The text layer where it is clean, recognition elsewhere
    Auto,
    /// Recognition on every page
    Force,
    /// Never recognition: the text layer as it is
    Skip,
}

impl From<Mode> for TextMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Auto => Self::Auto,
            Mode::Force => Self::Force,
            Mode::Skip => Self::Skip,
        }
    }
}

/// No page at all is a slip: whoever wants none need not run this.
fn pages(text: &str) -> Result<PageSet, String> {
    let pages: PageSet = text.parse().map_err(|error: quire_proto::range::InvalidRange| error.to_string())?;
    if pages.is_empty() { Err("no pages".to_owned()) } else { Ok(pages) }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn pages_are_written_as_people_do() {
        let cli =
            Cli::try_parse_from(["quire", "convert", "a.pdf", "--out", "o", "--pages", "1-3,7"]).unwrap();

        let Command::Convert(convert) = cli.command else { panic!("not convert") };
        assert_eq!(convert.pages.unwrap().count(), 4);
        assert_eq!(convert.formats, [Format::Md, Format::Txt, Format::Json]);
    }

    #[test]
    fn no_page_and_page_zero_are_refused() {
        for pages in ["0", "3-1", "x", ""] {
            let parsed = Cli::try_parse_from(["quire", "convert", "a.pdf", "--out", "o", "--pages", pages]);
            assert!(parsed.is_err(), "{pages:?}");
        }
    }
}

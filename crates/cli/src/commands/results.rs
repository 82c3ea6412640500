//! `quire results`: the results of a job as files, of the documents that are complete.

use std::{
    fs::File,
    io::{BufRead, BufReader, Seek, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use indicatif::ProgressBar;
use quire_document::outline::OutlineBuilder;
use quire_proto::{JobId, record::PageRecord};
use serde::Serialize;

use crate::{
    Exit,
    api::types::{JobDocument, JobDocuments},
    args::{Format, Results},
    client::{Client, print_json},
    config::Config,
    inputs::stems_of,
    outputs::{OutputFolder, Part, Standing, Writers, figure_names},
    progress,
};

/// What `--json` says of a document.
#[derive(Serialize)]
struct Written<'a> {
    name: &'a str,
    outputs: Vec<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Writes what is complete; the exit code says whether that was all, and whether all of it was read.
pub(super) fn run(config: &Config, arguments: &Results, bar: &ProgressBar) -> anyhow::Result<Exit> {
    let client = Client::new(config, &arguments.client)?;
    let JobDocuments { documents } = client.of_job(arguments.job, "/documents")?;
    let folder = OutputFolder::open(&arguments.out)?;
    let named: Vec<(&JobDocument, &str)> = documents.iter().flat_map(each_name).collect();
    let stems = stems_of(&named.iter().map(|(_, name)| *name).collect::<Vec<_>>());
    progress::show(bar, (0, named.len() as u64), "documents", "writing".to_owned());
    let (mut written, mut partial) = (0, false);
    for ((document, name), stem) in named.iter().zip(&stems) {
        let export = Export { client: &client, folder: &folder, arguments, document };
        let said = match export.problem(stem)? {
            None => {
                written += 1;
                Written { name, outputs: export.write(name, stem)?, problem: None }
            }
            Some(problem) => Written { name, outputs: Vec::new(), problem: Some(problem) },
        };
        partial |= said.problem.is_some() || document.pages.failed + document.pages.cancelled > 0;
        say(&said, arguments.client.json, bar)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    if !arguments.client.json {
        eprintln!("quire: {written} of {} documents written to {}", named.len(), arguments.out.display());
    }
    Ok(if partial || named.is_empty() { Exit::Partial } else { Exit::Done })
}

/// Equal files are one document with several names, and each name has its own results.
fn each_name(document: &JobDocument) -> impl Iterator<Item = (&JobDocument, &str)> {
    document.names.iter().map(move |name| (document, name.as_str()))
}

fn say(said: &Written<'_>, json: bool, bar: &ProgressBar) -> anyhow::Result<()> {
    if json {
        return print_json(said);
    }
    if let Some(problem) = &said.problem {
        bar.suspend(|| eprintln!("{}: {problem}", said.name));
    }
    Ok(())
}

/// One document on its way to its files.
struct Export<'a> {
    client: &'a Client,
    folder: &'a OutputFolder,
    arguments: &'a Results,
    document: &'a JobDocument,
}

impl Export<'_> {
    /// Why nothing is written.
    fn problem(&self, stem: &Path) -> anyhow::Result<Option<String>> {
        if let Some(failure) = &self.document.failure {
            return Ok(Some(format!("{} ({})", failure.message, failure.class)));
        }
        if !self.document.complete {
            let pages = self.document.pages;
            return Ok(Some(format!("{} of {} pages are done", pages.decided(), pages.submitted())));
        }
        if self.arguments.overwrite {
            return Ok(None);
        }
        let standing = self.folder.standing(stem, &self.arguments.formats, || Ok(self.document.document))?;
        Ok(match standing {
            Standing::Free | Standing::Ours(_) => None,
            Standing::Taken(there) => {
                Some(format!("{} is there already: use --overwrite to replace it", there.display()))
            }
        })
    }

    /// Two passes over the records, the first for what only the whole document tells.
    fn write(&self, name: &str, stem: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let document = self.document.document;
        let mut spool = self.spool(self.arguments.job)?;
        let mut outline = OutlineBuilder::default();
        for page in records(&mut spool)? {
            outline.add(&page?);
        }
        let mut outline = outline.finish();
        let source = Path::new(name).file_name().unwrap_or_default().to_string_lossy();
        let formats = &self.arguments.formats;
        let mut writers = Writers::open(self.folder, formats, stem, document, &source)?;
        let mut parts = Vec::new();
        for page in records(&mut spool)? {
            let mut page = page?;
            parts.extend(self.figures(&page, stem)?);
            outline.apply(&mut page);
            writers.page(&page)?;
        }
        let files = writers.finish()?;
        let outputs = files.iter().map(|part| part.target().to_owned()).collect();
        parts.extend(files);
        self.folder.publish(stem, document, parts)?;
        Ok(outputs)
    }

    /// The records as they come over the network; they must be all that there are.
    fn spool(&self, job: JobId) -> anyhow::Result<File> {
        let mut spool = tempfile::tempfile_in(self.folder.state()).context("keep records on their way")?;
        let mut pages = 0;
        for line in
            self.client.lines(&format!("/v1/jobs/{job}/pages?document={}", self.document.document))?.lines()
        {
            let line = line.context("the records of a document broke off: run the same command again")?;
            writeln!(spool, "{line}").context("keep records on their way")?;
            pages += 1;
        }
        let expected = self.document.pages.decided() - self.document.pages.cancelled;
        anyhow::ensure!(
            pages == expected,
            "{pages} of {expected} pages of document {} came: run the same command again",
            self.document.document
        );
        Ok(spool)
    }

    fn figures(&self, page: &PageRecord, stem: &Path) -> anyhow::Result<Vec<Part>> {
        let mut parts = Vec::new();
        if !self.arguments.formats.contains(&Format::Md) {
            return Ok(parts);
        }
        for name in figure_names(page) {
            let job = self.arguments.job;
            let picture = self.client.bytes(&format!("/v1/jobs/{job}/figures/{}/{name}", page.document))?;
            let mut part = Part::create(self.folder.assets(stem).join(name))?;
            part.write_all(&picture).map_err(|source| part.error(source))?;
            parts.push(part);
        }
        Ok(parts)
    }
}

/// The records from the beginning.
fn records(spool: &mut File) -> anyhow::Result<impl Iterator<Item = anyhow::Result<PageRecord>> + '_> {
    spool.rewind()?;
    let lines = BufReader::new(spool).lines();
    Ok(lines.map(|line| serde_json::from_str(&line?).context("understand the record of a page")))
}

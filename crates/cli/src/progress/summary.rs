//! The end of a run: every page accounted for, every failure named, and the exit code that follows.

use std::{fmt, path::PathBuf};

use quire_proto::Ledger;
use serde::Serialize;

use super::{PageProblem, meter::counted};
use crate::Exit;

/// What a run came to.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Summary {
    /// Documents with results.
    pub documents: usize,
    /// All pages of all documents that could be opened.
    pub pages: Ledger,
    /// Pages that were done by an earlier run.
    pub resumed: u64,
    /// Whole run in seconds.
    pub seconds: f64,
    /// Pages that failed, by document.
    pub failed_pages: Vec<(PathBuf, PageProblem)>,
    /// Documents without results, and why.
    pub failed_documents: Vec<(PathBuf, String)>,
    /// Whether a person stopped it.
    pub interrupted: bool,
    /// What held the pages up, when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bottleneck: Option<String>,
}

impl Summary {
    /// What the process says to the shell.
    pub(crate) fn exit(&self) -> Exit {
        if self.interrupted || self.pages.pending > 0 {
            Exit::Other
        } else if self.documents == 0 && !self.failed_documents.is_empty() {
            Exit::Unusable
        } else if self.pages.failed + self.pages.cancelled > 0 || !self.failed_documents.is_empty() {
            Exit::Partial
        } else {
            Exit::Done
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, message) in &self.failed_documents {
            writeln!(f, "failed: {}: {message}", path.display())?;
        }
        for (path, problem) in &self.failed_pages {
            writeln!(
                f,
                "failed: {} page {}: {} ({})",
                path.display(),
                problem.page,
                problem.message,
                problem.class
            )?;
        }
        let Ledger { done, blank, failed, cancelled, pending } = self.pages;
        write!(
            f,
            "{}: {} submitted = {done} done + {blank} blank + {failed} failed + {} cancelled",
            counted(self.documents as u64, "document"),
            counted(self.pages.submitted(), "page"),
            cancelled + pending,
        )?;
        if !self.failed_documents.is_empty() {
            write!(f, "; {} failed", counted(self.failed_documents.len() as u64, "document"))?;
        }
        if self.resumed > 0 {
            write!(f, "; {} were there already", self.resumed)?;
        }
        let new = self.pages.decided().saturating_sub(self.resumed) as f64;
        write!(f, "; {:.1} s, {:.1} pages/s", self.seconds, new / self.seconds.max(0.001))?;
        if let Some(bottleneck) = &self.bottleneck {
            write!(f, "; {bottleneck}")?;
        }
        if self.interrupted {
            write!(f, "\ninterrupted: run the same command again to do the rest")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use quire_proto::PageNumber;

    use super::*;

    fn summary(done: u64, failed: u64) -> Summary {
        Summary {
            documents: 1,
            pages: Ledger { done, failed, ..Ledger::default() },
            seconds: 2.0,
            ..Summary::default()
        }
    }

    #[test]
    fn the_exit_code_follows_from_the_pages() {
        assert_eq!(summary(3, 0).exit(), Exit::Done);
        assert_eq!(summary(3, 1).exit(), Exit::Partial);
        assert_eq!(Summary { interrupted: true, ..summary(3, 0) }.exit(), Exit::Other);
    }

    #[test]
    fn an_input_without_any_document_cannot_be_used() {
        let failed_documents = vec![(PathBuf::from("a.pdf"), "the file is empty".to_owned())];

        let nothing = Summary { failed_documents: failed_documents.clone(), ..Summary::default() };
        let some = Summary { failed_documents, ..summary(1, 0) };

        assert_eq!(nothing.exit(), Exit::Unusable);
        assert_eq!(some.exit(), Exit::Partial);
    }

    #[test]
    fn every_page_is_accounted_for_and_failures_are_named() {
        let page = PageNumber::FIRST;
        let problem = PageProblem { page, class: "render_timeout", message: "took too long".to_owned() };

        let text = Summary { failed_pages: vec![("a.pdf".into(), problem)], ..summary(3, 1) }.to_string();

        assert_eq!(
            text,
            "failed: a.pdf page 1: took too long (render_timeout)\n\
             1 document: 4 pages submitted = 3 done + 0 blank + 1 failed + 0 cancelled; 2.0 s, 2.0 pages/s"
        );
    }
}

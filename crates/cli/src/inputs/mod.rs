//! The documents to convert: found, recognised, and given a place below the output folder.
//!
//! ```text
//!  paths ─▶ walk (folders, sorted) ─▶ sniff (content decides) ─▶ names (distinct stems)
//! ```

mod bucket;
mod names;
mod sniff;
mod walk;

use std::{
    io,
    path::{Component, Path, PathBuf},
};

pub(crate) use bucket::{Objects, RemoteInput, split};
use names::distinct_stems;
use walk::Found;

/// A document to convert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    /// The file.
    pub path: PathBuf,
    /// Where its results go, relative to the output folder and without extension.
    pub stem: PathBuf,
}

/// Something that was named or found but cannot be converted.
#[derive(Debug)]
pub(crate) struct Rejected {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub reason: InputError,
}

/// Why an input cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// There is nothing of that name, or it may not be read.
    #[error("cannot be read")]
    Unreadable(#[source] io::Error),
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The content is of no kind that can be converted.
    #[error("not a document: expected a pdf, png, jpeg or tiff file")]
    NotADocument,
    /// A device, socket or pipe.
    #[error("neither a file nor a folder")]
    Special,
    /// A folder without any document in it.
    #[error("no pdf, png, jpeg or tiff file in this folder")]
    NoDocuments,
}

/// What the paths on the command line come to.
#[derive(Debug, Default)]
pub(crate) struct Discovery {
    /// In the order of the arguments, sorted within each folder.
    pub inputs: Vec<Input>,
    /// What cannot be used.
    pub rejected: Vec<Rejected>,
}

/// Finds the documents in `paths`, leaving out what lies in the output folder `out`.
pub(crate) fn discover(paths: &[PathBuf], out: &Path) -> Discovery {
    let mut walk = walk::Walk::new(out);
    for path in paths {
        walk.visit(path);
    }
    let (found, mut rejected) = walk.finish();
    let mut usable = Vec::new();
    for file in found {
        match sniff::check(&file.path) {
            Ok(()) => usable.push(file),
            Err(reason) => rejected.push(Rejected { path: file.path, reason }),
        }
    }
    let relative: Vec<&Path> = usable.iter().map(|file| file.relative.as_path()).collect();
    let stems = distinct_stems(&relative);
    let inputs =
        usable.into_iter().zip(stems).map(|(Found { path, .. }, stem)| Input { path, stem }).collect();
    Discovery { inputs, rejected }
}

/// A place below an output folder for each name that a submitter gave, however strange it is.
pub(crate) fn stems_of(names: &[&str]) -> Vec<PathBuf> {
    let plain = |name: &&str| -> PathBuf {
        let parts = Path::new(name).components().filter_map(|part| match part {
            Component::Normal(part) => Some(part),
            _ => None,
        });
        let path: PathBuf = parts.collect();
        if path.as_os_str().is_empty() { PathBuf::from("document") } else { path }
    };
    let paths: Vec<PathBuf> = names.iter().map(plain).collect();
    distinct_stems(&paths.iter().map(PathBuf::as_path).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const PDF: &[u8] = b"%PDF-1.4\n";

    #[test]
    fn no_name_leads_out_of_the_output_folder() {
        let stems = stems_of(&["../../a.pdf", "/etc/a.pdf", "..", "sub/b.pdf"]);

        assert_eq!(stems, [Path::new("a"), Path::new("etc/a"), Path::new("document"), Path::new("sub/b")]);
    }

    #[test]
    fn a_folder_is_mirrored_and_content_decides() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("in/sub")).unwrap();
        fs::write(root.join("in/b.pdf"), PDF).unwrap();
        fs::write(root.join("in/sub/a.PDF"), PDF).unwrap();
        fs::write(root.join("in/text.pdf"), "just text").unwrap();
        fs::write(root.join("in/empty.png"), "").unwrap();
        fs::write(root.join("in/notes.txt"), "no document").unwrap();

        let found = discover(&[root.join("in")], &root.join("out"));

        let stems: Vec<_> = found.inputs.iter().map(|input| input.stem.as_path()).collect();
        assert_eq!(stems, [Path::new("b"), Path::new("sub/a")]);
        let reasons: Vec<_> = found.rejected.iter().map(|rejected| rejected.reason.to_string()).collect();
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        assert!(reasons[0].contains("empty") && reasons[1].contains("not a document"), "{reasons:?}");
    }

    #[test]
    fn a_folder_without_documents_is_said() {
        let folder = tempfile::tempdir().unwrap();

        let found = discover(&[folder.path().to_owned()], Path::new("out"));

        assert!(found.inputs.is_empty());
        assert!(matches!(found.rejected[..], [Rejected { reason: InputError::NoDocuments, .. }]));
    }

    #[test]
    fn a_missing_file_is_said() {
        let found = discover(&[PathBuf::from("nowhere.pdf")], Path::new("out"));

        assert!(matches!(found.rejected[..], [Rejected { reason: InputError::Unreadable(_), .. }]));
    }
}

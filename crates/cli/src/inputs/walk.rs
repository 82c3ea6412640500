//! Files below the paths of the command line.
//!
//! Each file and each folder is visited once, however many links lead to it, so loops end.

use std::{
    collections::HashSet,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use super::{InputError, Rejected};

/// Extensions that make a file in a folder worth a look; a file that is named is looked at anyway.
const EXTENSIONS: [&str; 6] = ["pdf", "png", "jpg", "jpeg", "tif", "tiff"];

/// Folders of figures that an earlier run wrote.
const ASSETS: &str = ".assets";

/// A file that may be a document.
#[derive(Debug)]
pub(super) struct Found {
    /// As it can be opened.
    pub path: PathBuf,
    /// Below the folder it was found in, or just its name.
    pub relative: PathBuf,
}

pub(super) struct Walk {
    out: Option<PathBuf>,
    seen: HashSet<PathBuf>,
    found: Vec<Found>,
    rejected: Vec<Rejected>,
}

impl Walk {
    /// A walk that does not enter the output folder `out`.
    pub(super) fn new(out: &Path) -> Self {
        let out = fs::canonicalize(out).ok();
        Self { out, seen: HashSet::new(), found: Vec::new(), rejected: Vec::new() }
    }

    /// What was found, and what cannot be used.
    pub(super) fn finish(self) -> (Vec<Found>, Vec<Rejected>) {
        (self.found, self.rejected)
    }

    /// Visits a path of the command line.
    pub(super) fn visit(&mut self, path: &Path) {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => return self.reject(path, InputError::Unreadable(error)),
        };
        if metadata.is_dir() {
            let before = (self.found.len(), self.rejected.len(), self.seen.len());
            self.folder(path, Path::new(""));
            let after = (self.found.len(), self.rejected.len());
            // A folder that was visited before adds nothing, but is not without documents.
            if after == (before.0, before.1) && self.seen.len() > before.2 {
                self.reject(path, InputError::NoDocuments);
            }
        } else if metadata.is_file() {
            let name = path.file_name().map(PathBuf::from).unwrap_or_default();
            self.file(path, name);
        } else {
            self.reject(path, InputError::Special);
        }
    }

    fn folder(&mut self, path: &Path, relative: &Path) {
        let entries =
            match self.first_visit(path).and_then(|first| if first { sorted(path) } else { Ok(vec![]) }) {
                Ok(entries) => entries,
                Err(error) => return self.reject(path, InputError::Unreadable(error)),
            };
        for (name, path) in entries {
            let relative = relative.join(&name);
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() && !self.is_ours(&path) => self.folder(&path, &relative),
                Ok(metadata) if metadata.is_file() && has_extension(&path) => self.file(&path, relative),
                Err(error) if has_extension(&path) => self.reject(&path, InputError::Unreadable(error)),
                _ => {}
            }
        }
    }

    fn file(&mut self, path: &Path, relative: PathBuf) {
        match self.first_visit(path) {
            Ok(true) => self.found.push(Found { path: path.to_owned(), relative }),
            Ok(false) => {}
            Err(error) => self.reject(path, InputError::Unreadable(error)),
        }
    }

    /// Whether a folder holds results rather than documents.
    fn is_ours(&self, path: &Path) -> bool {
        let (Some(out), Ok(path)) = (&self.out, fs::canonicalize(path)) else { return false };
        let figures = path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ASSETS));
        path == *out || (path.starts_with(out) && figures)
    }

    fn first_visit(&mut self, path: &Path) -> io::Result<bool> {
        Ok(self.seen.insert(fs::canonicalize(path)?))
    }

    fn reject(&mut self, path: &Path, reason: InputError) {
        self.rejected.push(Rejected { path: path.to_owned(), reason });
    }
}

/// The entries of a folder in order, without hidden ones.
fn sorted(folder: &Path) -> io::Result<Vec<(std::ffi::OsString, PathBuf)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.to_string_lossy().starts_with('.') {
            entries.push((name, entry.path()));
        }
    }
    entries.sort();
    Ok(entries)
}

pub(super) fn has_extension(path: &Path) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|extension| EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn found(root: &Path, paths: &[&str], out: &str) -> Vec<String> {
        let mut walk = Walk::new(&root.join(out));
        for path in paths {
            walk.visit(&root.join(path));
        }
        walk.finish().0.into_iter().map(|found| found.relative.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_loop_of_links_ends() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("a")).unwrap();
        fs::write(root.join("a/x.pdf"), "").unwrap();
        symlink("..", root.join("a/up")).unwrap();
        symlink("x.pdf", root.join("a/y.pdf")).unwrap();
        symlink("nowhere.pdf", root.join("a/dangling.pdf")).unwrap();

        assert_eq!(found(root, &["a"], "out"), ["x.pdf"]);
    }

    #[test]
    fn hidden_files_and_own_results_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for path in ["in/.hidden", "in/out/x.assets", "in/y.assets"] {
            fs::create_dir_all(root.join(path)).unwrap();
            fs::write(root.join(path).join("p.png"), "").unwrap();
        }

        assert_eq!(found(root, &["in"], "in/out"), ["y.assets/p.png"]);
        assert!(found(root, &["in"], "in").is_empty());
    }

    #[test]
    fn a_file_named_twice_is_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("b.pdf"), "").unwrap();
        fs::write(root.join("a.data"), "").unwrap();

        assert_eq!(found(root, &["b.pdf", ".", "./b.pdf", "a.data"], "out"), ["b.pdf", "a.data"]);
    }
}

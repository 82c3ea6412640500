//! Where results go: each document has a stem of its own, also where case does not count.
//!
//! `a.pdf` becomes `a`; when `a.png` is there too, the two become `a.pdf` and `a.png`; what still meets
//! (the same name from two folders) gets a number. The same inputs always get the same stems.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsString,
    path::{Path, PathBuf},
};

/// One stem for each path, relative to the output folder.
pub(super) fn distinct_stems(relative: &[&Path]) -> Vec<PathBuf> {
    let mut meeting: HashMap<String, usize> = HashMap::new();
    for path in relative {
        *meeting.entry(folded(&path.with_extension(""))).or_default() += 1;
    }
    let alone = |path: &Path| meeting.get(&folded(&path.with_extension(""))) == Some(&1);
    // Stems that meet nobody are taken first, so that they do not depend on the others.
    let mut taken: HashSet<String> =
        relative.iter().filter(|path| alone(path)).map(|path| folded(&path.with_extension(""))).collect();
    relative
        .iter()
        .map(|path| if alone(path) { path.with_extension("") } else { numbered(path, &mut taken) })
        .collect()
}

/// The path with its extension, and a number when that is taken.
fn numbered(path: &Path, taken: &mut HashSet<String>) -> PathBuf {
    let mut stem = path.to_path_buf();
    let mut number = 1;
    while !taken.insert(folded(&stem)) {
        number += 1;
        let mut name: OsString = path.as_os_str().to_owned();
        name.push(format!("-{number}"));
        stem = PathBuf::from(name);
    }
    stem
}

fn folded(path: &Path) -> String {
    path.to_string_lossy().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(paths: &[&str]) -> Vec<String> {
        let paths: Vec<&Path> = paths.iter().map(Path::new).collect();
        distinct_stems(&paths).into_iter().map(|stem| stem.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_stem_of_its_own_is_the_name() {
        assert_eq!(stems(&["a.pdf", "b.tar.pdf", "sub/a.pdf"]), ["a", "b.tar", "sub/a"]);
    }

    #[test]
    fn names_that_meet_keep_their_extension() {
        assert_eq!(stems(&["a.pdf", "a.png", "B.pdf", "b.PDF"]), ["a.pdf", "a.png", "B.pdf", "b.PDF-2"]);
    }

    #[test]
    fn the_same_name_twice_is_numbered() {
        assert_eq!(stems(&["a.pdf", "a.pdf", "a.pdf"]), ["a.pdf", "a.pdf-2", "a.pdf-3"]);
    }

    #[test]
    fn a_stem_with_extension_gives_way_to_one_without() {
        assert_eq!(stems(&["a.pdf", "a.png", "a.pdf.tif"]), ["a.pdf-2", "a.png", "a.pdf"]);
    }
}

//! Figures of an earlier run that the new results do not show any more.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::PartError;

/// Removes the figures in `folder` that are not among `current`, and the folder when nothing is left in it.
///
/// Only files named as figures are (`p00001-2.png`) are touched: people may keep others beside them.
pub(super) fn remove(folder: &Path, current: &BTreeSet<PathBuf>) -> Result<(), PartError> {
    let failed = |source| PartError { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    let mut others = 0;
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if is_figure(&name) && !current.contains(&path) {
            fs::remove_file(&path).map_err(|source| PartError { path: path.clone(), source })?;
        } else {
            others += 1;
        }
    }
    if others == 0 { fs::remove_dir(folder).map_err(failed) } else { Ok(()) }
}

/// `p`, the page, `-`, the block, `.png`.
fn is_figure(name: &str) -> bool {
    let numbers = name.strip_prefix('p').and_then(|rest| rest.strip_suffix(".png"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    numbers
        .and_then(|numbers| numbers.split_once('-'))
        .is_some_and(|(page, block)| is_number(page) && is_number(block))
}

//! Where files are written before they are objects, and how the leftovers of the dead are found.
//!
//! Each process has a folder under `.staging`, and holds a lock on the file
//! `lock` in it. A folder whose lock can be taken belongs to nobody any more.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use tempfile::{NamedTempFile, TempDir};
use tracing::{info, warn};

/// No key begins with a dot, so no object can be here.
const FOLDER: &str = ".staging";

/// This process's own folder.
#[derive(Debug)]
pub(super) struct Staging {
    folder: TempDir,
    _lock: File,
}

impl Staging {
    /// Makes a folder, after removing those of processes that died.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let all = root.join(FOLDER);
        fs::create_dir_all(&all)?;
        // One at a time, so that nobody takes a folder for abandoned between its making and its locking.
        let gate = File::create(all.join("gate"))?;
        gate.lock()?;
        sweep(&all)?;
        let folder = TempDir::new_in(&all)?;
        let lock = File::create(folder.path().join("lock"))?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    /// A new file, removed on drop.
    pub(super) fn file(&self) -> io::Result<NamedTempFile> {
        NamedTempFile::new_in(self.folder.path())
    }
}

fn sweep(all: &Path) -> io::Result<()> {
    for entry in fs::read_dir(all)? {
        let folder = entry?.path();
        if folder.is_dir() && is_abandoned(&folder) {
            match fs::remove_dir_all(&folder) {
                Ok(()) => info!(folder = %folder.display(), "removed the leftovers of a process that died"),
                Err(error) => warn!(folder = %folder.display(), %error, "cannot remove leftovers"),
            }
        }
    }
    Ok(())
}

fn is_abandoned(folder: &Path) -> bool {
    let lock: PathBuf = folder.join("lock");
    match File::open(lock) {
        Ok(file) => !matches!(file.try_lock(), Err(TryLockError::WouldBlock)),
        // Died before it could make its lock.
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

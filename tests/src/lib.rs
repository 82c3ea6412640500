//! Promises of the whole: what the tests in this package share.
//!
//! ```text
//!  tidy/     the house: file lengths, who depends on whom, licences, the configuration reference
//!  corpus/   small documents with their origin and licence
//! ```

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

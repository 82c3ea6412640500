//! Promises of the whole: what the tests in this package share.
//!
//! ```text
//!  accuracy/ the text stays as right as it was
//!  convert/  the quire command on whole documents: samples, bad input, interruption
//!  deploy/   containers: images, variables, ports, commands
//!  fleet/    workers, coordinators and real servers: what is killed, drained, restarted and emptied
//!  tour/     `make fleet`: all of it at once, for one job
//!  tidy/     the house: file lengths, who depends on whom, licences, the configuration reference
//!  corpus/   small documents with their origin and licence
//! ```

pub mod fleet;
pub mod pdf;
pub mod quire;

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// A sample document.
pub fn sample(name: &str) -> PathBuf {
    workspace().join("tests/corpus").join(name)
}

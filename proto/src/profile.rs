//! A processing profile: everything that decides what a page's record says.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::ProfileId;

/// How the text of pages is obtained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextMode {
    /// The text layer where it is clean, recognition elsewhere.
    #[default]
    Auto,
    /// Recognition on every page.
    Force,
    /// Never recognition: the text layer as it is.
    Skip,
}

/// What a worker is asked to do with a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProcessingOptions {
    /// How text is obtained.
    pub mode: TextMode,
    /// Pixels per inch of the page images. Default: 200.
    pub dpi: u16,
    /// Whether figures are cut out and stored as assets.
    pub figures: bool,
    /// Whether an image of two pages side by side is read one page after the other.
    pub split_spreads: bool,
}

impl Default for ProcessingOptions {
    fn default() -> Self {
        Self { mode: TextMode::default(), dpi: 200, figures: true, split_spreads: false }
    }
}

/// Options, models, renderer and schema together: equal profiles give equal records.
///
/// Nothing secret belongs here (a password is not an option), since profiles are stored and compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Name and version of the page record's schema.
    pub schema: String,
    /// What was asked.
    pub options: ProcessingOptions,
    /// SHA-256 of each prepared model, by role.
    pub models: BTreeMap<String, String>,
    /// The renderer and its build.
    pub renderer: String,
    /// Version of the code between pixels and record; raised when the same input gives a different record.
    pub pipeline: String,
}

impl Profile {
    /// SHA-256 of the canonical JSON: fields in declaration order, maps sorted by key, no white space.
    pub fn id(&self) -> ProfileId {
        // Strings, integers and maps with string keys always have a JSON form.
        ProfileId::of(&serde_json::to_vec(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_profile_changes_its_id() {
        let base = Profile::default();

        let changes: [fn(&mut Profile); 7] = [
            |p| p.schema = "quire.page/2".to_owned(),
            |p| p.options.mode = TextMode::Force,
            |p| p.options.dpi = 300,
            |p| p.options.split_spreads = true,
            |p| p.renderer = "pdfium 1".to_owned(),
            |p| p.pipeline = "2".to_owned(),
            |p| p.models = BTreeMap::from([("detect".to_owned(), "00".to_owned())]),
        ];

        for change in changes {
            let mut changed = base.clone();
            change(&mut changed);
            assert_ne!(changed.id(), base.id(), "{changed:?}");
        }
        assert_eq!(base.clone().id(), base.id());
    }
}

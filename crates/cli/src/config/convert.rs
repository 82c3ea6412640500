//! `[convert]`: what `quire convert` does unless told otherwise.

use std::num::NonZeroU32;

use quire_proto::profile::{ProcessingOptions, TextMode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::InvalidConfig;

/// What `quire convert` does unless its flags say otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConvertConfig {
    /// How text is obtained: `auto` takes the text layer where it is clean, `force` recognises every page,
    /// `skip` recognises none.
    ///
    /// Default: `auto`. Since 0.1.0.
    pub mode: TextMode,
    /// Pixels per inch at which pages are read. More helps with print below 7 points and costs time.
    ///
    /// Default: `200`. Since 0.1.0.
    pub dpi: u16,
    /// Whether a page that is wider than high and shows two pages is read as the left one and then the right one.
    ///
    /// Turn it on for scans of open books; a page without a gutter near its middle is read as ever.
    ///
    /// Default: `false`. Since 0.1.0.
    pub split_spreads: bool,
    /// Pages in a range, the unit that an interrupted run need not do again.
    ///
    /// Default: `16`. Since 0.1.0.
    pub range_pages: NonZeroU32,
}

impl Default for ConvertConfig {
    fn default() -> Self {
        Self {
            mode: TextMode::default(),
            dpi: ProcessingOptions::default().dpi,
            split_spreads: ProcessingOptions::default().split_spreads,
            range_pages: const { NonZeroU32::new(16).unwrap() },
        }
    }
}

impl ConvertConfig {
    /// Checks what the types cannot express.
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let wrong =
            |key, problem: &str| Err(InvalidConfig { table: "convert", key, problem: problem.to_owned() });
        if !(36..=1200).contains(&self.dpi) {
            return wrong("dpi", "must be from 36 to 1200");
        }
        if self.range_pages.get() > 32 {
            return wrong("range_pages", "must be at most 32");
        }
        Ok(())
    }

    /// What a worker is asked to do with each page.
    pub fn options(&self) -> ProcessingOptions {
        let Self { mode, dpi, split_spreads, .. } = *self;
        ProcessingOptions { mode, dpi, split_spreads, ..ProcessingOptions::default() }
    }
}

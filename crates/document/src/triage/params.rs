//! Thresholds of triage.

/// When a text layer is believed, and which images are worth recognising.
#[derive(Clone, Debug, PartialEq)]
pub struct TriageParams {
    /// Share of characters without meaning (replacement, private use, unmapped, controls) that makes a layer
    /// garbled. Default 0.15.
    pub meaningless: f32,
    /// Characters that a layer must have before its statistics say anything. Default 60.
    pub enough_chars: usize,
    /// Least share of letters and digits, leaders left out. Default 0.4.
    pub least_alphanumeric: f32,
    /// Least and most share of vowels among Latin letters. Default 0.2 to 0.75.
    pub vowels: (f32, f32),
    /// A layer with fewer characters over a page-filling image is a stamp on a scan. Default 150.
    pub sparse_chars: usize,
    /// Share of the page that an image must fill to be its scan. Default 0.6.
    pub page_filling: f32,
    /// Least width of an image that may hold text, as a share of the page. Default 0.15.
    pub least_width: f32,
    /// Least height of such an image, as a share of the page. Default 0.03.
    pub least_height: f32,
    /// An image with more characters over it is a background. Default 20.
    pub background_chars: usize,
    /// Most images recognised per page, largest first. Default 32.
    pub most_images: usize,
}

impl Default for TriageParams {
    fn default() -> Self {
        Self {
            meaningless: 0.15,
            enough_chars: 60,
            least_alphanumeric: 0.4,
            vowels: (0.2, 0.75),
            sparse_chars: 150,
            page_filling: 0.6,
            least_width: 0.15,
            least_height: 0.03,
            background_chars: 20,
            most_images: 32,
        }
    }
}

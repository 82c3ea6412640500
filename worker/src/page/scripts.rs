//! Recognisers for scripts that the first one does not know, where the manifest has them: they read the lines in doubt.

use std::sync::Arc;

use futures_util::future::try_join_all;
use quire_document::language;
use quire_models::recognize::{LineImage, RecognizedLine};

use super::{PageStop, reader::PageReader};

impl PageReader {
    /// Asks the other recognisers about those of `lines` that are in doubt; the most confident reading stays.
    ///
    /// Lines in which nothing was read are asked about too: to a network that does not know a script it may be no text.
    pub(super) async fn with_other_scripts(
        &self,
        images: &[Arc<LineImage>],
        mut lines: Vec<RecognizedLine>,
    ) -> Result<Vec<RecognizedLine>, PageStop> {
        let least = self.params().second_opinion;
        let in_doubt: Vec<usize> = (0..lines.len()).filter(|&at| lines[at].confidence < least).collect();
        if in_doubt.is_empty() {
            return Ok(lines);
        }
        let others = self.engine().others().await?;
        let asked: Vec<Arc<LineImage>> =
            in_doubt.iter().filter_map(|&at| images.get(at).map(Arc::clone)).collect();
        let read = others.iter().map(|other| self.read_images(&other.lines, &asked));
        for (other, read) in others.iter().zip(try_join_all(read).await?) {
            for (&at, second) in in_doubt.iter().zip(read) {
                if is_better(&second, &lines[at], &other.scripts) {
                    lines[at] = second;
                }
            }
        }
        Ok(lines)
    }
}

/// Whether the second reading is surer of itself, and in a script that its network is there for.
fn is_better(second: &RecognizedLine, first: &RecognizedLine, scripts: &[String]) -> bool {
    let known = || scripts.iter().any(|script| language::is_written_in(&second.text, script));
    second.confidence > first.confidence && known()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surer_reading_stays_when_it_is_in_a_script_of_its_network() {
        let line =
            |text: &str, confidence| RecognizedLine { text: text.into(), confidence, words: Vec::new() };
        let first = line("IIpnBeT", 0.6);
        let cyrillic = ["Cyrl".to_owned()];

        assert!(is_better(&line("Привет", 0.9), &first, &cyrillic));
        assert!(is_better(&line("Привет", 0.4), &line("", 0.0), &cyrillic));
        assert!(!is_better(&line("Привет", 0.6), &first, &cyrillic));
        assert!(!is_better(&line("Privet", 0.9), &first, &cyrillic));
        assert!(!is_better(&line("…", 0.9), &first, &cyrillic));
    }
}

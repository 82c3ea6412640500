//! What the network's classes stand for.

/// The characters of the network's classes; class 0 is "no character here", the last is the space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alphabet {
    symbols: Vec<Box<str>>,
}

impl Alphabet {
    /// The class that stands for no character.
    pub const BLANK: u32 = 0;

    /// Reads the model's metadata: one character per line, without blank and space.
    pub fn from_metadata(characters: &str) -> Self {
        let symbols = std::iter::once("").chain(characters.lines()).chain([" "]).map(Box::from).collect();
        Self { symbols }
    }

    /// What `class` stands for; nothing for the blank and for classes that are not there.
    pub fn symbol(&self, class: u32) -> &str {
        self.symbols.get(class as usize).map_or("", |symbol| symbol)
    }

    /// Number of classes, blank and space included.
    pub fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Whether there are no characters beside blank and space.
    pub fn is_empty(&self) -> bool {
        self.len() <= 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_is_first_and_space_is_last() {
        let alphabet = Alphabet::from_metadata("a\nb\n\u{3000}");

        assert_eq!(alphabet.len(), 5);
        assert_eq!(
            [0, 1, 2, 3, 4, 5].map(|class| alphabet.symbol(class)),
            ["", "a", "b", "\u{3000}", " ", ""]
        );
    }
}

//! What the table network's tokens stand for.

/// A piece of the HTML that the network writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// The headings begin.
    HeadStart,
    /// The headings end.
    HeadEnd,
    /// A row begins.
    RowStart,
    /// A row ends.
    RowEnd,
    /// A whole cell without spans.
    Cell,
    /// A cell begins; its spans follow.
    CellStart,
    /// The open cell spans so many columns.
    ColumnSpan(u32),
    /// The open cell spans so many rows.
    RowSpan(u32),
    /// The spans of the open cell are complete.
    CellOpen,
    /// The table ends.
    End,
    /// Anything else: it changes nothing.
    Other,
}

/// The tokens of the table network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    tokens: Vec<Token>,
}

impl Vocabulary {
    /// Reads the model's metadata: one token per line. A begin token stands before them and an end token behind,
    /// and a cell without spans is one token, the last but one.
    pub fn from_metadata(characters: &str) -> Self {
        let mut names: Vec<&str> = characters.lines().collect();
        if !names.contains(&"<td></td>") {
            names.push("<td></td>");
        }
        let named = names.into_iter().filter(|&name| name != "<td>").map(token);
        Self { tokens: std::iter::once(Token::Other).chain(named).chain([Token::End]).collect() }
    }

    /// What token `index` stands for.
    pub(super) fn token(&self, index: u32) -> Token {
        self.tokens.get(index as usize).copied().unwrap_or(Token::Other)
    }

    /// Number of tokens, begin and end included.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there are no tokens beside begin and end.
    pub fn is_empty(&self) -> bool {
        self.len() <= 2
    }
}

fn token(name: &str) -> Token {
    let name = name.trim();
    let span = |prefix: &str| name.strip_prefix(prefix)?.trim_matches(['"', '\'']).parse().ok();
    match name {
        "<thead>" => Token::HeadStart,
        "</thead>" => Token::HeadEnd,
        "<tr>" => Token::RowStart,
        "</tr>" => Token::RowEnd,
        "<td></td>" => Token::Cell,
        "<td" => Token::CellStart,
        ">" => Token::CellOpen,
        _ => span("colspan=")
            .map(Token::ColumnSpan)
            .or_else(|| span("rowspan=").map(Token::RowSpan))
            .unwrap_or(Token::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begin_and_end_stand_around_the_metadata() {
        let vocabulary =
            Vocabulary::from_metadata("<thead>\n<td\n>\n colspan=\"2\"\n rowspan=\"13\"\n<td></td>");

        let tokens: Vec<_> = (0..9).map(|index| vocabulary.token(index)).collect();

        use Token::{Cell, CellOpen, CellStart, ColumnSpan, End, HeadStart, Other, RowSpan};
        assert_eq!(
            tokens,
            [Other, HeadStart, CellStart, CellOpen, ColumnSpan(2), RowSpan(13), Cell, End, Other]
        );
    }
}

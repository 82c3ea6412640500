//! Lists: markers and indents of nested items.

use quire_proto::record::Block;

/// Where the text of the open items begins, outermost first.
#[derive(Debug, Default)]
pub(super) struct Lists {
    columns: Vec<usize>,
}

/// How an item begins.
pub(super) struct Item {
    /// Indent and Markdown marker.
    pub(super) prefix: String,
    /// The printed marker that the Markdown marker replaces; empty when it stays in the text.
    pub(super) marker: String,
}

impl Lists {
    /// Opens the item that `block` is.
    pub(super) fn enter(&mut self, block: &Block) -> Item {
        let item = block.list.clone().unwrap_or_default();
        self.columns.truncate(usize::from(item.depth));
        let indent = self.columns.last().copied().unwrap_or(0);
        let number = item.marker.trim_matches(['.', ')', '(']);
        let counted = item.ordered && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let marker = if counted { format!("{number}.") } else { "-".to_owned() };
        self.columns.push(indent + marker.len() + 1);
        // Markdown has no items (a), iv. or [7]: a bullet carries them, and they stay readable.
        let replaced = counted || !item.ordered;
        Item {
            prefix: format!("{}{marker} ", " ".repeat(indent)),
            marker: if replaced { item.marker } else { String::new() },
        }
    }

    /// Closes all items.
    pub(super) fn leave(&mut self) {
        self.columns.clear();
    }
}

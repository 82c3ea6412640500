//! How deep items of lists are nested, by their indents.

use super::split::Draft;

/// Indents that differ by less than this many text sizes are one.
const SAME_INDENT: f32 = 0.6;

/// Deepest nesting.
const DEEPEST: u8 = 7;

/// The open items of a page, whose parts may be in several flows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nesting {
    /// Their indents, outermost first.
    indents: Vec<f32>,
    /// Where the last row stood.
    last: Option<f32>,
}

impl Nesting {
    /// Sets the depth of the items among `drafts`, which follow those seen before in reading order. A paragraph that
    /// is not indented ends the list.
    pub(crate) fn nest(&mut self, drafts: &mut [Draft]) {
        for draft in drafts {
            let (first, last) = (&draft.rows[0], &draft.rows[draft.rows.len() - 1]);
            // The next column has an edge of its own.
            if self.last.is_some_and(|above| last.rect.y1 < above) {
                self.indents.clear();
            }
            self.last = Some(last.rect.y0);
            let x = first.rect.x0;
            self.indents.retain(|indent| *indent < x - SAME_INDENT * first.size);
            if let Some(item) = &mut draft.list {
                item.depth = u8::try_from(self.indents.len()).unwrap_or(DEEPEST).min(DEEPEST);
                self.indents.push(x);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use quire_proto::{
        Rect,
        record::{BlockKind, Line, ListItem},
    };

    use super::*;
    use crate::blocks::Row;

    fn draft(x: f32, y: f32, item: bool) -> Draft {
        let rect = Rect::new(x, y, x + 200.0, y + 20.0);
        let row = Row { line: Line::default(), rect, size: 20.0, region: None, hint: None, drawn: 0 };
        let (kind, list) = if item {
            (BlockKind::ListItem, Some(ListItem::default()))
        } else {
            (BlockKind::Paragraph, None)
        };
        Draft { kind, rows: vec![row], list, level: None }
    }

    /// Depths of items at these places, each in a flow of its own; paragraphs have none.
    fn depths(places: &[(f32, f32, bool)]) -> Vec<Option<u8>> {
        let mut nesting = Nesting::default();
        let depth = |&(x, y, item): &(f32, f32, bool)| {
            let mut drafts = [draft(x, y, item)];
            nesting.nest(&mut drafts);
            drafts[0].list.as_ref().map(|item| item.depth)
        };
        places.iter().map(depth).collect()
    }

    #[test]
    fn items_of_several_flows_are_nested_in_each_other() {
        let list = [
            (100.0, 0.0, true),
            (140.0, 30.0, true),
            (140.0, 60.0, false),
            (141.0, 90.0, true),
            (180.0, 120.0, true),
            (101.0, 150.0, true),
        ];

        assert_eq!(depths(&list), [Some(0), Some(1), None, Some(1), Some(2), Some(0)]);
    }

    #[test]
    fn a_paragraph_at_the_edge_and_a_new_column_end_a_list() {
        assert_eq!(depths(&[(100.0, 0.0, true), (80.0, 30.0, false), (140.0, 60.0, true)])[2], Some(0));
        assert_eq!(depths(&[(100.0, 500.0, true), (600.0, 0.0, true)]), [Some(0), Some(0)]);
    }
}

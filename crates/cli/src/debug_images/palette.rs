//! A colour and a name for each kind of block.

use quire_proto::record::BlockKind;

use super::canvas::Color;

/// How blocks of a kind are drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ink {
    /// On the label.
    pub name: &'static str,
    /// Of box and label.
    pub color: Color,
}

/// How `kind` is drawn: text in warm colours, pictures and tables in cold ones, furniture in grey.
pub(super) const fn of(kind: BlockKind) -> Ink {
    let (name, color) = match kind {
        BlockKind::Heading => ("heading", [200, 20, 20]),
        BlockKind::Paragraph => ("text", [220, 120, 0]),
        BlockKind::Quote => ("quote", [200, 150, 0]),
        BlockKind::ListItem => ("item", [150, 100, 30]),
        BlockKind::Code => ("code", [90, 90, 0]),
        BlockKind::Footnote => ("footnote", [170, 80, 110]),
        BlockKind::Caption => ("caption", [0, 130, 130]),
        BlockKind::Table => ("table", [110, 40, 190]),
        BlockKind::Figure => ("figure", [0, 110, 200]),
        BlockKind::Formula => ("formula", [60, 60, 160]),
        BlockKind::PageHeader => ("header", [120, 120, 120]),
        BlockKind::PageFooter => ("footer", [120, 120, 120]),
        BlockKind::PageNumber => ("page", [120, 120, 120]),
        BlockKind::LineNumbers => ("lines", [120, 120, 120]),
    };
    Ink { name, color }
}

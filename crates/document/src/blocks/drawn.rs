//! The order in which the file draws, where geometry leads the eye astray.
//!
//! On a form, labels in the margin, boxes and numbers at the end of each line are read in an order that white space
//! does not show. Programs that make forms draw them in that order. Neither is trusted blindly: of the two, the one
//! that makes the eye travel clearly less is right. (Of a hundred pages of the corpus, tables and two columns among them,
//! only those of the form get shorter by more than a twentieth.)

use quire_proto::Rect;

use super::{BlockParams, Row, flow::Flow};

/// The rows of `flows`, which are in geometric order, as the file draws them; `None` when that is no shorter way.
pub(crate) fn flows(flows: &[&Flow], params: &BlockParams) -> Option<Vec<Flow>> {
    let geometric: Vec<&Row> = flows.iter().flat_map(|flow| &flow.rows).collect();
    let mut drawn = geometric.clone();
    drawn.sort_by_key(|row| row.drawn);
    let shorter = travel(&drawn) < travel(&geometric) * params.drawn_travel;
    shorter.then(|| stacks(printed_rows(drawn.into_iter().cloned()), params))
}

/// How far the eye moves from the end of each row to the beginning of the next, in pixels.
fn travel(rows: &[&Row]) -> f32 {
    let step = |from: &Rect, to: &Rect| (to.x0 - from.x1).hypot(to.center().y - from.center().y);
    rows.windows(2).map(|pair| step(&pair[0].rect, &pair[1].rect)).sum()
}

/// A printed row, and whether it was several pieces: a line of a form.
type Printed = (bool, Row);

/// Pieces that are drawn one after the other on one line, from left to right, are one row.
fn printed_rows(pieces: impl Iterator<Item = Row>) -> Vec<Printed> {
    let mut rows: Vec<Printed> = Vec::new();
    for piece in pieces {
        match rows.last_mut() {
            Some((several, row))
                if row.level_with(&piece) && piece.rect.x0 > row.rect.x1 - 0.8 * row.size =>
            {
                row.append(piece);
                *several = true;
            }
            _ => rows.push((false, piece)),
        }
    }
    rows
}

/// A line of a form stands alone; other rows flow into the next one below.
fn stacks(rows: Vec<Printed>, params: &BlockParams) -> Vec<Flow> {
    let mut stacks: Vec<(bool, Flow)> = Vec::new();
    for (several, row) in rows {
        let next = Flow::new(vec![row]);
        match stacks.last_mut() {
            Some((false, flow)) if !several && flow.runs_into(&next, params) => flow.append(next),
            _ => stacks.push((several, next)),
        }
    }
    stacks.into_iter().map(|(_, flow)| flow).collect()
}

#[cfg(test)]
mod tests {
    use quire_proto::record::Line;

    use super::*;

    /// A row of `text` that is drawn as number `drawn`.
    fn row(drawn: usize, text: &str, x0: f32, x1: f32, y0: f32) -> Row {
        let rect = Rect::new(x0, y0, x1, y0 + 20.0);
        let line = Line { text: text.into(), rect, ..Line::default() };
        Row { line, rect, size: 20.0, region: None, hint: None, drawn }
    }

    fn read(geometric: Vec<Row>) -> Option<Vec<Vec<String>>> {
        let alone: Vec<Flow> = geometric.into_iter().map(|row| Flow::new(vec![row])).collect();
        let drawn = flows(&alone.iter().collect::<Vec<_>>(), &BlockParams::default())?;
        Some(drawn.iter().map(|flow| flow.rows.iter().map(|row| row.text().into()).collect()).collect())
    }

    #[test]
    fn labels_and_lines_of_a_form_that_geometry_mixes_are_read_as_drawn() {
        let geometric = vec![
            row(0, "Adjusted", 0.0, 90.0, 100.0),
            row(2, "23 Expenses", 150.0, 400.0, 102.0),
            row(1, "Income", 0.0, 80.0, 122.0),
            row(5, "24", 600.0, 620.0, 125.0),
            row(4, "24 Costs", 150.0, 400.0, 125.0),
            row(3, "23", 600.0, 620.0, 102.0),
        ];

        let read = read(geometric).expect("the shorter way");

        assert_eq!(read, [vec!["Adjusted", "Income"], vec!["23 Expenses 23"], vec!["24 Costs 24"]]);
    }

    #[test]
    fn text_that_geometry_reads_well_stays_as_it_is() {
        let columns = |drawn: [usize; 4]| {
            let places = [(0.0, 100.0), (0.0, 125.0), (300.0, 100.0), (300.0, 125.0)];
            let rows = drawn.into_iter().zip(places);
            rows.map(|(drawn, (x, y))| row(drawn, "text", x, x + 280.0, y)).collect::<Vec<_>>()
        };

        assert_eq!(read(columns([0, 1, 2, 3])), None);
        assert_eq!(read(columns([0, 2, 1, 3])), None, "drawn across the columns");
    }
}

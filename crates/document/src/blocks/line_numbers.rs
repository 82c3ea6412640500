//! Numbers of lines in the margin, as legal papers and editions have them: 1, 2, 3 … or 5, 10, 15 …
//!
//! ```text
//!  pieces ──▶ numbers at one x edge ──▶ rising by one step? ──▶ one for each line of text beside them? ──▶ taken out
//! ```
//!
//! Lists, tables with a running number and contents pages have numbers like that too. Better to leave line numbers where
//! they are than to take those apart: numbers count lines only where the text beside them runs on from line to line.

use quire_proto::{
    Rect,
    record::{Line, Word},
};

use super::Row;

/// What is taken for numbers of lines; lengths are in *ems*, the size of the number at hand.
#[derive(Clone, Copy, Debug)]
pub struct LineNumberParams {
    /// As many numbers are needed. Default 5.
    pub least: usize,
    /// How far their edges may lie apart. Default 0.6.
    pub flush_em: f32,
    /// White space between a number and the text, when one box holds both. Default 0.8.
    pub gap_em: f32,
    /// How far from the text they may stand. Default 12.
    pub reach_em: f32,
    /// The largest step from one to the next. Default 25.
    pub largest_step: u32,
    /// Share of what stands at their edge that counts up, so that a few may be misread. Default 0.8.
    pub believed: f32,
    /// Share of them that has text on its line. Default 0.6.
    pub beside: f32,
    /// Least and most lines of text for each line that they count. Default 0.5 and 1.25.
    pub lines: (f32, f32),
    /// The least where only some lines have a number: 1, 3, 5 … beside a line each are a list. Default 0.8.
    pub lines_between: f32,
    /// Where every line has a number, share of the lines that must go on in lower case: items of lists and entries of
    /// contents begin with capitals. Default 0.3.
    pub running: f32,
    /// Numbers that are looked at in one column; more are a drawing. Default 400.
    pub most: usize,
}

impl Default for LineNumberParams {
    fn default() -> Self {
        Self {
            least: 5,
            flush_em: 0.6,
            gap_em: 0.8,
            reach_em: 12.0,
            largest_step: 25,
            believed: 0.8,
            beside: 0.6,
            lines: (0.5, 1.25),
            lines_between: 0.8,
            running: 0.3,
            most: 400,
        }
    }
}

/// Takes the numbers of lines out of `pieces`: one list from top to bottom for each margin that has them, and the rest.
pub(crate) fn take(pieces: Vec<Row>, params: &LineNumberParams) -> (Vec<Vec<Row>>, Vec<Row>) {
    let numbers: Vec<Number> =
        pieces.iter().enumerate().flat_map(|(at, piece)| numbers_of(at, piece, params)).collect();
    let mut taken: Vec<Vec<Number>> = Vec::new();
    for edge in [|number: &Number| number.rect.x1, |number: &Number| number.rect.x0] {
        for column in columns(&numbers, edge, params) {
            let known = |number: &Number| taken.iter().flatten().any(|other| other.piece == number.piece);
            if !column.iter().any(known)
                && Column::of(&column, &pieces, params).is_some_and(|c| c.counts_lines())
            {
                taken.push(column);
            }
        }
    }
    let mut pieces: Vec<Option<Row>> = pieces.into_iter().map(Some).collect();
    let mut rest: Vec<Row> = Vec::new();
    let mut margins: Vec<Vec<Row>> = Vec::new();
    for column in taken {
        let mut margin: Vec<Row> = Vec::new();
        for number in column {
            let Some(piece) = pieces[number.piece].take() else { continue };
            let (own, text) = number.cut(piece);
            margin.push(own);
            rest.extend(text);
        }
        margins.push(margin);
    }
    (margins, pieces.into_iter().flatten().chain(rest).collect())
}

/// Which part of its piece a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    First,
    Last,
}

/// A number that may count a line.
#[derive(Clone, Copy, Debug)]
struct Number {
    piece: usize,
    part: Part,
    value: u32,
    /// In level coordinates.
    rect: Rect,
    size: f32,
}

fn value(text: &str) -> Option<u32> {
    let figures = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    figures.then(|| text.parse().ok()).flatten()
}

/// The piece itself if it is a number; else its first and last words, if white space sets them apart.
fn numbers_of(at: usize, piece: &Row, params: &LineNumberParams) -> Vec<Number> {
    let of = |part, text: &str, rect| {
        let value = value(text.trim())?;
        Some(Number { piece: at, part, value, rect, size: piece.size })
    };
    if let Some(whole) = of(Part::Whole, piece.text(), piece.rect) {
        return vec![whole];
    }
    let [first, second, .., before, last] = piece.line.words.as_slice() else { return Vec::new() };
    // Words are in page coordinates: a level row is moved a little.
    let moved = piece.rect.x0 - piece.line.rect.x0;
    let level = |word: &Word| Rect { x0: word.rect.x0 + moved, x1: word.rect.x1 + moved, ..piece.rect };
    let apart = |left: &Word, right: &Word| right.rect.x0 - left.rect.x1 > params.gap_em * piece.size;
    let first = apart(first, second).then(|| of(Part::First, &first.text, level(first))).flatten();
    let last = apart(before, last).then(|| of(Part::Last, &last.text, level(last))).flatten();
    first.into_iter().chain(last).collect()
}

impl Number {
    /// The number as a row of its own, and what else was in its piece.
    fn cut(self, piece: Row) -> (Row, Option<Row>) {
        let count = piece.line.words.len();
        let (own, rest) = match self.part {
            Part::Whole => return (piece, None),
            Part::First => (0..1, 1..count),
            Part::Last => (count - 1..count, 0..count - 1),
        };
        let own = part(&piece, &piece.line.words[own]);
        let mut text = part(&piece, &piece.line.words[rest]);
        let whole = piece.text().trim();
        text.line.text = match self.part {
            Part::Last => whole.strip_suffix(own.text()),
            _ => whole.strip_prefix(own.text()),
        }
        .unwrap_or_default()
        .trim()
        .to_owned();
        (own, Some(text))
    }
}

/// Those of the words of `piece`.
fn part(piece: &Row, words: &[Word]) -> Row {
    let moved = piece.rect.x0 - piece.line.rect.x0;
    let rect = Rect::around(words.iter().map(|word| &word.rect)).unwrap_or_default();
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    Row {
        line: Line { text, rect, words: words.to_vec(), ..piece.line.clone() },
        rect: Rect { x0: rect.x0 + moved, x1: rect.x1 + moved, ..piece.rect },
        ..piece.clone()
    }
}

/// Numbers at one `edge`, from top to bottom, that are enough.
fn columns(numbers: &[Number], edge: fn(&Number) -> f32, params: &LineNumberParams) -> Vec<Vec<Number>> {
    let mut sorted: Vec<Number> = numbers.to_vec();
    sorted.sort_by(|a, b| edge(a).total_cmp(&edge(b)));
    let mut columns: Vec<Vec<Number>> = Vec::new();
    for number in sorted {
        let flush = |first: &Number| edge(&number) - edge(first) < params.flush_em * number.size;
        match columns.last_mut() {
            Some(column) if column.first().is_some_and(flush) => column.push(number),
            _ => columns.push(vec![number]),
        }
    }
    columns.retain(|column| (params.least..=params.most).contains(&column.len()));
    for column in &mut columns {
        column.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
        trim(column);
    }
    columns
}

/// Leaves page numbers and dates out, which may stand above or below the others at their edge.
fn trim(column: &mut Vec<Number>) {
    let mut steps: Vec<f32> = column.windows(2).map(|pair| pair[1].rect.y0 - pair[0].rect.y0).collect();
    steps.sort_by(f32::total_cmp);
    let far = steps.get(steps.len() / 2).map_or(f32::INFINITY, |usual| 2.5 * usual);
    let is_far = |a: Option<&Number>, b: Option<&Number>| match (a, b) {
        (Some(a), Some(b)) => b.rect.y0 - a.rect.y0 > far || b.value <= a.value,
        _ => false,
    };
    while is_far(column.first(), column.get(1)) {
        column.remove(0);
    }
    while is_far(column.len().checked_sub(2).and_then(|at| column.get(at)), column.last()) {
        column.pop();
    }
}

/// Numbers at one edge and the text beside them.
struct Column<'a> {
    /// Those that count up by `step`.
    counted: Vec<Number>,
    step: u32,
    /// How many numbers there are.
    all: usize,
    /// What stands on the lines that they count, nearest to them.
    text: Vec<&'a Row>,
    params: &'a LineNumberParams,
}

impl<'a> Column<'a> {
    /// `None` where something else stands between the first and the last at their edge.
    fn of(column: &[Number], pieces: &'a [Row], params: &'a LineNumberParams) -> Option<Self> {
        let step = usual_step(column).filter(|step| *step <= params.largest_step)?;
        let counted = counted(column, step);
        let strip = Rect::around(column.iter().map(|number| &number.rect))?;
        let part = |at: usize| column.iter().find(|number| number.piece == at).map(|number| number.part);
        let reach = params.reach_em * column.first()?.size;
        let near = Rect { x0: strip.x0 - reach, x1: strip.x1 + reach, ..strip };
        let beside = pieces.iter().enumerate().filter(|(_, piece)| {
            (strip.y0..=strip.y1).contains(&piece.rect.center().y) && piece.rect.overlap_x(&near) > 0.0
        });
        let crosses = |(at, piece): (usize, &Row)| part(at).is_none() && piece.rect.overlap_x(&strip) > 0.0;
        let crossed = beside.clone().any(crosses);
        let text = beside.filter(|(at, _)| part(*at) != Some(Part::Whole)).map(|(_, piece)| piece).collect();
        (!crossed).then_some(Self { counted, step, all: column.len(), text, params })
    }

    fn counts_lines(&self) -> bool {
        let rises = self.counted.len() >= self.params.least
            && self.counted.len() as f32 >= self.params.believed * self.all as f32;
        rises && self.has_text_beside() && self.has_as_many_lines() && self.is_even() && self.runs_on()
    }

    fn level(&self, number: &Number) -> Option<&'a Row> {
        let shares = |row: &&&Row| {
            row.rect.overlap_y(&number.rect) > 0.5 * number.rect.height().min(row.rect.height())
        };
        self.text.iter().find(shares).copied()
    }

    fn has_text_beside(&self) -> bool {
        let beside = self.counted.iter().filter(|number| self.level(number).is_some()).count();
        beside as f32 >= self.params.beside * self.counted.len() as f32
    }

    /// Whether there are about as many lines of text as they say.
    fn has_as_many_lines(&self) -> bool {
        let mut middles: Vec<f32> = self.text.iter().map(|row| row.rect.center().y).collect();
        middles.sort_by(f32::total_cmp);
        let size = self.counted[0].size;
        middles.dedup_by(|b, a| *b - *a < 0.5 * size);
        let said = self.counted[self.counted.len() - 1].value - self.counted[0].value + 1;
        let (least, most) = self.params.lines;
        let least = if self.step > 1 { self.params.lines_between } else { least };
        (least..=most).contains(&(middles.len() as f32 / said as f32))
    }

    /// Whether a line takes the same height everywhere, but for a gap in five.
    fn is_even(&self) -> bool {
        let height = |pair: &[Number]| {
            (pair[1].rect.center().y - pair[0].rect.center().y) / (pair[1].value - pair[0].value) as f32
        };
        let mut heights: Vec<f32> = self.counted.windows(2).map(height).collect();
        heights.sort_by(f32::total_cmp);
        let usual = heights[heights.len() / 2];
        let even = heights.iter().filter(|height| (**height - usual).abs() <= 0.2 * usual).count();
        even as f32 >= self.params.believed * heights.len() as f32
    }

    /// Where each line has a number, whether the text goes on from line to line.
    fn runs_on(&self) -> bool {
        let lines: Vec<&Row> = self.counted.iter().filter_map(|number| self.level(number)).collect();
        let goes_on = |row: &&&Row| {
            let mut letters = row.text().chars().skip_while(|c| !c.is_alphabetic());
            letters.next().is_some_and(|c| !c.is_uppercase())
        };
        self.step > 1
            || lines.iter().filter(goes_on).count() as f32 >= self.params.running * lines.len() as f32
    }
}

/// The step that most neighbours have.
fn usual_step(column: &[Number]) -> Option<u32> {
    let mut steps: Vec<u32> = column
        .windows(2)
        .filter_map(|pair| pair[1].value.checked_sub(pair[0].value))
        .filter(|step| *step > 0)
        .collect();
    steps.sort_unstable();
    let longest = steps.chunk_by(|a, b| a == b).max_by_key(|chunk| chunk.len())?;
    longest.first().copied()
}

/// The most numbers that follow each other in whole steps, down the column; one or two between them may be missing.
fn counted(column: &[Number], step: u32) -> Vec<Number> {
    let follows = |before: &Number, number: &Number| {
        let rise = number.value.checked_sub(before.value).filter(|rise| *rise > 0);
        rise.is_some_and(|rise| rise <= 3 * step && rise % step == 0)
    };
    // How many count up to each number, and the one before it.
    let mut chains: Vec<(usize, Option<usize>)> = Vec::with_capacity(column.len());
    for (at, number) in column.iter().enumerate() {
        let before =
            (0..at).filter(|&before| follows(&column[before], number)).max_by_key(|&before| chains[before].0);
        chains.push((before.map_or(1, |before| chains[before].0 + 1), before));
    }
    let mut last = (0..column.len()).max_by_key(|&at| chains[at].0);
    let mut counted = Vec::new();
    while let Some(at) = last {
        counted.push(column[at]);
        last = chains[at].1;
    }
    counted.reverse();
    counted
}

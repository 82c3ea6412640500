//! A timeline as an SVG: one row for each lane, one colour for each page.

use std::{fmt::Write, time::Instant};

use super::{Kind, Lane, Span, Timeline};

/// Pixels of the picture.
const WIDTH: f64 = 1200.0;
/// Pixels left of the lanes, for their names.
const MARGIN: f64 = 110.0;
/// Height of a lane, and of the axis below them.
const LANE: f64 = 18.0;
/// Most spans drawn; of more, the shortest are left out and the picture says so.
const MOST_DRAWN: usize = 20_000;

impl Timeline {
    /// The timeline as an SVG under `title`.
    pub fn svg(&self, title: &str) -> String {
        let lanes = self.lanes();
        let height = 40.0 + LANE * (lanes.len() as f64 + 2.0);
        let mut svg = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/><text x="8" y="20" font-size="14">{}</text>"##,
            escaped(title)
        );
        let least = self.shortest_drawn();
        for (row, lane) in lanes.iter().enumerate() {
            self.draw_lane(&mut svg, lane, 34.0 + LANE * row as f64, least);
        }
        self.draw_decisions(&mut svg, height);
        self.draw_axis(&mut svg, 34.0 + LANE * (lanes.len() as f64 + 1.0));
        svg.push_str("</svg>\n");
        svg
    }

    fn draw_lane(&self, svg: &mut String, lane: &Lane<'_>, y: f64, least: f64) {
        let name = lane.stage;
        put(svg, format_args!(r#"<text x="8" y="{:.0}">{name}</text>"#, y + 12.0));
        for span in lane.spans.iter().filter(|span| (span.to - span.from).as_secs_f64() >= least) {
            let (x, width) = self.place(span);
            let label = title(span);
            let colour = colour(span);
            let (top, tall) = (y + 1.0, LANE - 3.0);
            put(
                svg,
                format_args!(
                    r#"<rect x="{x:.2}" y="{top:.0}" width="{width:.2}" height="{tall:.0}" fill="{colour}"><title>{label}</title></rect>"#
                ),
            );
        }
    }

    /// A line where a setting was changed.
    fn draw_decisions(&self, svg: &mut String, height: f64) {
        for decision in self.decisions() {
            let x = self.at(decision.at);
            let setting = escaped(&decision.setting);
            put(
                svg,
                format_args!(
                    r##"<path d="M{x:.2},30V{height:.0}" stroke="#c00" stroke-width="2"><title>{setting}</title></path>"##
                ),
            );
        }
    }

    fn draw_axis(&self, svg: &mut String, y: f64) {
        let seconds = self.length().as_secs_f64();
        for tenth in 0..=10 {
            let share = f64::from(tenth) / 10.0;
            let x = MARGIN + (WIDTH - MARGIN - 40.0) * share;
            put(svg, format_args!(r#"<text x="{x:.0}" y="{y:.0}">{:.2} s</text>"#, seconds * share));
        }
    }

    fn place(&self, span: &Span) -> (f64, f64) {
        let from = self.at(span.from);
        (from, (self.at(span.to) - from).max(0.3))
    }

    /// Where a moment of the run is.
    fn at(&self, moment: Instant) -> f64 {
        let since = moment.saturating_duration_since(self.start().unwrap_or(moment));
        MARGIN + (WIDTH - MARGIN - 40.0) * since.as_secs_f64() / self.length().as_secs_f64().max(1e-9)
    }

    /// Seconds below which a span is not drawn.
    fn shortest_drawn(&self) -> f64 {
        let mut lengths: Vec<f64> =
            self.spans().iter().map(|span| (span.to - span.from).as_secs_f64()).collect();
        lengths.sort_by(|a, b| b.total_cmp(a));
        lengths.get(MOST_DRAWN).copied().unwrap_or(0.0)
    }
}

/// What a pointer over the span shows.
fn title(span: &Span) -> String {
    let milliseconds = (span.to - span.from).as_secs_f64() * 1e3;
    let mut pages: Vec<String> = span.pages.iter().map(ToString::to_string).collect();
    pages.dedup();
    format!("{}: {} items, {milliseconds:.1} ms, pages {}", span.stage, span.items, pages.join(" "))
}

/// Neighbouring pages differ: each turns the hue by the golden angle. A batch of several pages is grey where they mix.
fn colour(span: &Span) -> String {
    let lightness = if span.kind == Kind::Network { 50 } else { 65 };
    match span.pages.as_slice() {
        [first, rest @ ..] if rest.iter().all(|page| page == first) => {
            format!("hsl({:.0},65%,{lightness}%)", f64::from(first.get()) * 137.5 % 360.0)
        }
        _ => "#555".to_owned(),
    }
}

fn put(svg: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    svg.write_fmt(text).ok();
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

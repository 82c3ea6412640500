//! A line through points, as an SVG.

use std::fmt::Write;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const MARGIN: f64 = 50.0;

/// `points` as `(size, pace)`, the sizes at even distances.
pub(super) fn svg(title: &str, points: &[(usize, f64)]) -> String {
    let highest = points.iter().map(|(_, pace)| *pace).fold(f64::MIN_POSITIVE, f64::max);
    let step = (WIDTH - 2.0 * MARGIN) / points.len().saturating_sub(1).max(1) as f64;
    let x = |at: usize| MARGIN + step * at as f64;
    let y = |pace: f64| HEIGHT - MARGIN - (HEIGHT - 2.0 * MARGIN) * pace / highest;
    let line: Vec<String> =
        points.iter().enumerate().map(|(at, (_, pace))| format!("{:.1},{:.1}", x(at), y(*pace))).collect();
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/><text x="{MARGIN}" y="24">{title}</text><polyline points="{}" fill="none" stroke="#06c" stroke-width="2"/>"##,
        line.join(" ")
    );
    for (at, (size, pace)) in points.iter().enumerate() {
        let (x, y) = (x(at), y(*pace));
        // Writing to a string cannot fail.
        write!(
            svg,
            r##"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="#06c"/><text x="{x:.1}" y="{:.1}" text-anchor="middle">{pace:.2}</text><text x="{x:.1}" y="{:.1}" text-anchor="middle">{size}</text>"##,
            y - 8.0,
            HEIGHT - MARGIN + 20.0
        )
        .ok();
    }
    svg.push_str("</svg>\n");
    svg
}

//! Lines of a block as running text: joined where the printer ran out of room, broken where he did not.

use quire_proto::record::{Block, Line};

use super::{escape, notes, wording::Wording};
use crate::{
    clean,
    hyphen::{self, Hyphens},
};

/// A line that left room for the next word and this many times its height more was ended on purpose.
const ROOM: f32 = 2.0;

/// Blocks with fewer characters to a line are addresses and labels rather than columns of text.
const LABEL: usize = 22;

/// The block's text without `marker`; a line end stands where the print breaks on purpose.
pub(super) fn broken(block: &Block, marker: &str, wording: &Wording) -> String {
    let mut text = String::new();
    for (at, line) in block.lines.iter().enumerate() {
        let mut printed = wording.notes.printable(line);
        if at == 0 {
            let trimmed = printed.trim_start();
            printed = trimmed.strip_prefix(marker).unwrap_or(trimmed).trim_start().to_owned();
        }
        let on_purpose = at > 0
            && (leaves_room(&block.lines[at - 1], line, block)
                || is_label(&block.lines[at - 1], line, block));
        if on_purpose && !printed.trim().is_empty() && !text.is_empty() {
            text.push('\n');
            text.push_str(printed.trim());
        } else {
            clean::join(&mut text, &printed, &wording.hyphens);
        }
    }
    without_leaders(&text.replace('\u{ad}', ""))
}

/// A row of dots that leads to a page number becomes one sign.
fn without_leaders(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('.') {
        let (before, dots) = rest.split_at(at);
        let after = dots.trim_start_matches(['.', ' ']);
        let leader = &dots[..dots.len() - after.len()];
        out.push_str(before);
        if leader.matches('.').count() >= 5 {
            out.truncate(out.trim_end().len());
            out.push_str(" … ");
        } else {
            out.push_str(leader);
        }
        rest = after;
    }
    out + rest
}

/// Addresses and labels: short lines, each beginning anew.
fn is_label(line: &Line, next: &Line, block: &Block) -> bool {
    let chars: usize = block.lines.iter().map(|line| line.text.chars().count()).sum();
    let anew = next.text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    let open = line.text.trim_end().ends_with(|c| c == ',' || hyphen::is_break(c));
    let below = next.rect.y0 > line.rect.center().y;
    chars < LABEL * block.lines.len() && anew && below && !open
}

/// Appends the continuation `next` to `text`, both with their line ends.
pub(super) fn append(text: &mut String, next: &str, hyphens: &Hyphens) {
    let (first, rest) = next.split_once('\n').unwrap_or((next, ""));
    clean::join(text, first, hyphens);
    if !rest.is_empty() {
        text.push('\n');
        text.push_str(rest);
    }
}

/// What each line of a quote begins with.
pub(super) const QUOTE: &str = "> ";

/// Escaped text behind `prefix`; further lines are quoted or indented to match, after a hard break.
pub(super) fn render(text: &str, prefix: &str) -> String {
    let indent = if prefix == QUOTE { prefix.to_owned() } else { " ".repeat(prefix.len()) };
    let lines: Vec<String> =
        text.split('\n').map(str::trim).filter(|line| !line.is_empty()).map(escaped).collect();
    if lines.is_empty() { String::new() } else { format!("{prefix}{}", lines.join(&format!("\\\n{indent}"))) }
}

fn escaped(line: &str) -> String {
    notes::labelled(&escape::line(line))
}

fn leaves_room(line: &Line, next: &Line, block: &Block) -> bool {
    let word = next.words.first().map_or(0.0, |word| word.rect.width());
    let below = next.rect.center().y > line.rect.y1.min(line.rect.center().y + 0.5 * line.rect.height());
    let room = block.rect.x1 - line.rect.x1;
    below && block.lines.len() > 1 && word > 0.0 && room > word + ROOM * line.rect.height()
}

/// A fenced block; indents come from the boxes, in widths of the line's own characters.
pub(super) fn fenced(block: &Block) -> String {
    let texts: Vec<String> = block.lines.iter().map(|line| clean::printable(&line.text)).collect();
    let longest_run = texts.iter().flat_map(|text| text.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest_run.max(2) + 1);
    let width = char_width(&block.lines);
    let mut out = fence.clone();
    let mut above: Option<&Line> = None;
    for (line, text) in block.lines.iter().zip(&texts) {
        let beside =
            above.is_some_and(|above| line.rect.center().y < above.rect.y1 && line.rect.x0 >= above.rect.x1);
        if beside {
            out.push_str("  ");
        } else {
            let blank = above.is_some_and(|above| line.rect.y0 - above.rect.y1 > 0.9 * line.rect.height());
            out.push_str(if blank { "\n\n" } else { "\n" });
            let indent = ((line.rect.x0 - block.rect.x0) / width).round().clamp(0.0, 120.0);
            out.push_str(&" ".repeat(indent as usize));
        }
        out.push_str(text.trim());
        above = Some(line);
    }
    format!("{out}\n{fence}")
}

/// Width of a character, from the longest line.
fn char_width(lines: &[Line]) -> f32 {
    let longest = lines.iter().max_by_key(|line| line.text.chars().count());
    longest.map_or(1.0, |line| line.rect.width() / line.text.chars().count().max(1) as f32).max(1.0)
}

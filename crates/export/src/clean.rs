//! Characters that no output format should carry, and how lines of one paragraph meet.

use quire_proto::record::Line;

use crate::hyphen::{Hyphens, Joint};

/// Without control characters and soft hyphens; separators and tabs become spaces.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
            '\u{fffe}' | '\u{ffff}' | '\u{feff}' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect()
}

/// Appends `next` to `text` as running text: a hyphen at the line's end is resolved, scripts without spaces get none.
pub(crate) fn join(text: &mut String, next: &str, hyphens: &Hyphens) {
    let next = next.trim();
    while text.ends_with(char::is_whitespace) {
        text.pop();
    }
    if next.is_empty() {
        return;
    }
    if let Some(hyphen) = hyphens.at_end(text, next) {
        text.pop();
        match hyphens.joint(text, hyphen, next) {
            Joint::Joined => {}
            // Two strokes are a hyphen of blackletter alone.
            Joint::Hyphenated => text.push(if matches!(hyphen, '=' | '⸗') { '-' } else { hyphen }),
            Joint::Apart => text.push_str("- "),
        }
    } else if !text.is_empty() && !meets_without_space(text, next) {
        text.push(' ');
    }
    text.push_str(next);
}

fn meets_without_space(text: &str, next: &str) -> bool {
    let wide = |c: Option<char>| c.is_some_and(is_wide);
    let (last, first) = (text.chars().next_back(), next.chars().next());
    let dash = last == Some('—') && text.chars().rev().nth(1).is_some_and(char::is_alphanumeric);
    (wide(last) && wide(first)) || dash
}

/// Whether words of this character's script stand without spaces.
pub(crate) fn is_wide(c: char) -> bool {
    ('\u{2e80}'..='\u{d7a3}').contains(&c) || ('\u{ff00}'..='\u{ffef}').contains(&c)
}

/// The lines as one running text.
/// The lines as one running text.
pub(crate) fn running(lines: &[Line], hyphens: &Hyphens) -> String {
    joined(lines.iter().map(|line| printable(&line.text)), hyphens)
}

/// Printable lines as one running text.
pub(crate) fn joined(lines: impl Iterator<Item = String>, hyphens: &Hyphens) -> String {
    let mut text = String::new();
    lines.for_each(|line| join(&mut text, &line, hyphens));
    text.replace('\u{ad}', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(first: &str, next: &str) -> String {
        let mut text = first.to_owned();
        join(&mut text, next, &Hyphens::default());
        text
    }

    #[test]
    fn hyphens_at_line_ends_are_resolved() {
        assert_eq!(joined("for exam-", "ple"), "for example");
        assert_eq!(joined("Jean-", "Luc"), "Jean-Luc");
        assert_eq!(joined("state-of-", "the-art"), "state-of-the-art");
        assert_eq!(joined("a soft\u{ad}", "ware"), "a software");
        assert_eq!(joined("one -", "two"), "one - two");
        assert_eq!(joined("1990-", "1995"), "1990-1995");
    }

    #[test]
    fn scripts_without_spaces_get_none() {
        assert_eq!(joined("软件包", "维护"), "软件包维护");
        assert_eq!(joined("plain", "text"), "plain text");
    }

    #[test]
    fn control_characters_disappear() {
        assert_eq!(printable("a\u{1b}[31mb\u{0}\tc"), "a[31mb c");
    }
}

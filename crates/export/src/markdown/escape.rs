//! Escaping: text of the page may not become markup, and should still read as text.
//!
//! Only what CommonMark or GFM would interpret is escaped. `snake_case`, `[1]`, `3 * 4`
//! and `C:\temp` stay as they are; `*this*`, `<b>` and `](link)` do not. Tags and entities
//! are escaped as HTML does, because many readers strip tags before they look at backslashes.

/// Escapes one line of running text; `text` is trimmed and has no line breaks.
pub(super) fn line(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    escaped(&chars, start(&chars))
}

fn escaped(chars: &[char], at_start: Option<usize>) -> String {
    let mut out = String::with_capacity(chars.len() + 8);
    for at in 0..chars.len() {
        match chars[at] {
            '<' if is_markup(chars, at) => out.push_str("&lt;"),
            '&' if is_markup(chars, at) => out.push_str("&amp;"),
            c => {
                if Some(at) == at_start || is_markup(chars, at) {
                    out.push('\\');
                }
                out.push(c);
            }
        }
    }
    out
}

/// Escapes text that does not begin a line, where `1.` and `-` open nothing.
pub(super) fn inline(text: &str) -> String {
    escaped(&text.chars().collect::<Vec<char>>(), None)
}

/// Escapes the text of a heading, whose closing `#` would vanish.
pub(super) fn heading(text: &str) -> String {
    let escaped = inline(text);
    match escaped.strip_suffix('#') {
        Some(before) if !before.ends_with('\\') => format!("{before}\\#"),
        _ => escaped,
    }
}

/// Escapes the text of a cell in a pipe table.
pub(super) fn cell(text: &str) -> String {
    inline(text).replace('|', "\\|")
}

/// Escapes text inside HTML.
pub(super) fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Percent-encodes what may not stand in a link's target.
pub(super) fn target(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_ascii() && !(c.is_ascii_alphanumeric() || "-._/~".contains(c)) {
            out.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// Where a backslash keeps the beginning of a line from opening a block.
fn start(chars: &[char]) -> Option<usize> {
    let first = *chars.first()?;
    let blank = |at: usize| chars.get(at).is_none_or(|c| c.is_whitespace());
    let run = chars.iter().take_while(|&&c| c == first).count();
    let only = |set: &str| chars.iter().all(|c| set.contains(*c) || c.is_whitespace());
    let opens = match first {
        '#' => run <= 6 && blank(run),
        '>' => true,
        '+' => blank(1),
        '-' => blank(1) || only("-:|"),
        '=' | '|' | ':' => only("=") || only("-:|"),
        '~' => run >= 3,
        '_' => only("_"),
        '[' => task(chars) || definition(chars),
        _ => false,
    };
    if opens {
        return Some(0);
    }
    let digits = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    let counts =
        (1..=9).contains(&digits) && matches!(chars.get(digits), Some('.' | ')')) && blank(digits + 1);
    counts.then_some(digits)
}

/// `[ ]` and `[x]` before a word are check boxes.
fn task(chars: &[char]) -> bool {
    matches!(chars, ['[', ' ' | 'x' | 'X', ']', ..])
}

/// `[label]: target` defines a link and prints nothing, `[^1]: note` a footnote.
fn definition(chars: &[char]) -> bool {
    chars.windows(2).any(|pair| pair == [']', ':'])
}

/// Whether the character at `at` would be interpreted inside a paragraph.
fn is_markup(chars: &[char], at: usize) -> bool {
    let (before, after) = (at.checked_sub(1).map(|at| chars[at]), chars.get(at + 1).copied());
    let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match chars[at] {
        '`' => true,
        '\\' => after.is_none_or(|c| c.is_ascii_punctuation()),
        '*' => at == 0 || !(space(before) && space(after)),
        '_' => !(space(before) && space(after) || word(before) && word(after)),
        '~' => before == Some('~') || after == Some('~') || !space(before),
        '<' => after.is_some_and(|c| c.is_ascii_alphabetic() || "/!?".contains(c)),
        '&' => is_entity(&chars[at + 1..]),
        ']' => matches!(after, Some('(' | '[')),
        '[' => after == Some('^'),
        _ => false,
    }
}

/// Whether `&` before `rest` begins a character reference.
fn is_entity(rest: &[char]) -> bool {
    let name = rest.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '#').count();
    name > 0 && rest.get(name) == Some(&';')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in [
            "snake_case and x_1",
            "see [1] and [Smith 2003]",
            "3 * 4 < 5",
            "C:\\temp\\x",
            "AT&T – R&D",
            "50 % (a|b)",
            "#5",
            "1.5",
            "-x",
            "~5",
        ] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn markup_is_escaped() {
        for (text, escaped) in [
            ("# no heading", "\\# no heading"),
            ("1. no item", "1\\. no item"),
            ("- no item", "\\- no item"),
            ("> no quote", "\\> no quote"),
            ("*not* bold", "\\*not\\* bold"),
            ("<script>", "&lt;script>"),
            ("a `tick`", "a \\`tick\\`"),
            ("&lt;", "&amp;lt;"),
            ("[a](b)", "[a\\](b)"),
            ("[a]: b", "\\[a]: b"),
            ("---", "\\---"),
            ("_ _ _", "\\_ _ _"),
            ("[x] done", "\\[x] done"),
        ] {
            assert_eq!(line(text), escaped);
        }
    }
}

//! Text made comparable: the same folds as the corpus's `score.py`, step by step.
//!
//! Whoever changes a rule here changes every published error rate; the test in `rates.rs` holds
//! both programs to the same numbers.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Folds what does not count as an error: compatibility forms, typographic quotes and dashes, the long s,
/// invisible characters, runs of white space.
pub fn normalise(text: &str) -> String {
    let primes = text.replace('\u{2033}', "\"").replace('\u{2032}', "'");
    let folded: String = primes.nfkc().filter_map(fold).collect();
    collapse_white_space(folded.nfc())
}

/// Joins words that are broken at a line end (`hyphen-⏎ation`).
pub fn join_hyphenated(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        match broken_word_continues(&chars, at) {
            Some(next) => at = next,
            None => {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    out
}

/// Strips Markdown and HTML markup.
pub fn plain(markdown: &str) -> String {
    let mut text = Cow::Borrowed(markdown);
    for (pattern, replacement) in MARKUP.iter() {
        text = Cow::Owned(pattern.replace_all(&text, *replacement).into_owned());
    }
    let text = strip_emphasis(&strip_cell_bars(&text));
    let text = ESCAPED.replace_all(&text, "$1");
    html_escape::decode_html_entities(&text).into_owned()
}

/// Text of a Markdown document.
///
/// `plain` takes an escaped `\<`, or one in a fenced block, for the start of a tag, as `score.py` does, and may lose
/// what follows up to the next `>`; here it is a character.
pub fn of_markdown(markdown: &str) -> String {
    let (mut escaped, mut fenced) = (String::with_capacity(markdown.len()), false);
    for line in markdown.split_inclusive('\n') {
        fenced ^= line.trim_start().starts_with("```");
        let bracket = if fenced { "<" } else { "\\<" };
        escaped.push_str(&line.replace(bracket, "&lt;"));
    }
    plain(&escaped)
}

/// Words for the word error rate; a CJK character is a word of its own.
pub fn words(text: &str) -> Vec<&str> {
    WORDS.find_iter(text).map(|found| found.as_str()).collect()
}

/// White space as `score.py` understands it: Unicode's, and the four information separators.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

static MARKUP: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        (r"(?i)<br\s*/?>|</(?:td|th|tr|table|p|div|li|h\d)>", "\n"),
        (r"(?s)<!--.*?-->|</?[A-Za-z][^<>]*>", " "),
        (r"!\[[^\]]*\]\([^)]*\)", ""),
        (r"\[([^\]]*)\]\([^)]*\)", "$1"),
        (r"(?m)^\s*(?:```|~~~).*$|^[ |:\-]*-{3,}[ |:\-]*$", ""),
        (r"(?m)^\s{0,3}(?:#{1,6}\s+|>\s?|[-*+]\s+)", ""),
        (r"(?m)^\s*\||\|\s*$", ""),
    ]
    .map(|(pattern, replacement)| (compiled(pattern), replacement))
    .into()
});
static ESCAPED: LazyLock<Regex> = LazyLock::new(|| compiled(r"\\([\\`*_{}\[\]()#+\-.!|<>~$])"));
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let cjk = r"\u{3040}-\u{30ff}\u{3400}-\u{9fff}\u{ac00}-\u{d7af}";
    compiled(&format!(r"[{cjk}]|[^\s\x1c-\x1f{cjk}]+"))
});

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns of this file compile")
}

fn fold(c: char) -> Option<char> {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' => Some('\''),
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' | '\u{2033}' => Some('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{feff}' => None,
        '\u{17f}' => Some('s'),
        other => Some(other),
    }
}

fn collapse_white_space(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut pending = false;
    for c in chars {
        if is_space(c) {
            pending = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut pending) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

/// Where the word goes on, if a hyphen at `at` breaks one at a line end.
fn broken_word_continues(chars: &[char], at: usize) -> Option<usize> {
    let hyphen = matches!(chars[at], '-' | '\u{ad}' | '\u{2010}');
    if !hyphen || at == 0 || !is_word_char(chars[at - 1]) {
        return None;
    }
    let gap = chars[at + 1..].iter().take_while(|c| is_space(**c)).count();
    let next = at + 1 + gap;
    let line_end = chars[at + 1..next].contains(&'\n');
    (line_end && chars.get(next).is_some_and(|c| is_letter(*c))).then_some(next)
}

fn is_word_char(c: char) -> bool {
    is_alphanumeric(c) || c == '_'
}

/// As Python sees it: a combining mark is none, whatever Unicode calls alphabetic.
fn is_alphanumeric(c: char) -> bool {
    c.is_alphanumeric() && !is_combining_mark(c)
}

fn is_letter(c: char) -> bool {
    is_alphanumeric(c) && !DECIMAL.is_match(c.encode_utf8(&mut [0; 4]))
}

static DECIMAL: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\d$"));

/// A bar between two white spaces parts cells.
fn strip_cell_bars(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let space_at = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| is_space(*c));
    let parts_cells = |at: usize| space_at(at.checked_sub(1)) && space_at(Some(at + 1));
    chars.iter().enumerate().map(|(at, c)| if *c == '|' && parts_cells(at) { ' ' } else { *c }).collect()
}

/// `**strong**` and `__strong__`, within one line.
fn strip_emphasis(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((inner, after)) = emphasised(rest) {
            out.push_str(inner);
            rest = after;
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

fn emphasised(text: &str) -> Option<(&str, &str)> {
    let mark = ["**", "__"].into_iter().find(|mark| text.starts_with(mark))?;
    let body = &text[mark.len()..];
    let line = &body[..body.find('\n').unwrap_or(body.len())];
    let first = line.chars().next().filter(|c| !is_space(*c))?;
    let mut from = first.len_utf8();
    while let Some(found) = line.get(from..)?.find(mark).map(|at| from + at) {
        if line[..found].chars().next_back().is_some_and(|c| !is_space(c)) {
            return Some((&line[..found], &body[found + mark.len()..]));
        }
        from = found + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typography_is_folded_and_white_space_collapsed() {
        let text = "  “Ef\u{fb01}cient” \u{2014} it\u{2019}s\n\tpoſ\u{ad}sible\u{3000}now ";

        let folded = normalise(text);

        assert_eq!(folded, "\"Efficient\" - it's possible now");
    }

    #[test]
    fn words_broken_at_a_line_end_are_joined_and_ranges_are_not() {
        let text = "hyphen-\n  ation 1990-\n1999 a - \n b";

        let joined = join_hyphenated(text);

        assert_eq!(joined, "hyphenation 1990-\n1999 a - \n b");
    }

    #[test]
    fn markup_leaves_its_text() {
        let markdown = "# Title\n\n- **bold** and [link](http://x)\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n\
                        <td>x</td>![f](f.png) a\\_b &amp; c";

        let text = normalise(&plain(markdown));

        assert_eq!(text, "Title bold and link a b 1 2 x a_b & c");
    }

    #[test]
    fn an_escaped_angle_bracket_is_no_tag() {
        assert_eq!(normalise(&of_markdown("a \\<b c > d <i>e</i>")), "a <b c > d e");
        assert_eq!(normalise(&of_markdown("```\nsort <list >out\n```\n<i>e</i>")), "sort <list >out e");
    }

    #[test]
    fn each_cjk_character_is_a_word() {
        let found = words("维护 deb包");

        assert_eq!(found, ["维", "护", "deb", "包"]);
    }
}

//! Similarity of two Markdown documents as sequences of sections: MHS.
//!
//! A document is a flat tree of headings and of the text that stands under them; levels do not count and
//! tables are left out (TEDS judges them). Renaming a node costs the normalised edit distance of its text.

use regex::Regex;
use std::sync::LazyLock;

use super::{
    rates::normalised_distance,
    text,
    tree::{self, Tree},
};

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Document,
    Heading(String),
    Text(String),
}

/// Similarity of headings and their sections, 0 to 1.
pub fn similarity(truth: &str, markdown: &str) -> f64 {
    let (a, b) = (sections(truth), sections(markdown));
    let nodes = a.descendants().max(b.descendants()).max(1);
    (1.0 - tree::distance(&a, &b, rename) / nodes as f64).max(0.0)
}

fn rename(a: &Node, b: &Node) -> f64 {
    match (a, b) {
        (Node::Document, Node::Document) => 0.0,
        (Node::Heading(a), Node::Heading(b)) | (Node::Text(a), Node::Text(b)) => normalised_distance(a, b),
        _ => 1.0,
    }
}

static TABLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?is:<table\b.*?</table>)|(?m:^[ \t]*\|.*\|[ \t]*$)").expect("the pattern compiles")
});

fn sections(markdown: &str) -> Tree<Node> {
    let without_tables = TABLE.replace_all(markdown, "");
    let (mut children, mut body, mut fenced) = (Vec::new(), String::new(), false);
    for line in without_tables.lines() {
        fenced ^= line.trim_start().starts_with("```");
        match heading(line).filter(|_| !fenced) {
            Some(title) => {
                push_text(&mut children, &mut body);
                children.push(Tree::leaf(Node::Heading(text::normalise(&text::of_markdown(title)))));
            }
            None => {
                body.push_str(line);
                body.push('\n');
            }
        }
    }
    push_text(&mut children, &mut body);
    Tree { label: Node::Document, children }
}

fn push_text(children: &mut Vec<Tree<Node>>, body: &mut String) {
    let content = text::normalise(&text::of_markdown(&std::mem::take(body)));
    if !content.is_empty() {
        children.push(Tree::leaf(Node::Text(content)));
    }
}

fn heading(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    ((1..=6).contains(&level) && title.starts_with(' ')).then(|| title.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_tables_do_not_count() {
        let truth = "# A\n\ntext\n\n## B\n\nmore\n\n<table><tr><td>1</td></tr></table>\n";
        let other = "| 0 |\n| --- |\n\n## A\ntext\n# B\nmore\n\n| 1 | 2 |\n| --- | --- |\n";

        assert_eq!(similarity(truth, other), 1.0);
    }

    #[test]
    fn a_heading_that_became_text_costs_its_section() {
        let truth = "# A\n\none\n\n# B\n\ntwo\n";
        let other = "# A\n\none B two\n";

        assert!(similarity(truth, other) < 0.6);
    }
}

//! Edit distance of ordered trees (Zhang and Shasha, 1989).
//!
//! Inserting or deleting a node costs 1; renaming costs what the caller says. The trees here are flat
//! (a table, its rows, its cells), so time is about the product of the sizes.

/// A node with its label and its children from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree<T> {
    /// What the node is.
    pub label: T,
    /// Its children.
    pub children: Vec<Tree<T>>,
}

impl<T> Tree<T> {
    /// A node without children.
    pub fn leaf(label: T) -> Self {
        Self { label, children: Vec::new() }
    }

    /// Number of nodes below this one.
    pub fn descendants(&self) -> usize {
        self.children.iter().map(|child| 1 + child.descendants()).sum()
    }
}

/// Cheapest way from one tree to the other.
pub fn distance<T>(a: &Tree<T>, b: &Tree<T>, rename: impl Fn(&T, &T) -> f64) -> f64 {
    let (a, b) = (Postorder::of(a), Postorder::of(b));
    let mut trees = Grid::new(a.labels.len(), b.labels.len());
    for &i in &a.key_roots() {
        for &j in &b.key_roots() {
            between_subtrees(&a, &b, (i, j), &mut trees, &rename);
        }
    }
    trees.at(a.labels.len() - 1, b.labels.len() - 1)
}

/// Labels in postorder, and for each node its leftmost leaf.
struct Postorder<'t, T> {
    labels: Vec<&'t T>,
    leftmost: Vec<usize>,
}

impl<'t, T> Postorder<'t, T> {
    fn of(tree: &'t Tree<T>) -> Self {
        let mut order = Self { labels: Vec::new(), leftmost: Vec::new() };
        order.visit(tree);
        order
    }

    fn visit(&mut self, tree: &'t Tree<T>) -> usize {
        let mut leftmost = None;
        for child in &tree.children {
            let of_child = self.visit(child);
            leftmost.get_or_insert(of_child);
        }
        let leftmost = leftmost.unwrap_or(self.labels.len());
        self.labels.push(&tree.label);
        self.leftmost.push(leftmost);
        leftmost
    }

    /// The highest node of each leftmost path, in ascending order.
    fn key_roots(&self) -> Vec<usize> {
        let last = self.labels.len();
        (0..last).filter(|&i| !self.leftmost[i + 1..].contains(&self.leftmost[i])).collect()
    }
}

struct Grid {
    columns: usize,
    values: Vec<f64>,
}

impl Grid {
    fn new(rows: usize, columns: usize) -> Self {
        Self { columns, values: vec![0.0; rows * columns] }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    fn set(&mut self, row: usize, column: usize, value: f64) {
        self.values[row * self.columns + column] = value;
    }
}

/// Distances of all forests that begin at the leftmost leaves of `i` and `j`; those that are whole trees are kept.
fn between_subtrees<T>(
    a: &Postorder<'_, T>,
    b: &Postorder<'_, T>,
    (i, j): (usize, usize),
    trees: &mut Grid,
    rename: &impl Fn(&T, &T) -> f64,
) {
    let (left_a, left_b) = (a.leftmost[i], b.leftmost[j]);
    let (rows, columns) = (i - left_a + 2, j - left_b + 2);
    let mut forest = Grid::new(rows, columns);
    (1..rows).for_each(|row| forest.set(row, 0, row as f64));
    (1..columns).for_each(|column| forest.set(0, column, column as f64));
    for row in 1..rows {
        for column in 1..columns {
            let (x, y) = (left_a + row - 1, left_b + column - 1);
            let whole = a.leftmost[x] == left_a && b.leftmost[y] == left_b;
            let matched = if whole {
                forest.at(row - 1, column - 1) + rename(a.labels[x], b.labels[y])
            } else {
                forest.at(a.leftmost[x] - left_a, b.leftmost[y] - left_b) + trees.at(x, y)
            };
            let skipped = forest.at(row - 1, column).min(forest.at(row, column - 1)) + 1.0;
            forest.set(row, column, matched.min(skipped));
            if whole {
                trees.set(x, y, matched.min(skipped));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(label: char, children: Vec<Tree<char>>) -> Tree<char> {
        Tree { label, children }
    }

    fn unit(a: &char, b: &char) -> f64 {
        if a == b { 0.0 } else { 1.0 }
    }

    #[test]
    fn the_example_of_the_paper_costs_two() {
        let inner = node('d', vec![Tree::leaf('a'), node('c', vec![Tree::leaf('b')])]);
        let a = node('f', vec![inner, Tree::leaf('e')]);
        let inner = node('d', vec![Tree::leaf('a'), Tree::leaf('b')]);
        let b = node('f', vec![node('c', vec![inner]), Tree::leaf('e')]);

        let cost = distance(&a, &b, unit);

        assert_eq!(cost, 2.0);
    }

    #[test]
    fn a_missing_subtree_costs_its_nodes() {
        let row = node('r', vec![Tree::leaf('x'), Tree::leaf('y')]);
        let two = node('t', vec![row.clone(), row.clone()]);
        let one = node('t', vec![row]);

        let cost = distance(&two, &one, unit);

        assert_eq!(cost, 3.0);
    }
}

//! What belongs together, pair by pair.

/// Disjoint sets of the numbers below a count, each by itself at first (Galler and Fischer, "An improved equivalence
/// algorithm", 1964).
pub(crate) struct Disjoint {
    parent: Vec<usize>,
}

impl Disjoint {
    pub(crate) fn new(count: usize) -> Self {
        Self { parent: (0..count).collect() }
    }

    /// Makes the sets of `a` and `b` one.
    pub(crate) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        self.parent[a.max(b)] = a.min(b);
    }

    /// The least number of the set of `at`.
    fn first(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    /// `items`, one for each number, in their sets: sets and items in the order of the numbers.
    pub(crate) fn sets<T>(mut self, items: Vec<T>) -> Vec<Vec<T>> {
        let mut sets: Vec<Vec<T>> = items.iter().map(|_| Vec::new()).collect();
        for (at, item) in items.into_iter().enumerate() {
            sets[self.first(at)].push(item);
        }
        sets.retain(|set| !set.is_empty());
        sets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_by_others_is_in_one_set() {
        let mut disjoint = Disjoint::new(6);
        disjoint.join(5, 3);
        disjoint.join(1, 0);
        disjoint.join(3, 1);

        assert_eq!(
            disjoint.sets(vec!['a', 'b', 'c', 'd', 'e', 'f']),
            [vec!['a', 'b', 'd', 'f'], vec!['c'], vec!['e']]
        );
    }
}

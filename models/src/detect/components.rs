//! Connected components of a binary map, as runs of pixels.
//!
//! A run joins the runs of the row above that it touches, corners included. Rows are
//! read once, so the cost is the map's area plus the number of runs.

/// Pixels `start..end` of row `y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) y: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Each component's runs, top to bottom.
pub(super) fn components(mask: &[bool], width: usize) -> Vec<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    let mut sets = DisjointSets::default();
    let mut above = 0..0;
    for (y, row) in mask.chunks_exact(width.max(1)).enumerate() {
        let first = runs.len();
        push_runs(row, y as u32, &mut runs);
        sets.grow(runs.len());
        join_rows(&runs, above, first, &mut sets);
        above = first..runs.len();
    }
    gather(&runs, &mut sets)
}

fn push_runs(row: &[bool], y: u32, runs: &mut Vec<Run>) {
    let mut x = 0;
    while let Some(start) = row[x..].iter().position(|&set| set).map(|skip| x + skip) {
        let end = row[start..].iter().position(|&set| !set).map_or(row.len(), |len| start + len);
        runs.push(Run { y, start: start as u32, end: end as u32 });
        x = end;
    }
}

/// Joins the runs from `first` on with those of the row above that they touch.
fn join_rows(runs: &[Run], above: std::ops::Range<usize>, first: usize, sets: &mut DisjointSets) {
    let mut candidate = above.start;
    for current in first..runs.len() {
        while candidate < above.end && runs[candidate].end < runs[current].start {
            candidate += 1;
        }
        let mut other = candidate;
        while other < above.end && runs[other].start <= runs[current].end {
            sets.join(other, current);
            other += 1;
        }
    }
}

fn gather(runs: &[Run], sets: &mut DisjointSets) -> Vec<Vec<Run>> {
    let mut slot = vec![usize::MAX; runs.len()];
    let mut found: Vec<Vec<Run>> = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let root = sets.root(index);
        if slot[root] == usize::MAX {
            slot[root] = found.len();
            found.push(Vec::new());
        }
        found[slot[root]].push(*run);
    }
    found
}

/// Which runs belong together.
#[derive(Default)]
struct DisjointSets {
    parent: Vec<usize>,
}

impl DisjointSets {
    fn grow(&mut self, len: usize) {
        self.parent.extend(self.parent.len()..len);
    }

    fn root(&mut self, mut index: usize) -> usize {
        while self.parent[index] != index {
            self.parent[index] = self.parent[self.parent[index]];
            index = self.parent[index];
        }
        index
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(picture: &[&str]) -> usize {
        let mask: Vec<bool> = picture.iter().flat_map(|row| row.bytes().map(|byte| byte == b'#')).collect();
        components(&mask, picture[0].len()).len()
    }

    #[test]
    fn corners_connect_and_gaps_do_not() {
        assert_eq!(count(&["#..", ".#.", "..#"]), 1);
        assert_eq!(count(&["#.#", "...", "#.#"]), 4);
        assert_eq!(count(&["#.#", "#.#", "###"]), 1);
        assert_eq!(count(&["...", "...", "..."]), 0);
    }

    #[test]
    fn every_pixel_is_in_exactly_one_component() {
        let mask: Vec<bool> = (0..64 * 64_usize).map(|i| (i * i / 7) % 3 == 0).collect();

        let found = components(&mask, 64);

        let pixels: u32 = found.iter().flatten().map(|run| run.end - run.start).sum();
        assert_eq!(pixels as usize, mask.iter().filter(|&&set| set).count());
    }
}

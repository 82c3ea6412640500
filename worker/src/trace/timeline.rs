//! Spans in lanes, and how busy each stage was.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{Kind, Span};

/// A run, from its first span to its last.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    spans: Vec<Span>,
}

/// Spans of one stage that do not overlap: one thread's work, or one child's.
#[derive(Clone, Debug)]
pub struct Lane<'a> {
    /// Who worked.
    pub kind: Kind,
    /// At what; the pool has one name for all it does.
    pub stage: &'static str,
    /// In order.
    pub spans: Vec<&'a Span>,
}

/// How busy a stage was.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// Which.
    pub stage: &'static str,
    /// Who worked.
    pub kind: Kind,
    /// Time of all its lanes together.
    pub work: Duration,
    /// Calls: spans.
    pub calls: usize,
    /// Items in all calls.
    pub items: usize,
    /// Share of the run in which at least one of its lanes worked, 0 to 1.
    pub busy: f64,
}

impl Timeline {
    pub(super) fn new(mut spans: Vec<Span>) -> Self {
        spans.sort_by_key(|span| span.from);
        Self { spans }
    }

    /// All spans, by their beginning.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// When the first span began.
    pub fn start(&self) -> Option<Instant> {
        self.spans.first().map(|span| span.from)
    }

    /// From the first span to the end of the last.
    pub fn length(&self) -> Duration {
        let end = self.spans.iter().map(|span| span.to).max();
        self.start().zip(end).map_or(Duration::ZERO, |(start, end)| end - start)
    }

    /// Each stage's spans, put into as few lanes as their overlaps allow.
    pub fn lanes(&self) -> Vec<Lane<'_>> {
        let mut stages: BTreeMap<(Kind, &'static str), Vec<Lane<'_>>> = BTreeMap::new();
        for span in &self.spans {
            let stage = if span.kind == Kind::Cpu { "cpu" } else { span.stage };
            let lanes = stages.entry((span.kind, stage)).or_default();
            let free =
                lanes.iter_mut().find(|lane| lane.spans.last().is_none_or(|last| last.to <= span.from));
            match free {
                Some(lane) => lane.spans.push(span),
                None => lanes.push(Lane { kind: span.kind, stage, spans: vec![span] }),
            }
        }
        stages.into_values().flatten().collect()
    }

    /// How busy each stage was, in the order of the pipeline.
    pub fn shares(&self) -> Vec<Share> {
        let mut stages: BTreeMap<(Kind, &'static str), Vec<&Span>> = BTreeMap::new();
        for span in &self.spans {
            stages.entry((span.kind, span.stage)).or_default().push(span);
        }
        let share = |((kind, stage), spans): ((Kind, &'static str), Vec<&Span>)| Share {
            stage,
            kind,
            work: spans.iter().map(|span| span.to - span.from).sum(),
            calls: spans.len(),
            items: spans.iter().map(|span| span.items).sum(),
            busy: self.part(covered(&spans)),
        };
        stages.into_iter().map(share).collect()
    }

    /// Share of the run in which at least one network was computing, 0 to 1.
    pub fn networks_busy(&self) -> f64 {
        let networks: Vec<&Span> = self.spans.iter().filter(|span| span.kind == Kind::Network).collect();
        self.part(covered(&networks))
    }

    /// One sentence: which stage was the busiest, and so held up the others.
    pub fn sentence(&self) -> String {
        let busiest = self.shares().into_iter().max_by(|a, b| a.busy.total_cmp(&b.busy));
        busiest.map_or_else(
            || "nothing was traced".to_owned(),
            |share| format!("{}-bound: {:.0} % busy", share.stage, 100.0 * share.busy),
        )
    }

    fn part(&self, time: Duration) -> f64 {
        time.as_secs_f64() / self.length().as_secs_f64().max(1e-9)
    }
}

/// Time that at least one of `spans`, sorted by their beginning, covers.
fn covered(spans: &[&Span]) -> Duration {
    let mut total = Duration::ZERO;
    let mut reached: Option<Instant> = None;
    for span in spans {
        let from = reached.map_or(span.from, |reached| reached.max(span.from));
        if span.to > from {
            total += span.to - from;
            reached = Some(span.to);
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spans of `(kind, stage, from, to)` in milliseconds.
    fn timeline(spans: &[(Kind, &'static str, u64, u64)]) -> Timeline {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let span = |&(kind, stage, from, to)| Span {
            kind,
            stage,
            pages: Vec::new(),
            items: 2,
            from: at(from),
            to: at(to),
        };
        Timeline::new(spans.iter().map(span).collect())
    }

    #[test]
    fn overlapping_spans_have_lanes_of_their_own_and_others_share_one() {
        let timeline = timeline(&[
            (Kind::Network, "recognize", 0, 50),
            (Kind::Network, "recognize", 10, 30),
            (Kind::Network, "recognize", 30, 60),
            (Kind::Render, "render", 0, 20),
        ]);

        let lanes: Vec<_> = timeline.lanes().iter().map(|lane| (lane.stage, lane.spans.len())).collect();

        assert_eq!(lanes, [("render", 1), ("recognize", 1), ("recognize", 2)]);
    }

    #[test]
    fn time_that_two_lanes_share_is_busy_once() {
        let timeline = timeline(&[
            (Kind::Cpu, "triage", 0, 100),
            (Kind::Network, "recognize", 20, 60),
            (Kind::Network, "recognize", 40, 80),
            (Kind::Network, "layout", 70, 90),
        ]);

        let shares = timeline.shares();
        let recognize = shares.iter().find(|share| share.stage == "recognize").unwrap();

        assert_eq!((recognize.work.as_millis(), recognize.calls, recognize.items), (80, 2, 4));
        assert!((recognize.busy - 0.6).abs() < 1e-6 && (timeline.networks_busy() - 0.7).abs() < 1e-6);
        assert_eq!(timeline.sentence(), "triage-bound: 100 % busy");
    }
}

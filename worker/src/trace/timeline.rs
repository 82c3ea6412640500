//! Spans in lanes, and how busy each stage was.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{Decision, Kind, Span};

/// A run, from its first span to its last.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    spans: Vec<Span>,
    decisions: Vec<Decision>,
    settings: Vec<String>,
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
    /// Share of the run in which its lanes worked, all of them alike, 0 to 1: at 1 it can do no more.
    pub used: f64,
}

impl Timeline {
    pub(super) fn new(mut spans: Vec<Span>, decisions: Vec<Decision>, settings: Vec<String>) -> Self {
        spans.sort_by_key(|span| span.from);
        Self { spans, decisions, settings }
    }

    /// Settings that were changed, in order.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
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
        let share = |((kind, stage), spans): ((Kind, &'static str), Vec<&Span>)| {
            let work: Duration = spans.iter().map(|span| span.to - span.from).sum();
            Share {
                stage,
                kind,
                work,
                calls: spans.len(),
                items: spans.iter().map(|span| span.items).sum(),
                busy: self.part(covered(&spans)),
                used: self.part(work) / most_at_once(&spans).max(1) as f64,
            }
        };
        stages.into_iter().map(share).collect()
    }

    /// Share of the run in which at least one network was computing, 0 to 1.
    pub fn networks_busy(&self) -> f64 {
        let networks: Vec<&Span> = self.spans.iter().filter(|span| span.kind == Kind::Network).collect();
        self.part(covered(&networks))
    }

    /// One sentence: which stage had the least to spare, and so held up the others, and where tuned settings stand.
    pub fn sentence(&self) -> String {
        let Some(fullest) = self.shares().into_iter().max_by(|a, b| a.used.total_cmp(&b.used)) else {
            return "nothing was traced".to_owned();
        };
        let tuned = if self.settings.is_empty() { "" } else { ", tuned to " };
        let (stage, busy, settings) = (fullest.stage, 100.0 * fullest.used, self.settings.join(", "));
        format!("{stage}-bound: {busy:.0} % busy{tuned}{settings}")
    }

    fn part(&self, time: Duration) -> f64 {
        time.as_secs_f64() / self.length().as_secs_f64().max(1e-9)
    }
}

/// Most of `spans`, sorted by their beginning, that were under way at the same time.
fn most_at_once(spans: &[&Span]) -> usize {
    let mut ends: Vec<Instant> = spans.iter().map(|span| span.to).collect();
    ends.sort_unstable();
    let (mut most, mut ended) = (0, 0);
    for (begun, span) in spans.iter().enumerate() {
        while ends.get(ended).is_some_and(|end| *end <= span.from) {
            ended += 1;
        }
        most = most.max(begun + 1 - ended);
    }
    most
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
    use crate::trace::Trace;

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
        Timeline::new(spans.iter().map(span).collect(), Vec::new(), Vec::new())
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

    #[test]
    fn children_of_which_one_always_works_do_not_hold_up_a_network_that_never_rests() {
        let timeline = timeline(&[
            (Kind::Render, "render", 0, 50),
            (Kind::Render, "render", 40, 80),
            (Kind::Render, "render", 60, 100),
            (Kind::Network, "recognize", 2, 98),
        ]);

        assert_eq!(timeline.sentence(), "recognize-bound: 96 % busy");
    }

    #[test]
    fn the_sentence_says_where_tuned_settings_stand() {
        let trace = Trace::on();
        trace.record(Kind::Cpu, "cut", Instant::now(), 1, Vec::new);
        trace.tuned(None, &["4 render children"]);
        trace.tuned(Some("2 render children"), &["2 render children"]);

        let (first, second) = (trace.take(), trace.take());

        assert!(first.sentence().ends_with(", tuned to 2 render children"), "{}", first.sentence());
        assert_eq!((first.decisions().len(), second.decisions().len()), (1, 0));
        assert!(first.svg("title").contains("2 render children"));
    }
}

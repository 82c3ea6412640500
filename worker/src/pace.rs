//! Guards against pages waiting without need: stages of a fixed cost, under the schedules and batchers of the worker.
//!
//! Costs are slept, not computed, so that a slow or busy machine stretches both sides of a ratio alike.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use quire_models::{ModelError, manifest::Role};
use tokio::time::sleep;

use crate::{
    batcher::{self, BatchLimits, BatchModel, Batcher},
    children::Children,
    meter::Meter,
    schedule::{Schedule, Stage},
    trace::Trace,
    tuning::{self, Controller, Ladder, Params, Setting, Totals, Tuned},
};

const PAGES: usize = 24;
const LINES: usize = 6;
const RENDER: Duration = Duration::from_millis(8);

/// A network whose calls cost the same however many items share them, as on a GPU.
struct Fixed;

impl BatchModel for Fixed {
    type Input = usize;
    type Output = usize;
    const NAME: &'static str = "fixed";

    fn bucket(&self, line: &usize) -> u32 {
        u32::from(line.is_multiple_of(2))
    }

    fn cost(&self, _: &usize) -> usize {
        1
    }

    fn run(&mut self, lines: &[usize]) -> Result<Vec<usize>, ModelError> {
        std::thread::sleep(Duration::from_millis(5));
        Ok(lines.to_vec())
    }
}

/// Two networks, and render children.
struct Stand {
    pages: usize,
    layout: Batcher<usize, usize>,
    recognize: Batcher<usize, usize>,
    recognized: Meter,
    children: Children,
}

const fn count(number: usize) -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(number - 1)
}

impl Stand {
    fn new(pages: usize, children: usize) -> Self {
        let limits = |number| BatchLimits {
            cost: usize::MAX,
            count: count(number),
            wait: Duration::from_millis(1),
            queue: count(2 * number),
        };
        let recognized = Meter::default();
        let trace = Trace::default();
        Self {
            pages,
            layout: batcher::spawn(vec![Fixed], limits(4), &Meter::default(), &trace).unwrap(),
            recognize: batcher::spawn(vec![Fixed, Fixed], limits(16), &recognized, &trace).unwrap(),
            recognized,
            children: Children::new(count(children)),
        }
    }

    /// The way of a page through the stages, as `page/read.rs` goes.
    async fn page(&self, schedule: &Schedule, page: usize) {
        let mut turn = schedule.enter().await;
        let child = self.children.take().await;
        let rendered: Result<(), ()> = child
            .render(async {
                sleep(RENDER).await;
                Ok(())
            })
            .await;
        rendered.unwrap();
        drop(child);
        turn.reach(Stage::Look).await;
        self.layout.submit(page).await.unwrap();
        turn.reach(Stage::Recognize).await;
        join_all((0..LINES).map(|line| self.recognize.submit(line))).await;
        turn.reach(Stage::Assemble).await;
    }

    /// How long all pages take.
    async fn read(&self, schedule: &Schedule) -> Duration {
        let begun = Instant::now();
        join_all((0..self.pages).map(|page| self.page(schedule, page))).await;
        begun.elapsed()
    }
}

#[tokio::test]
async fn streaming_is_faster_than_one_page_after_the_other() {
    let stand = Stand::new(PAGES, 2);

    let sequential = stand.read(&Schedule::sequential()).await;
    let streaming = stand.read(&Schedule::Streaming).await;

    // About 4 when nothing waits without need.
    let ratio = sequential.as_secs_f64() / streaming.as_secs_f64();
    assert!(
        ratio >= 1.05,
        "streaming is only {ratio:.2} times as fast: {streaming:?} against {sequential:?}"
    );
}

#[tokio::test]
async fn lines_of_several_pages_share_calls() {
    let stand = Stand::new(PAGES, 2);

    stand.read(&Schedule::Streaming).await;

    let counted = stand.recognized.read();
    assert_eq!(counted.items, (PAGES * LINES) as u64);
    // A page alone fills a call of each bucket with half of its lines; together they fill them better.
    let alone = (2 * PAGES) as u64;
    assert!(counted.batches < alone, "{} calls for {} lines", counted.batches, counted.items);
}

/// Only its render children are tuned.
impl Tuned for Arc<Stand> {
    fn totals(&self) -> Option<Totals> {
        Some(Totals {
            networks: BTreeMap::from([(Role::Recognize, self.recognized.read())]),
            drawing: self.children.busy(),
            rendered: self.children.rendered(),
            waiting: self.children.waiting(),
            memory: 0.0,
        })
    }

    fn apply(&self, setting: Setting) {
        if let Setting::Children(allowed) = setting {
            self.children.allow(allowed);
        }
    }
}

#[tokio::test]
async fn one_child_becomes_as_many_as_the_networks_need() {
    let pages = 160;
    let untuned = Stand::new(pages, 1).read(&Schedule::Streaming).await;
    let stand = Arc::new(Stand::new(pages, 1));
    let rungs = [1, 2, 4, 8].map(|children| Setting::Children(count(children))).to_vec();
    let controller = Controller::new(vec![Ladder { rungs, start: 0, gain: 0.02 }], Params::default());

    let trace = Trace::on();
    let window = Duration::from_millis(25);
    let tuning = tokio::spawn(tuning::run(Arc::clone(&stand), controller, window, trace.clone()));
    let tuned = stand.read(&Schedule::Streaming).await;
    tuning.abort();

    let ratio = untuned.as_secs_f64() / tuned.as_secs_f64();
    assert!(ratio >= 1.3, "tuned is only {ratio:.2} times as fast: {tuned:?} against {untuned:?}");
    assert_eq!(trace.take().decisions().last().unwrap().setting, "8 render children");
}

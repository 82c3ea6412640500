//! Guards against pages waiting without need: stages of a fixed cost, under the schedules and batchers of the worker.
//!
//! Costs are slept, not computed, so that a slow or busy machine stretches both sides of a ratio alike.

use std::{
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use quire_models::ModelError;
use tokio::{sync::Semaphore, time::sleep};

use crate::{
    batcher::{self, BatchLimits, BatchModel, Batcher},
    meter::Meter,
    schedule::{Schedule, Stage},
    trace::Trace,
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

/// Two networks and two render children.
struct Stand {
    layout: Batcher<usize, usize>,
    recognize: Batcher<usize, usize>,
    recognized: Meter,
    children: Semaphore,
}

impl Stand {
    fn new() -> Self {
        let count = |number| NonZeroUsize::new(number).unwrap();
        let limits = |number| BatchLimits {
            cost: usize::MAX,
            count: count(number),
            wait: Duration::from_millis(1),
            queue: count(2 * number),
        };
        let recognized = Meter::default();
        let trace = Trace::default();
        Self {
            layout: batcher::spawn(vec![Fixed], limits(4), &Meter::default(), &trace).unwrap(),
            recognize: batcher::spawn(vec![Fixed, Fixed], limits(16), &recognized, &trace).unwrap(),
            recognized,
            children: Semaphore::new(2),
        }
    }

    /// The way of a page through the stages, as `page/read.rs` goes.
    async fn page(&self, schedule: &Schedule, page: usize) {
        let mut turn = schedule.enter().await;
        let child = self.children.acquire().await.unwrap();
        sleep(RENDER).await;
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
        join_all((0..PAGES).map(|page| self.page(schedule, page))).await;
        begun.elapsed()
    }
}

#[tokio::test]
async fn streaming_is_faster_than_one_page_after_the_other() {
    let stand = Stand::new();

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
    let stand = Stand::new();

    stand.read(&Schedule::Streaming).await;

    let counted = stand.recognized.read();
    assert_eq!(counted.items, (PAGES * LINES) as u64);
    // A page alone fills a call of each bucket with half of its lines; together they fill them better.
    let alone = (2 * PAGES) as u64;
    assert!(counted.batches < alone, "{} calls for {} lines", counted.batches, counted.items);
}

//! Who may go on when: the ways to send many pages through the same stages.
//!
//! [`Schedule::Streaming`] is how Quire works. The others exist to be measured against it:
//!
//! | schedule | what waits for what |
//! |---|---|
//! | streaming | nothing: pages meet in micro-batches |
//! | sequential | a page for the page before it, a stage for the stage before it |
//! | concurrent render | pages are rendered ahead; the rest is sequential |
//! | staged | every page for all others, before each stage |

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// A stage that a schedule can hold pages back from, in the order in which a page goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Rendering.
    Render,
    /// Layout and text detection.
    Look,
    /// Recognition of the lines.
    Recognize,
    /// Structure of the tables.
    Tables,
    /// Putting the page together.
    Assemble,
}

/// How pages take their turns. Clones share the turns.
#[derive(Clone, Debug, Default)]
pub enum Schedule {
    /// Nothing waits.
    #[default]
    Streaming,
    /// One page after the other.
    Sequential(OneByOne),
    /// Rendered ahead, then one page after the other.
    ConcurrentRender(OneByOne),
    /// All pages through one stage, then all through the next.
    Staged(Together),
}

impl Schedule {
    /// One page after the other.
    pub fn sequential() -> Self {
        Self::Sequential(OneByOne::default())
    }

    /// Rendered ahead, then one page after the other.
    pub fn concurrent_render() -> Self {
        Self::ConcurrentRender(OneByOne::default())
    }

    /// All of `pages` pages through one stage, then all through the next.
    pub fn staged(pages: usize) -> Self {
        Self::Staged(Together::new(pages))
    }

    /// A page begins; it waits for its turn at the first stage.
    pub(crate) async fn enter(&self) -> Turn {
        let mut turn = Turn { schedule: self.clone(), alone: None, at: Stage::Render };
        if let Self::Sequential(pages) = self {
            turn.alone = pages.next().await;
        }
        turn
    }
}

/// A page's way through the stages; dropping it lets others go on.
#[derive(Debug)]
pub(crate) struct Turn {
    schedule: Schedule,
    alone: Option<OwnedSemaphorePermit>,
    at: Stage,
}

impl Turn {
    /// Waits until the page may begin `stage`. A stage that comes again is not waited for.
    pub(crate) async fn reach(&mut self, stage: Stage) {
        if stage <= self.at {
            return;
        }
        let before = std::mem::replace(&mut self.at, stage);
        match &self.schedule {
            Schedule::Staged(pages) => pages.go_on(before, stage).await,
            Schedule::ConcurrentRender(pages) if self.alone.is_none() => self.alone = pages.next().await,
            _ => {}
        }
    }

    /// Both at once, or one after the other where nothing may overlap.
    pub(crate) async fn both<A, B, E>(
        &self,
        first: impl Future<Output = Result<A, E>>,
        second: impl Future<Output = Result<B, E>>,
    ) -> Result<(A, B), E> {
        if self.alone.is_some() {
            return Ok((first.await?, second.await?));
        }
        futures_util::future::try_join(first, second).await
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Schedule::Staged(pages) = &self.schedule {
            pages.leave(self.at);
        }
    }
}

/// One page at a time.
#[derive(Clone, Debug)]
pub struct OneByOne(Arc<Semaphore>);

impl Default for OneByOne {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl OneByOne {
    /// The semaphore is never closed, so there is always a turn.
    async fn next(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).acquire_owned().await.ok()
    }
}

/// All pages before the same stage.
#[derive(Clone, Debug)]
pub struct Together(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// How many pages are at each stage, or will begin with the first.
    at: Mutex<[usize; 5]>,
    moved: Notify,
}

impl Together {
    fn new(pages: usize) -> Self {
        Self(Arc::new(Shared { at: Mutex::new([pages, 0, 0, 0, 0]), moved: Notify::new() }))
    }

    /// Moves one page from `before` to `stage`, then waits for all that are behind.
    async fn go_on(&self, before: Stage, stage: Stage) {
        {
            let mut at = self.lock();
            at[before as usize] = at[before as usize].saturating_sub(1);
            at[stage as usize] += 1;
        }
        self.0.moved.notify_waiters();
        loop {
            let moved = self.0.moved.notified();
            tokio::pin!(moved);
            moved.as_mut().enable();
            if self.lock()[..stage as usize].iter().all(|pages| *pages == 0) {
                return;
            }
            moved.await;
        }
    }

    fn leave(&self, stage: Stage) {
        let mut at = self.lock();
        at[stage as usize] = at[stage as usize].saturating_sub(1);
        drop(at);
        self.0.moved.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, [usize; 5]> {
        self.0.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::future::join_all;
    use tokio::time::{Instant, sleep};

    use super::*;

    /// How long four pages take that spend ten milliseconds on each of three stages, and the most at one stage at once.
    async fn run(schedule: Schedule) -> (Duration, Vec<(Stage, u64)>) {
        let start = Instant::now();
        let begun = Mutex::new(Vec::new());
        let page = |number: u64| {
            let (schedule, begun) = (&schedule, &begun);
            async move {
                let mut turn = schedule.enter().await;
                sleep(Duration::from_millis(10 * number)).await;
                for stage in [Stage::Look, Stage::Recognize] {
                    turn.reach(stage).await;
                    begun.lock().unwrap().push((stage, number));
                    sleep(Duration::from_millis(10)).await;
                }
            }
        };
        join_all((1..=4).map(page)).await;
        let begun = begun.into_inner().unwrap();
        (start.elapsed(), begun)
    }

    #[tokio::test(start_paused = true)]
    async fn streaming_waits_for_nothing() {
        assert_eq!(run(Schedule::Streaming).await.0, Duration::from_millis(60));
    }

    #[tokio::test(start_paused = true)]
    async fn sequential_pages_follow_each_other() {
        assert_eq!(run(Schedule::sequential()).await.0, Duration::from_millis(10 + 20 + 30 + 40 + 80));
    }

    #[tokio::test(start_paused = true)]
    async fn pages_rendered_ahead_follow_each_other_from_there() {
        assert_eq!(run(Schedule::concurrent_render()).await.0, Duration::from_millis(10 + 80));
    }

    #[tokio::test(start_paused = true)]
    async fn staged_pages_all_leave_a_stage_before_one_begins_the_next() {
        let (took, begun) = run(Schedule::staged(4)).await;

        assert_eq!(took, Duration::from_millis(40 + 20));
        assert!(begun[..4].iter().all(|(stage, _)| *stage == Stage::Look), "{begun:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_ends_early_holds_nobody_back() {
        let schedule = Schedule::staged(2);
        let early = schedule.enter().await;
        let mut other = schedule.enter().await;

        drop(early);

        other.reach(Stage::Assemble).await;
    }
}

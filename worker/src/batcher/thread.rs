//! The threads that own a model and run its batches.

use std::{io, sync::Arc, thread, time::Instant};

use tracing::warn;

use super::{
    BatchError, BatchLimits, BatchModel, Batcher, Sending,
    queue::{Batch, Queue, Request},
};
use crate::{
    meter::Meter,
    trace::{Kind, Trace},
};

type BatchOf<M> = Batch<<M as BatchModel>::Input, <M as BatchModel>::Output>;

/// Starts one thread for each of `models`, copies of one network, and returns the way to them.
///
/// The threads end when the last clone of the [`Batcher`] is dropped and everything already sent has been answered;
/// dropping waits for that, at most for ten seconds.
///
/// # Errors
/// When the system refuses a thread.
pub fn spawn<M: BatchModel>(
    models: Vec<M>,
    limits: BatchLimits,
    meter: &Meter,
    trace: &Trace,
) -> io::Result<Batcher<M::Input, M::Output>> {
    let queue = Arc::new(Queue::new(limits, models.len()));
    meter.threads(models.len());
    // Closes the queue, and so ends the threads, when one of them cannot be started.
    let sending = Arc::new(Sending(Arc::clone(&queue)));
    let drivers: Vec<_> = models
        .into_iter()
        .map(|model| Driver {
            model,
            meter: meter.clone(),
            trace: trace.clone(),
            leaving: Leaving(Arc::clone(&queue)),
        })
        .collect();
    for driver in drivers {
        thread::Builder::new().name(M::NAME.to_owned()).spawn(move || driver.run())?;
    }
    Ok(Batcher { name: M::NAME, queue: sending })
}

/// The model is dropped before the thread leaves its queue: fields are dropped in their order.
struct Driver<M: BatchModel> {
    model: M,
    meter: Meter,
    trace: Trace,
    leaving: Leaving<M::Input, M::Output>,
}

/// Leaves the queue at the end, also when the model panics.
struct Leaving<I, O>(Arc<Queue<I, O>>);

impl<I, O> Drop for Leaving<I, O> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl<M: BatchModel> Driver<M> {
    fn run(mut self) {
        let mut last = None;
        while let Some(batch) = self.next_batch(last) {
            last = batch.requests.first().map(|request| self.model.bucket(&request.input));
            self.answer(batch);
        }
    }

    fn next_batch(&self, last: Option<u32>) -> Option<BatchOf<M>> {
        self.leaving.0.next_batch(last, |input| (self.model.bucket(input), self.model.cost(input)))
    }

    /// Runs a batch and answers its items.
    fn answer(&mut self, Batch { requests, held }: BatchOf<M>) {
        let (start, items) = (Instant::now(), requests.len());
        let pages: Vec<_> = requests.iter().filter_map(|request| request.page).collect();
        let cost = requests.iter().map(|request| self.model.cost(&request.input)).sum();
        let (inputs, answers): (Vec<_>, Vec<_>) = requests
            .into_iter()
            .map(|Request { input, answer, place, .. }| {
                drop(place);
                (input, answer)
            })
            .unzip();
        let outputs = self.run_halving(&inputs);
        self.meter.held(cost, held);
        self.trace.record(Kind::Network, M::NAME, start, items, || pages);
        for (answer, output) in answers.into_iter().zip(outputs) {
            // A page that was cancelled no longer listens; its answer is nobody's loss.
            drop(answer.send(output));
        }
    }

    /// Runs `inputs`; when that fails, each half on its own. What was too much for the memory of the device goes
    /// through in parts, and a bad item ends up alone.
    fn run_halving(&mut self, inputs: &[M::Input]) -> Vec<Result<M::Output, BatchError>> {
        match self.run_model(inputs) {
            Ok(outputs) => outputs.into_iter().map(Ok).collect(),
            Err(error) if inputs.len() > 1 => {
                warn!(model = M::NAME, items = inputs.len(), %error, "batch failed; running its halves");
                let (first, second) = inputs.split_at(inputs.len() / 2);
                let mut outputs = self.run_halving(first);
                outputs.extend(self.run_halving(second));
                outputs
            }
            Err(error) => vec![Err(error)],
        }
    }

    fn run_model(&mut self, inputs: &[M::Input]) -> Result<Vec<M::Output>, BatchError> {
        let start = Instant::now();
        let outputs =
            self.model.run(inputs).map_err(|source| BatchError::Model { model: M::NAME, source })?;
        self.meter.batch(inputs.len(), start.elapsed());
        let (expected, actual) = (inputs.len(), outputs.len());
        if actual != expected {
            return Err(BatchError::OutputCount { model: M::NAME, expected, actual });
        }
        Ok(outputs)
    }
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroUsize, time::Duration};

    use futures_util::future::join_all;
    use quire_models::ModelError;

    use super::*;

    struct Doubler;

    impl BatchModel for Doubler {
        type Input = u32;
        type Output = u32;
        const NAME: &'static str = "doubler";

        fn bucket(&self, _: &u32) -> u32 {
            0
        }

        fn cost(&self, _: &u32) -> usize {
            1
        }

        fn run(&mut self, inputs: &[u32]) -> Result<Vec<u32>, ModelError> {
            if inputs.contains(&13) {
                let (model, expected, actual) = ("doubler".into(), "luck".into(), "13".into());
                return Err(ModelError::Output { model, expected, actual });
            }
            Ok(inputs.iter().map(|input| input * 2).collect())
        }
    }

    fn limits() -> BatchLimits {
        BatchLimits {
            cost: 8,
            count: NonZeroUsize::new(8).unwrap(),
            wait: Duration::from_millis(5),
            queue: NonZeroUsize::new(4).unwrap(),
        }
    }

    #[tokio::test]
    async fn every_item_gets_its_own_answer() {
        let batcher = spawn(vec![Doubler, Doubler], limits(), &Meter::default(), &Trace::default()).unwrap();

        let answers = join_all((0..100).filter(|n| *n != 13).map(|n| batcher.submit(n))).await;

        let answers: Vec<u32> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, (0..100).filter(|n| *n != 13).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_bad_item_fails_alone() {
        let batcher = spawn(vec![Doubler, Doubler], limits(), &Meter::default(), &Trace::default()).unwrap();

        let answers = join_all((10..18).map(|n| batcher.submit(n))).await;

        let failed: Vec<bool> = answers.iter().map(Result::is_err).collect();
        assert_eq!(failed, [false, false, false, true, false, false, false, false]);
    }

    /// Its networks take a while to go.
    struct Slow(Arc<std::sync::atomic::AtomicBool>);

    impl Drop for Slow {
        fn drop(&mut self) {
            thread::sleep(Duration::from_millis(50));
            self.0.store(true, std::sync::atomic::Ordering::SeqCst);
        }
    }

    impl BatchModel for Slow {
        type Input = u32;
        type Output = u32;
        const NAME: &'static str = "slow";

        fn bucket(&self, _: &u32) -> u32 {
            0
        }

        fn cost(&self, _: &u32) -> usize {
            1
        }

        fn run(&mut self, inputs: &[u32]) -> Result<Vec<u32>, ModelError> {
            Ok(inputs.to_vec())
        }
    }

    #[tokio::test]
    async fn the_last_sender_leaves_no_network_behind() {
        let gone = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let batcher =
            spawn(vec![Slow(Arc::clone(&gone))], limits(), &Meter::default(), &Trace::default()).unwrap();
        assert_eq!(batcher.submit(3).await.unwrap(), 3);

        drop(batcher);

        assert!(gone.load(std::sync::atomic::Ordering::SeqCst));
    }

    struct Broken;

    impl BatchModel for Broken {
        type Input = u32;
        type Output = u32;
        const NAME: &'static str = "broken";

        fn bucket(&self, _: &u32) -> u32 {
            0
        }

        fn cost(&self, _: &u32) -> usize {
            1
        }

        fn run(&mut self, _: &[u32]) -> Result<Vec<u32>, ModelError> {
            panic!("as a fault in a native library would");
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_a_model_whose_threads_are_gone() {
        let batcher = spawn(vec![Broken, Broken], limits(), &Meter::default(), &Trace::default()).unwrap();

        let answers = join_all((0..100).map(|n| batcher.submit(n))).await;

        assert!(answers.iter().all(|answer| matches!(answer, Err(BatchError::Stopped { .. }))));
    }
}

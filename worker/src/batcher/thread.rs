//! The thread that owns a model and drives its batches.

use std::{thread, time::Instant};

use tokio::{runtime::Handle, sync::mpsc, time::timeout};
use tracing::warn;

use super::{
    BatchError, BatchLimits, BatchModel, Batcher, Request,
    pending::{Next, Pending},
};
use crate::meter::Meter;

type RequestOf<M> = Request<<M as BatchModel>::Input, <M as BatchModel>::Output>;

/// Starts the thread that owns `model` and returns the way to it.
///
/// The thread ends when the last clone of the [`Batcher`] is dropped and everything
/// already sent has been answered. Must be called inside a tokio runtime, whose timer it uses.
pub fn spawn<M: BatchModel>(
    model: M,
    limits: BatchLimits,
    meter: Meter,
) -> std::io::Result<Batcher<M::Input, M::Output>> {
    let (sender, requests) = mpsc::channel(limits.queue.get());
    let driver = Driver { model, limits, requests, timer: Handle::current(), meter };
    thread::Builder::new().name(M::NAME.to_owned()).spawn(move || driver.run())?;
    Ok(Batcher { name: M::NAME, requests: sender })
}

struct Driver<M: BatchModel> {
    model: M,
    limits: BatchLimits,
    requests: mpsc::Receiver<RequestOf<M>>,
    timer: Handle,
    meter: Meter,
}

impl<M: BatchModel> Driver<M> {
    fn run(mut self) {
        let mut pending = Pending::new(self.limits);
        loop {
            self.take_what_is_there(&mut pending);
            match pending.next(Instant::now()) {
                Next::Run(batch) => self.answer(batch),
                Next::Idle => match self.requests.blocking_recv() {
                    Some(request) => self.push(&mut pending, request),
                    None => return,
                },
                Next::Wait(most) => {
                    match self.timer.block_on(async { timeout(most, self.requests.recv()).await }) {
                        Ok(Some(request)) => self.push(&mut pending, request),
                        Ok(None) => break,
                        Err(_elapsed) => {}
                    }
                }
            }
        }
        while let Some(batch) = pending.drain() {
            self.answer(batch);
        }
    }

    /// Moves requests from the queue to the buckets, as long as the buckets hold less than the queue may.
    fn take_what_is_there(&mut self, pending: &mut Pending<RequestOf<M>>) {
        while pending.len() < self.limits.queue.get() {
            let Ok(request) = self.requests.try_recv() else { return };
            self.push(pending, request);
        }
    }

    fn push(&self, pending: &mut Pending<RequestOf<M>>, request: RequestOf<M>) {
        let (bucket, cost) = (self.model.bucket(&request.input), self.model.cost(&request.input));
        pending.push(bucket, cost, request, Instant::now());
    }

    /// Runs a batch. When it fails, its items run one by one, so that a bad one fails alone.
    fn answer(&mut self, batch: Vec<RequestOf<M>>) {
        let (inputs, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|request| (request.input, request.answer)).unzip();
        let outputs: Vec<Result<M::Output, BatchError>> = match self.run_model(&inputs) {
            Ok(outputs) => outputs.into_iter().map(Ok).collect(),
            Err(error) if inputs.len() > 1 => {
                warn!(model = M::NAME, items = inputs.len(), %error, "batch failed; running its items alone");
                inputs.iter().map(|input| self.run_alone(input)).collect()
            }
            Err(error) => vec![Err(error)],
        };
        for (answer, output) in answers.into_iter().zip(outputs) {
            // A page that was cancelled no longer listens; its answer is nobody's loss.
            drop(answer.send(output));
        }
    }

    fn run_alone(&mut self, input: &M::Input) -> Result<M::Output, BatchError> {
        let mut outputs = self.run_model(std::slice::from_ref(input))?;
        outputs.pop().ok_or(BatchError::OutputCount { model: M::NAME, expected: 1, actual: 0 })
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
        let batcher = spawn(Doubler, limits(), Meter::default()).unwrap();

        let answers = join_all((0..100).filter(|n| *n != 13).map(|n| batcher.submit(n))).await;

        let answers: Vec<u32> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, (0..100).filter(|n| *n != 13).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_bad_item_fails_alone() {
        let batcher = spawn(Doubler, limits(), Meter::default()).unwrap();

        let answers = join_all((10..18).map(|n| batcher.submit(n))).await;

        let failed: Vec<bool> = answers.iter().map(Result::is_err).collect();
        assert_eq!(failed, [false, false, false, true, false, false, false, false]);
    }
}

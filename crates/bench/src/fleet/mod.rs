//! A fleet on this machine to be measured: private servers, a real coordinator, workers of fixed cost.
//!
//! ```text
//!  Services ─ one ground for each run ─▶ Ground ─┬─ coordinator() ─▶ quire serve
//!  (RabbitMQ, Redis, S3 in memory)               ├─ worker() ─▶ quire-bench fleet-worker
//!                                                └─ submit(), status(), verify() ─▶ quire
//! ```
//!
//! The S3 server lives in this process: its time counts as the store's, its memory does not count as Quire's.

pub mod documents;
mod ground;
mod process;
pub mod report;
pub mod timed;

use std::path::PathBuf;

use anyhow::Context;
use quire_test_servers::{MemoryS3, RabbitMq, Redis};

pub use ground::{Ground, Status, Verified};
pub use process::Process;

/// The only bucket.
const BUCKET: &str = "bench";

/// What every command about the fleet can be told.
#[derive(Clone, Debug, clap::Args)]
pub struct Common {
    /// The `quire` command; by default the one beside this program.
    #[arg(long = "quire", value_name = "FILE")]
    program: Option<PathBuf>,
    /// Also write the table to docs/benchmarks/fleet-COMMAND.md.
    #[arg(long)]
    pub record: bool,
}

/// The servers of a benchmark.
pub struct Services {
    /// The broker.
    pub broker: RabbitMq,
    redis: Redis,
    /// The store.
    pub s3: MemoryS3,
    quire: PathBuf,
    grounds: u32,
}

impl Services {
    /// Starts them.
    pub fn start(common: &Common) -> anyhow::Result<Self> {
        let own = std::env::current_exe().context("find this program")?;
        let quire = common.program.clone().unwrap_or_else(|| own.with_file_name("quire"));
        anyhow::ensure!(
            quire.is_file(),
            "no quire at {}: build it, or name it with --quire",
            quire.display()
        );
        let (broker, redis) = (RabbitMq::start()?, Redis::start()?);
        Ok(Self { broker, redis, s3: MemoryS3::start(BUCKET)?, quire, grounds: 0 })
    }

    /// Queues, a database and a folder of the bucket that nothing has used before.
    pub fn ground(&mut self) -> anyhow::Result<Ground> {
        let number = self.grounds;
        self.grounds += 1;
        Ground::new(self, number)
    }
}

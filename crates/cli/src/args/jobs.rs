//! The subcommands that have to do with a fleet.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};
use humantime_serde::re::humantime::parse_duration;
use quire_proto::{JobId, PageSet, Priority};

use super::{Format, Mode, pages};

/// `quire serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address of the HTTP API [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
}

/// How the coordinator is reached, and how answers are written.
#[derive(Clone, Debug, Args)]
pub struct Client {
    /// Address of the coordinator [default: http://127.0.0.1:8080]
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Ask no coordinator: be one for as long as this takes, over the services of the configuration
    #[arg(long, conflicts_with = "server")]
    pub direct: bool,
    /// Whose jobs are meant [default: local]
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// Write JSON lines to stdout
    #[arg(long)]
    pub json: bool,
}

/// `quire submit`.
#[derive(Debug, Args)]
pub struct Submit {
    /// PDF, PNG, JPEG or TIFF files, or folders of them, here or as s3://BUCKET/PREFIX
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What you call the whole
    #[arg(long, value_name = "NAME")]
    pub collection: Option<String>,
    /// High overtakes what runs already
    #[arg(long, value_enum, default_value_t = PriorityArg::Low)]
    pub priority: PriorityArg,
    /// Pages of each document, such as 1-3,7 [default: all]
    #[arg(long, value_name = "LIST", value_parser = pages)]
    pub pages: Option<PageSet>,
    /// How text is obtained [default: what the coordinator is configured for]
    #[arg(long)]
    pub mode: Option<Mode>,
    /// Read pages that show two pages side by side one after the other [default: what the coordinator is configured for]
    #[arg(long)]
    pub split_spreads: bool,
    /// The same key stands for the same request for ever
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// Watch the job until it is finished
    #[arg(long)]
    pub wait: bool,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub client: Client,
}

/// `quire status`.
#[derive(Debug, Args)]
pub struct Status {
    /// The job; all that are not finished when absent
    #[arg(value_name = "JOB")]
    pub job: Option<JobId>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub client: Client,
}

/// `quire list`.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub client: Client,
}

/// A subcommand about one job: `watch`, `cancel`, `verify`, `rm`.
#[derive(Debug, Args)]
pub struct OfJob {
    /// The job
    #[arg(value_name = "JOB")]
    pub job: JobId,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub client: Client,
}

/// `quire failures`.
#[derive(Debug, Args)]
pub struct Failures {
    /// The job
    #[arg(value_name = "JOB")]
    pub job: JobId,
    /// Most pages that are listed
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub limit: usize,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub client: Client,
}

/// `quire retry`.
#[derive(Debug, Args)]
pub struct Retry {
    /// The job
    #[arg(value_name = "JOB")]
    pub job: JobId,
    /// Only what failed, which is what is always done: pages that were read are never read again
    #[arg(long)]
    pub only_failed: bool,
    /// Watch the job until it is finished
    #[arg(long)]
    pub wait: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub client: Client,
}

/// `quire results`.
#[derive(Debug, Args)]
pub struct Results {
    /// The job
    #[arg(value_name = "JOB")]
    pub job: JobId,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// What to write
    #[arg(long, value_delimiter = ',', default_value = "md,txt,json", value_name = "LIST")]
    pub formats: Vec<Format>,
    /// Replace files that are in the way
    #[arg(long)]
    pub overwrite: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub client: Client,
}

/// `quire gc`.
#[derive(Debug, Args)]
pub struct Gc {
    /// Age below which nothing is garbage, such as 7d [default: what the coordinator is configured for]
    #[arg(long, value_name = "AGE", value_parser = parse_duration)]
    pub older_than: Option<Duration>,
    /// Say what would be deleted, and delete nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub client: Client,
}

/// Which jobs go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PriorityArg {
    /// When nothing high waits
    Low,
    /// First
    High,
}

impl From<PriorityArg> for Priority {
    fn from(priority: PriorityArg) -> Self {
        match priority {
            PriorityArg::Low => Self::Low,
            PriorityArg::High => Self::High,
        }
    }
}

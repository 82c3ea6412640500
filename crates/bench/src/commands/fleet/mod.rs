//! `quire-bench fleet`: what queue, store, progress and coordinator cost, with workers whose pages cost a fixed time.

mod kills;
mod million;
mod overhead;
mod scaling;

/// Options of `quire-bench fleet`.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(subcommand)]
    figure: Figure,
}

#[derive(Debug, clap::Subcommand)]
enum Figure {
    /// Time of a worker that a page range costs beside its pages, and where it goes
    Overhead(overhead::Options),
    /// Pages per second of 1, 2, 4, 8 and 16 workers
    Scaling(scaling::Options),
    /// Queue, memory and time to the first page of a job of a million pages
    Million(million::Options),
    /// Pages lost, doubled and read again when workers are killed at random
    Kills(kills::Options),
}

/// Runs the command; whether all bars hold.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    match &options.figure {
        Figure::Overhead(options) => overhead::run(options),
        Figure::Scaling(options) => scaling::run(options),
        Figure::Million(options) => million::run(options),
        Figure::Kills(options) => kills::run(options),
    }
}

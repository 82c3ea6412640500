//! One file per subcommand.

mod cancel;
mod convert;
mod doctor;
mod failures;
mod gc;
mod jobs;
mod list;
mod results;
mod retry;
mod rm;
mod send;
mod serve;
mod setup;
mod status;
mod submit;
mod verify;
mod watch;

use quire_models::LoadError;
use quire_runtime::config::ConfigError;

use crate::{
    Exit,
    args::{Cli, Command},
    config::{Config, InvalidConfig},
    logging, progress,
};

/// Runs the subcommand.
pub(crate) fn run(cli: &Cli) -> anyhow::Result<Exit> {
    let bar = progress::bar(!cli.common.quiet);
    match cli.command {
        Command::Serve(_) => logging::start_service(&cli.common),
        _ => logging::start(&cli.common, bar.clone()),
    }
    let config = Config::load(cli.common.config.as_deref())?;
    match &cli.command {
        Command::Convert(arguments) => convert::run(config, arguments, cli.common.quiet, bar),
        Command::Setup => setup::run(&config),
        Command::Doctor(arguments) => doctor::run(&config, arguments),
        Command::Serve(arguments) => serve::run(config, arguments),
        Command::Submit(arguments) => submit::run(&config, arguments, &bar),
        Command::Status(arguments) => status::run(&config, arguments),
        Command::Watch(arguments) => watch::run(&config, arguments, &bar),
        Command::List(arguments) => list::run(&config, arguments),
        Command::Cancel(arguments) => cancel::run(&config, arguments),
        Command::Failures(arguments) => failures::run(&config, arguments),
        Command::Retry(arguments) => retry::run(&config, arguments, &bar),
        Command::Results(arguments) => results::run(&config, arguments, &bar),
        Command::Verify(arguments) => verify::run(&config, arguments),
        Command::Rm(arguments) => rm::run(&config, arguments),
        Command::Gc(arguments) => gc::run(&config, arguments),
    }
}

/// The code for an error that ended the run: the configuration counts as an argument.
pub(crate) fn exit_of(error: &anyhow::Error) -> Exit {
    let unavailable = matches!(error.downcast_ref(), Some(LoadError::Unavailable(_)));
    if unavailable || error.is::<InvalidConfig>() || error.is::<ConfigError>() {
        Exit::Usage
    } else {
        Exit::Other
    }
}

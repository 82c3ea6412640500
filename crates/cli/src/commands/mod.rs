//! One file per subcommand.

mod convert;
mod doctor;
mod setup;

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
    logging::start(&cli.common, bar.clone());
    let config = Config::load(cli.common.config.as_deref())?;
    match &cli.command {
        Command::Convert(arguments) => convert::run(config, arguments, cli.common.quiet, bar),
        Command::Setup => setup::run(&config),
        Command::Doctor(arguments) => doctor::run(&config, arguments),
    }
}

/// The code for an error that ended the run: the configuration counts as an argument.
pub(crate) fn exit_of(error: &anyhow::Error) -> Exit {
    if error.is::<InvalidConfig>() || error.is::<ConfigError>() { Exit::Usage } else { Exit::Other }
}

//! The command line: the service itself, and what its operator does beside it. Commands work on the
//! same database through the same flows as the service.

mod ask;
mod exit;
mod import;
mod keys;
mod output;
mod serve;
mod users;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::app::{self, Parts, Writing};
use crate::config::{Config, Environment, settings};
use crate::domain::clock::Clock;
use crate::flows::operator::Operator;
use crate::telemetry;
use exit::Failure;
use output::Output;

/// Two-factor authentication as a service.
#[derive(Parser)]
#[command(name = "twofold", version, about, after_help = after_help())]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Answers requests until it is told to stop; the default
    Serve,
    /// Checks the settings and says what is wrong with them
    CheckConfig,
    /// Looks after accounts
    Users {
        #[command(subcommand)]
        command: users::Command,
        #[command(flatten)]
        format: Format,
    },
    /// Makes and rotates the keys that secrets are sealed under
    Keys {
        #[command(subcommand)]
        command: keys::Command,
        #[command(flatten)]
        format: Format,
    },
    /// Takes over the users of the tutorial's own MongoDB
    Import {
        #[command(flatten)]
        arguments: import::Arguments,
        #[command(flatten)]
        format: Format,
    },
}

/// How a command's outcome is written.
#[derive(Args, Clone, Copy)]
struct Format {
    /// Writes JSON
    #[arg(long, global = true)]
    json: bool,
}

fn after_help() -> String {
    format!("{}\n{}", settings::help(), exit::HELP)
}

/// Runs what the arguments say.
#[must_use]
pub fn run() -> ExitCode {
    let command = Arguments::parse().command.unwrap_or(Command::Serve);
    let output = command.output();
    match execute(command, &output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.code()
        }
    }
}

impl Command {
    fn output(&self) -> Output {
        match self {
            Self::Serve | Self::CheckConfig => Output::new(false),
            Self::Users { format, .. }
            | Self::Keys { format, .. }
            | Self::Import { format, .. } => Output::new(format.json),
        }
    }
}

fn execute(command: Command, output: &Output) -> Result<(), Failure> {
    // A new key is often the first thing that is made, before any setting is.
    if let Command::Keys { command: keys::Command::New, .. } = command {
        return keys::new(output);
    }
    let environment = Environment::load().map_err(Failure::other)?;
    let config = app::configure(&environment).map_err(Failure::other)?;
    match command {
        Command::Serve => serve::serve(config),
        Command::CheckConfig => {
            writeln!(io::stdout(), "The settings are fine.").map_err(Failure::other)
        }
        Command::Users { command, .. } => {
            as_operator(&config, async |operator| users::run(operator, command, output).await)
        }
        Command::Keys { .. } => {
            as_operator(&config, async |operator| keys::rotate(operator, output).await)
        }
        Command::Import { arguments, .. } => {
            let setting = config.import_url.as_ref();
            as_operator(&config, async |operator| {
                import::run(operator, &arguments, setting, output).await
            })
        }
    }
}

/// Takes the operator's place on the service's database, and leaves it when every event is written.
fn as_operator(
    config: &Config,
    work: impl AsyncFnOnce(&Operator) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // What the service says in its log is not what a command says.
    telemetry::start(config.mode, "warn").map_err(Failure::other)?;
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::other)?;
    runtime.block_on(async {
        let (operator, events) = take_place(config).await?;
        let outcome = work(&operator).await;
        events.finish().await;
        outcome
    })
}

async fn take_place(config: &Config) -> Result<(Operator, Writing), Failure> {
    let (parts, events) = Parts::of(config, Clock::system()).await.map_err(Failure::other)?;
    let auth = parts.auth().map_err(Failure::other)?;
    Ok((Operator::new(auth), events))
}

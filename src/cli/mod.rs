//! The command line: the service itself and the operator's commands, which work on the same database
//! through the same flows as the service.

mod ask;
mod check_config;
mod exit;
mod foreign_text;
mod generated;
mod import;
mod keys;
mod mail;
mod output;
mod passwords;
mod serve;
mod signing_keys;
mod users;

use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

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
    /// Runs the service; the default
    Serve,
    /// Checks the settings and reports everything that is wrong with them
    CheckConfig {
        #[command(flatten)]
        arguments: check_config::Arguments,
        #[command(flatten)]
        format: Format,
    },
    /// Manages accounts
    Users {
        #[command(subcommand)]
        command: users::Command,
        #[command(flatten)]
        format: Format,
    },
    /// Creates keys, rotates sealing keys and checks a rotation of signing keys
    Keys {
        #[command(subcommand)]
        command: keys::Command,
        #[command(flatten)]
        format: Format,
    },
    /// Shows what waits in the outbox, or tries out the settings of mail
    Mail {
        #[command(subcommand)]
        command: Option<mail::Command>,
        #[command(flatten)]
        format: Format,
    },
    /// Imports users from the tutorial's own MongoDB
    Import {
        #[command(flatten)]
        arguments: import::Arguments,
        #[command(flatten)]
        format: Format,
    },
    /// Builds the file of breached passwords
    Passwords {
        #[command(subcommand)]
        command: passwords::Command,
        #[command(flatten)]
        format: Format,
    },
    /// Prints a script that completes commands in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Prints the manual page, in roff
    Man,
}

/// How a command's outcome is written.
#[derive(Args, Clone, Copy)]
struct Format {
    /// Prints JSON
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
            Self::Serve | Self::Completions { .. } | Self::Man => Output::new(false),
            Self::CheckConfig { format, .. }
            | Self::Users { format, .. }
            | Self::Keys { format, .. }
            | Self::Mail { format, .. }
            | Self::Import { format, .. }
            | Self::Passwords { format, .. } => Output::new(format.json),
        }
    }
}

fn execute(command: Command, output: &Output) -> Result<(), Failure> {
    match command {
        // These need no settings: a new key is often made before there are any, and a list on another machine.
        Command::Keys { command: keys::Command::New { signing }, .. } => keys::new(signing, output),
        Command::Passwords { command, .. } => passwords::run(&command, output),
        Command::Completions { shell } => generated::completions(Arguments::command(), shell),
        Command::Man => generated::manual(Arguments::command()),
        Command::Serve => serve::serve(configured()?),
        Command::CheckConfig { arguments, .. } => {
            let config = configured()?;
            if !arguments.connect {
                return check_config::valid(output);
            }
            let name = &config.database.name;
            as_operator(&config, async |operator| {
                check_config::connect(operator, name, output).await
            })
        }
        Command::Users { command, .. } => {
            let config = configured()?;
            let policy = config.security.password_policy;
            as_operator(&config, async |operator| {
                users::run(operator, command, policy, output).await
            })
        }
        Command::Keys { command: keys::Command::Check { published }, .. } => {
            signing_keys::check(&configured()?, &published, output)
        }
        Command::Keys { command: keys::Command::Rotate, .. } => {
            as_operator(&configured()?, async |operator| keys::rotate(operator, output).await)
        }
        Command::Mail { command: Some(command), .. } => mail::run(&configured()?, command, output),
        Command::Mail { command: None, .. } => {
            as_operator(&configured()?, async |operator| mail::outbox(operator, output).await)
        }
        Command::Import { arguments, .. } => {
            let config = configured()?;
            let setting = config.import_url.as_ref();
            as_operator(&config, async |operator| {
                import::run(operator, &arguments, setting, output).await
            })
        }
    }
}

/// The settings of the environment.
fn configured() -> Result<Config, Failure> {
    let environment = Environment::load().map_err(Failure::other)?;
    app::configure(&environment).map_err(Failure::other)
}

/// Runs a command as the operator on the service's database, and waits until its events are written.
fn as_operator(
    config: &Config,
    work: impl AsyncFnOnce(&Operator) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // The service's log lines are not part of a command's output.
    telemetry::start(config.mode, "warn").map_err(Failure::other)?;
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::other)?;
    let outcome = runtime.block_on(async {
        let (operator, events) = connect(config).await?;
        let outcome = work(&operator).await;
        events.finish().await;
        outcome
    });
    // The process ends next. If the runtime ended before it, a task of the driver that is still at work could
    // panic, and its message would precede the command's.
    std::mem::forget(runtime);
    outcome
}

async fn connect(config: &Config) -> Result<(Operator, Writing), Failure> {
    let built =
        Parts::of(config, config.http.port, Clock::system()).await.map_err(Failure::other)?;
    let auth = built.parts.auth().map_err(Failure::other)?;
    Ok((Operator::new(auth), built.events))
}

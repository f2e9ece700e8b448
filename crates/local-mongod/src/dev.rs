//! Running the service in development, with a database.

use std::{ffi::OsString, io, process::ExitCode};

use local_mongod::{Answer, Error, Mongod, ask};

use crate::{
    foreground,
    settings::{Place, Settings},
    tell,
};

const DATA: &str = ".data/mongod";

/// Why the service was not started, in one sentence with the ways out; none holds a credential.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DevError {
    #[error(
        "DATABASE_URL is set neither in the environment nor in .env. Ways out: take the .env of the repository, or set it."
    )]
    NoDatabaseUrl,
    #[error(
        "DATABASE_URL is not a MongoDB connection string. Ways out: take that of the repository's .env, or correct it."
    )]
    BadDatabaseUrl,
    #[error(
        ".env cannot be read, or a line of it is not of the form NAME=value. Ways out: correct it, or take the repository's."
    )]
    BadDotenv,
    #[error(
        "PORT is {value}, which is not a port. Ways out: set it to a number from 1 to 65535, or leave it out."
    )]
    BadPort { value: String },
    #[error(
        "Port {port} is taken, and the service is to listen there. Ways out: stop what holds it, or set PORT to another one."
    )]
    ServicePortTaken { port: u16 },
    #[error(
        "A MongoDB answers at {address}, but refuses the credentials of DATABASE_URL. Ways out: stop it, correct the credentials, or set another port in DATABASE_URL."
    )]
    Refused { address: String },
    #[error(
        "{address} is held by something that does not answer as a MongoDB. Ways out: stop it, or set another port in DATABASE_URL."
    )]
    NotMongodb { address: String },
    #[error(
        "The MongoDB started at {address} has the root user of MONGO_INITDB_ROOT_USERNAME, but DATABASE_URL does not get in. Ways out: make their names and passwords the same."
    )]
    OtherCredentials { address: String },
    #[error("{program} cannot be run ({cause}).")]
    Command { program: String, cause: io::Error },
    #[error(transparent)]
    Mongod(#[from] Error),
}

/// Runs `command` with a database, and answers its exit code.
///
/// The database ends after the command, if it was started for it.
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

/// Starts the database that the settings describe, unless it is there or not for us to start.
async fn database(settings: &Settings) -> Result<Option<Mongod>, DevError> {
    let Place::Here { address, port } = &settings.place else {
        tell("Using the database of DATABASE_URL, which is not one that could be started here.");
        return Ok(None);
    };
    let address = address.clone();
    match ask(&settings.database_url).await {
        Answer::LetsIn => {
            tell(&format!("Using the database that answers at {address}."));
            return Ok(None);
        }
        Answer::Refuses => return Err(DevError::Refused { address }),
        Answer::Something => return Err(DevError::NotMongodb { address }),
        Answer::Nobody => {}
    }
    let mut builder = Mongod::keeping(DATA).port(*port);
    if let Some((name, password)) = &settings.root {
        builder = builder.root_user(name, password);
    }
    let mongod = builder.start().await?;
    match ask(&settings.database_url).await {
        Answer::LetsIn => {
            tell(&format!("Started a database at {address}, with its data in {DATA}."));
            Ok(Some(mongod))
        }
        _ => Err(DevError::OtherCredentials { address }),
    }
}

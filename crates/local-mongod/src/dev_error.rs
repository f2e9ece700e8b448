//! Why `local-mongod dev` failed.

use std::io;

use local_mongod::Error;

/// Why the service was not started, and what to do. No message contains a credential.
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
    Command {
        program: String,
        #[source]
        cause: io::Error,
    },
    #[error(transparent)]
    Mongod(#[from] Error),
}

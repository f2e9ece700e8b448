//! Why `local-mongod dev` failed.

use std::io;

use local_mongod::Error;

/// Why the service was not started, and what to do. No message contains a credential.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DevError {
    #[error(
        "DATABASE_URL is set neither in the environment nor in .env. To fix this, use the repository's .env, or set DATABASE_URL."
    )]
    NoDatabaseUrl,
    #[error(
        "DATABASE_URL is not a MongoDB connection string. To fix this, use the one in the repository's .env, or correct it."
    )]
    BadDatabaseUrl,
    #[error(
        ".env cannot be read, or a line of it is not of the form NAME=value. To fix this, correct it, or use the repository's .env."
    )]
    BadDotenv,
    #[error(
        "PORT is {value}, which is not a port. To fix this, set it to a number from 1 to 65535, or remove it."
    )]
    BadPort { value: String },
    #[error(
        "Port {port}, which the service needs, is in use. To fix this, stop the program that uses it, or set PORT to another one."
    )]
    ServicePortTaken { port: u16 },
    #[error(
        "A MongoDB answers at {address}, but refuses the credentials of DATABASE_URL. To fix this, stop it, correct the credentials, or set another port in DATABASE_URL."
    )]
    Refused { address: String },
    #[error(
        "The program that listens at {address} is not a MongoDB, or does not answer. To fix this, stop it, or set another port in DATABASE_URL."
    )]
    NotMongodb { address: String },
    #[error(
        "The MongoDB started at {address} has the root user of MONGO_INITDB_ROOT_USERNAME, but refuses the credentials of DATABASE_URL. To fix this, use the same name and password in both."
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

//! Database errors, without the driver's messages: these contain keys and values of documents.

use mongodb::error::{Error, ErrorKind, InsertManyError, WriteFailure};

use super::connection_string::BadUrl;
use crate::domain::lists::Malformed;
use crate::metrics::Failure;

const DUPLICATE_KEY: i32 = 11_000;

/// Why a database operation failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or did not answer in time, or the outcome of a write is unknown.
    #[error("the database is unavailable, or the outcome of a write is unknown")]
    Unavailable,
    /// A unique index already contains this key.
    #[error("the key already exists")]
    Duplicate,
    /// A document doesn't have the expected shape.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The server's response cannot be parsed, or a document cannot be serialized.
    #[error("the driver could not read or write BSON ({0})")]
    Bson(&'static str),
    /// A write that no rule allows: a bug of this service.
    #[error("an invalid write: {0}")]
    InvalidWrite(&'static str),
    /// The connection string cannot be used.
    #[error("the connection string {0}")]
    BadUrl(#[from] BadUrl),
    /// The server refused a command: a bug of this service, or missing privileges.
    #[error("the database refused a command with code {code} ({name})")]
    Refused {
        /// The server's error code.
        code: i32,
        /// Its name.
        name: String,
    },
}

impl StoreError {
    /// What is counted as a failure of the database. A key that exists is an answer.
    pub(super) fn as_failure(&self) -> Option<Failure> {
        match self {
            Self::Unavailable => Some(Failure::Unavailable),
            Self::Refused { .. } => Some(Failure::Refused),
            Self::Bson(_) | Self::Malformed(_) => Some(Failure::Unreadable),
            Self::Duplicate | Self::InvalidWrite(_) | Self::BadUrl(_) => None,
        }
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error.kind.as_ref() {
            ErrorKind::Write(WriteFailure::WriteError(write)) if write.code == DUPLICATE_KEY => {
                Self::Duplicate
            }
            ErrorKind::Command(command) if command.code == DUPLICATE_KEY => Self::Duplicate,
            ErrorKind::InsertMany(many) if has_only_duplicates(many) => Self::Duplicate,
            ErrorKind::Write(WriteFailure::WriteError(write)) => Self::Refused {
                code: write.code,
                name: write.code_name.clone().unwrap_or_default(),
            },
            ErrorKind::Command(command) if is_permanent(command.code) => {
                Self::Refused { code: command.code, name: command.code_name.clone() }
            }
            ErrorKind::BsonDeserialization(_) => Self::Bson("deserialization"),
            ErrorKind::BsonSerialization(_) => Self::Bson("serialization"),
            ErrorKind::InvalidResponse { .. } => Self::Bson("response"),
            _ => Self::Unavailable,
        }
    }
}

/// Whether every document of a batch that was not inserted already exists.
fn has_only_duplicates(many: &InsertManyError) -> bool {
    let errors = many.write_errors.as_deref().unwrap_or_default();
    many.write_concern_error.is_none() && errors.iter().all(|error| error.code == DUPLICATE_KEY)
}

/// Whether the code says that a command is wrong or not allowed. Every other refusal (a new primary, a
/// server that starts or stops) is temporary.
fn is_permanent(code: i32) -> bool {
    const BAD_VALUE: i32 = 2;
    const FAILED_TO_PARSE: i32 = 9;
    const UNAUTHORIZED: i32 = 13;
    const TYPE_MISMATCH: i32 = 14;
    const PATH_NOT_VIABLE: i32 = 28;
    const CONFLICTING_UPDATE: i32 = 40;
    [BAD_VALUE, FAILED_TO_PARSE, UNAUTHORIZED, TYPE_MISMATCH, PATH_NOT_VIABLE, CONFLICTING_UPDATE]
        .contains(&code)
}

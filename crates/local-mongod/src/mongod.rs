//! A `mongod` of one's own.

use std::{
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::{
    database::{Connection, Creation, RootUser},
    error::Error,
    folder::Folder,
    leash::{Leash, Signal},
    stopped,
    uri::uri,
};

const TIME_TO_START: Duration = Duration::from_mins(1);
const TIME_TO_STOP: Duration = Duration::from_secs(20);
const TIME_TO_PAUSE: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(10);

/// The replica set that a `mongod` is started for, and its index in it.
#[derive(Clone, Copy)]
pub(crate) struct Membership {
    pub(crate) set: &'static str,
    pub(crate) index: u16,
}

/// A `mongod` on this machine that ends with this value, and with this process, however that ends.
///
/// Dropping it waits until the `mongod` has ended and its temporary folder is gone.
pub struct Mongod {
    // In this order: the process has ended before its folder goes.
    leash: Option<Leash>,
    folder: Folder,
    executable: PathBuf,
    arguments: Vec<String>,
    root: Option<RootUser>,
    membership: Option<Membership>,
    pub(crate) port: u16,
}

impl Mongod {
    pub(crate) fn new(
        executable: PathBuf,
        arguments: Vec<String>,
        folder: Folder,
        root: Option<RootUser>,
        membership: Option<Membership>,
    ) -> Self {
        Self { leash: None, folder, executable, arguments, root, membership, port: 0 }
    }

    /// Where it listens: a connection string with the root user's credentials, if it has one.
    ///
    /// That of a replica set's member leads to this very member, whatever its role.
    #[must_use]
    pub fn uri(&self) -> String {
        let hosts = format!("127.0.0.1:{}", self.port);
        let direct = self.membership.map(|_| "directConnection=true".to_owned());
        uri(&hosts, self.root.as_ref(), direct)
    }

    /// The port of 127.0.0.1 it listens on, the same after each start.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its data.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file of its log, begun anew at each start.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("mongod.log")
    }

    /// Starts it again, on the same port and data, after [`stop`](Self::stop) or
    /// [`kill`](Self::kill); waits until it answers. Nothing happens if it is running.
    ///
    /// # Errors
    ///
    /// When it ends instead, or does not answer within a minute.
    pub async fn start(&mut self) -> Result<(), Error> {
        if self.is_running() {
            return Ok(());
        }
        let mut leash = self.launch()?;
        self.listening(&mut leash).await?;
        self.leash = Some(leash);
        Connection::to(self.port, None)?.ping().await
    }

    /// Stops it cleanly, and waits until it has ended. Its data stay, also temporary ones.
    ///
    /// # Errors
    ///
    /// When the system does not tell whether it has ended.
    pub async fn stop(&mut self) -> Result<(), Error> {
        self.end(Signal::Terminate).await
    }

    /// Kills it as a failing machine would, and waits until it has ended. Its data stay, but for
    /// writes that were not journaled yet.
    ///
    /// # Errors
    ///
    /// When the system does not tell whether it has ended.
    pub async fn kill(&mut self) -> Result<(), Error> {
        self.end(Signal::Kill).await
    }

    /// Makes it hang: connections stay open and are accepted, but nothing is answered. Returns once
    /// every thread of it has stopped.
    ///
    /// # Errors
    ///
    /// When it is not running, or does not stop within ten seconds.
    pub fn pause(&mut self) -> Result<(), Error> {
        let process = self.signal(Signal::Stop)?;
        stopped::wait(process, TIME_TO_PAUSE)
    }

    /// Lets it go on after [`pause`](Self::pause).
    ///
    /// # Errors
    ///
    /// When it is not running.
    pub fn resume(&mut self) -> Result<(), Error> {
        self.signal(Signal::Continue).map(drop)
    }

    /// Creates the root user it is to have, if it has no user yet.
    pub(crate) async fn create_root(&mut self) -> Result<(), Error> {
        let Some(root) = &self.root else {
            return Ok(());
        };
        match Connection::to(self.port, None)?.create_root(self.port, root).await? {
            Creation::Done => Ok(()),
            Creation::OtherUserExists => {
                Err(Error::OtherUser { folder: self.folder.path().to_owned() })
            }
        }
    }

    pub(crate) fn root(&self) -> Option<&RootUser> {
        self.root.as_ref()
    }

    fn is_running(&mut self) -> bool {
        self.leash.as_mut().is_some_and(|leash| matches!(leash.ended(), Ok(None)))
    }

    /// Sends a signal to the process and returns the process's id.
    fn signal(&mut self, signal: Signal) -> Result<u32, Error> {
        if !self.is_running() {
            return Err(Error::NotRunning);
        }
        self.leash.as_mut().and_then(|leash| leash.signal(signal)).ok_or(Error::NotRunning)
    }

    async fn end(&mut self, signal: Signal) -> Result<(), Error> {
        let Some(leash) = self.leash.take() else {
            return Ok(());
        };
        leash.end(signal, TIME_TO_STOP).await.map_err(|cause| Error::Shell { cause })
    }

    fn launch(&self) -> Result<Leash, Error> {
        let log = self.log();
        File::create(&log).map_err(|cause| Error::folder(&log, &cause))?;
        let mut arguments: Vec<OsString> = self.arguments.iter().map(Into::into).collect();
        arguments.push(format!("--port={}", self.port).into());
        arguments.extend(["--dbpath".into(), self.folder.path().into()]);
        // Data that nobody will read again need no clean end.
        let farewell = if self.folder.is_temporary() { Signal::Kill } else { Signal::Terminate };
        let witness = self.folder.witness().map_err(|cause| Error::Shell { cause })?;
        Leash::hold(&self.executable, &arguments, &log, farewell, witness)
            .map_err(|cause| Error::Shell { cause })
    }

    /// Waits until its own log tells that it listens: another one may answer at the port.
    async fn listening(&self, leash: &mut Leash) -> Result<(), Error> {
        let deadline = Instant::now() + TIME_TO_START;
        loop {
            let ended = leash.ended().map_err(|cause| Error::Shell { cause })?.is_some();
            let log = fs::read(self.log()).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            if ended {
                return Err(self.why_it_ended(&log));
            }
            if log.contains("Waiting for connections") {
                return Ok(());
            }
            if Instant::now() > deadline {
                let seconds = TIME_TO_START.as_secs();
                return Err(Error::Late { what: "mongod", seconds, log: self.log() });
            }
            sleep(GLANCE).await;
        }
    }

    fn why_it_ended(&self, log: &str) -> Error {
        if log.contains("Address already in use") {
            return Error::PortTaken { port: self.port };
        }
        if log.contains("DBPathInUse") {
            return Error::FolderTaken { folder: self.folder.path().to_owned() };
        }
        let serious = |line: &&str| line.contains(r#""s":"E""#) || line.contains(r#""s":"F""#);
        let reason = log.lines().find(serious).or_else(|| log.lines().next_back());
        let reason =
            reason.map_or("it said nothing".to_owned(), |line| line.chars().take(400).collect());
        Error::Ended { reason, log: self.log() }
    }
}

//! A `mongod` process.

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
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// The replica set that a `mongod` is started for, and its index in it.
#[derive(Clone, Copy)]
pub(crate) struct Membership {
    pub(crate) set: &'static str,
    pub(crate) index: u16,
}

/// A `mongod` on this machine. It ends when this value is dropped, and when this process ends in any way.
///
/// Dropping it waits until the `mongod` has ended and its temporary folder is deleted.
pub struct Mongod {
    // Fields are dropped in this order, so the process ends before its folder is deleted.
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

    /// Its connection string, with the root user's credentials if it has one.
    ///
    /// For a member of a replica set, it connects directly to this member.
    #[must_use]
    pub fn uri(&self) -> String {
        let hosts = format!("127.0.0.1:{}", self.port);
        let direct = self.membership.map(|_| "directConnection=true".to_owned());
        uri(&hosts, self.root.as_ref(), direct)
    }

    /// The port of 127.0.0.1 that it listens on. It stays the same after a restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its log file, which is overwritten at each start.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("mongod.log")
    }

    /// Starts it again, on the same port and data, after [`stop`](Self::stop) or
    /// [`kill`](Self::kill); waits until it answers. Does nothing if it is running.
    ///
    /// # Errors
    ///
    /// If it fails to start, or does not answer within a minute.
    pub async fn start(&mut self) -> Result<(), Error> {
        if self.is_running() {
            return Ok(());
        }
        let mut leash = self.launch()?;
        self.listening(&mut leash).await?;
        self.leash = Some(leash);
        Connection::to(self.port, None)?.ping().await
    }

    /// Shuts it down cleanly, and waits until it has ended. Its data is kept, even if it is temporary.
    ///
    /// # Errors
    ///
    /// If the state of the process cannot be read.
    pub async fn stop(&mut self) -> Result<(), Error> {
        self.end(Signal::Terminate).await
    }

    /// Kills it, and waits until it has ended. Its data is kept, except writes that were not journaled yet.
    ///
    /// # Errors
    ///
    /// If the state of the process cannot be read.
    pub async fn kill(&mut self) -> Result<(), Error> {
        self.end(Signal::Kill).await
    }

    /// Suspends it: connections stay open and are accepted, but get no response. Returns when every thread has
    /// stopped.
    ///
    /// # Errors
    ///
    /// If it is not running, or does not stop within ten seconds.
    pub fn pause(&mut self) -> Result<(), Error> {
        let process = self.signal(Signal::Stop)?;
        stopped::wait(process, TIME_TO_PAUSE)
    }

    /// Resumes it after [`pause`](Self::pause).
    ///
    /// # Errors
    ///
    /// If it is not running.
    pub fn resume(&mut self) -> Result<(), Error> {
        self.signal(Signal::Continue).map(drop)
    }

    /// Creates its root user, if it has no user yet.
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

    /// Returns its process id, to limit its resources for example. Resumes it if it is paused.
    ///
    /// # Errors
    ///
    /// If it is not running.
    pub fn pid(&mut self) -> Result<u32, Error> {
        self.signal(Signal::Continue)
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
        // Temporary data needs no clean shutdown.
        let last = if self.folder.is_temporary() { Signal::Kill } else { Signal::Terminate };
        let guard = self.folder.guard().map_err(|cause| Error::Shell { cause })?;
        Leash::start(&self.executable, &arguments, &log, last, guard)
            .map_err(|cause| Error::Shell { cause })
    }

    /// Waits until its log says that it listens. (Connecting is not enough: another one may use the port.)
    async fn listening(&self, leash: &mut Leash) -> Result<(), Error> {
        let deadline = Instant::now() + TIME_TO_START;
        loop {
            let ended = leash.ended().map_err(|cause| Error::Shell { cause })?.is_some();
            let log = fs::read(self.log()).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            if ended {
                return Err(self.start_error(&log));
            }
            if log.contains("Waiting for connections") {
                return Ok(());
            }
            if Instant::now() > deadline {
                let seconds = TIME_TO_START.as_secs();
                return Err(Error::Late { what: "mongod", seconds, log: self.log() });
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    fn start_error(&self, log: &str) -> Error {
        if log.contains("Address already in use") {
            return Error::PortTaken { port: self.port };
        }
        if log.contains("DBPathInUse") {
            return Error::FolderTaken { folder: self.folder.path().to_owned() };
        }
        let serious = |line: &&str| line.contains(r#""s":"E""#) || line.contains(r#""s":"F""#);
        let reason = log.lines().find(serious).or_else(|| log.lines().next_back());
        let reason =
            reason.map_or("it printed nothing".to_owned(), |line| line.chars().take(400).collect());
        Error::Ended { reason, log: self.log() }
    }
}

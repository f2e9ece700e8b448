//! The service's program in a process of its own, for tests and benchmarks.

mod log;

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use self::log::Log;

/// For a start and for a stop: long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
const TIME_TO_ANSWER: Duration = Duration::from_secs(5);
const GLANCE: Duration = Duration::from_millis(1);

/// Why the service does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its process cannot be started, asked or signalled.
    #[error("the service's process: {0}")]
    Process(#[from] io::Error),
    /// Its process ended before the service was ready. Contains what it logged.
    #[error("the service ended before it was ready: {0}")]
    Ended(String),
    /// It took too long. Contains what it logged.
    #[error("timed out after {PATIENCE:?}: the service {0}: {1}")]
    Late(&'static str, String),
}

/// A running service, killed with this value.
#[derive(Debug)]
pub struct Service {
    /// Where it answers.
    pub address: SocketAddr,
    /// From the start of its process until it was ready.
    pub started_in: Duration,
    process: Child,
    log: Log,
}

impl Service {
    /// Starts `command`, whose settings say `PORT=0`, and waits until the service is ready. What it logs is kept.
    ///
    /// # Errors
    ///
    /// If it does not start, ends, or is not ready in time.
    pub async fn start(command: &mut Command) -> Result<Self, Error> {
        command.stderr(Stdio::piped());
        Self::ready(command, None).await
    }

    /// The same on a free port, without a log: nobody has to read what a service under load writes.
    ///
    /// # Errors
    ///
    /// Those of [`Service::start`].
    pub async fn start_silently(command: &mut Command) -> Result<Self, Error> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        command.env("PORT", address.port().to_string()).stdout(Stdio::null()).stderr(Stdio::null());
        Self::ready(command, Some(address)).await
    }

    async fn ready(command: &mut Command, address: Option<SocketAddr>) -> Result<Self, Error> {
        let begun = Instant::now();
        let mut process = command.spawn()?;
        let log = Log::of(process.stderr.take());
        let unknown = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut service = Self { address: unknown, started_in: Duration::ZERO, process, log };
        let started = timeout(PATIENCE, async {
            loop {
                if let Some(address) = address.or_else(|| service.log.address())
                    && is_ready(address)
                {
                    return Ok(address);
                }
                if service.process.try_wait()?.is_some() {
                    return Err(Error::Ended(service.log()));
                }
                sleep(GLANCE).await;
            }
        });
        let Ok(started) = started.await else {
            return Err(Error::Late("is not ready", service.log()));
        };
        service.address = started?;
        service.started_in = begun.elapsed();
        Ok(service)
    }

    /// Where it answers, as in `http://127.0.0.1:8000`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Asks it to stop, as an operator does, and waits until it has.
    ///
    /// # Errors
    ///
    /// If it does not stop in time.
    pub async fn terminate(&mut self) -> Result<ExitStatus, Error> {
        self.ask_to_stop()?;
        self.stopped().await
    }

    /// Asks it to stop, as an operator does.
    ///
    /// # Errors
    ///
    /// If there is no shell.
    pub fn ask_to_stop(&self) -> Result<(), Error> {
        // The shell's built-in, because minimal systems have no program of this name.
        let kill = r#"kill -s TERM "$0""#;
        Command::new("sh").args(["-c", kill, &self.pid().to_string()]).status()?;
        Ok(())
    }

    /// Waits until it has stopped.
    ///
    /// # Errors
    ///
    /// If it does not stop in time.
    pub async fn stopped(&mut self) -> Result<ExitStatus, Error> {
        let ended = timeout(PATIENCE, async {
            loop {
                if let Some(status) = self.process.try_wait()? {
                    return Ok::<_, Error>(status);
                }
                sleep(GLANCE).await;
            }
        });
        let Ok(ended) = ended.await else {
            return Err(Error::Late("does not stop", self.log()));
        };
        self.log.read_to_its_end();
        ended
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// Whether the service at this address says that it is ready.
fn is_ready(address: SocketAddr) -> bool {
    let asked = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(TIME_TO_ANSWER))?;
        write!(
            stream,
            "GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok::<_, io::Error>(answer)
    };
    asked().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}

//! Running a command that cannot outlive this process, even if this process is killed.

use std::{
    ffi::{OsStr, OsString},
    io::{self, BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    time::Duration,
};

use tokio::time::{Instant, sleep};

const SCRIPT: &str = include_str!("leash.sh");
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// A signal, by the name that `kill -s` knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ends a command cleanly.
    Terminate,
    /// Ends a command at once.
    Kill,
    /// Pauses a command.
    Stop,
    /// Lets a paused command go on.
    Continue,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Terminate => "TERM",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Continue => "CONT",
        }
    }
}

/// A running command, started by a small shell that ends it when the pipe from this process closes.
///
/// The shell has its own process group, so Ctrl-C in a terminal does not reach the command, and the owner decides
/// when it ends. Dropping the leash ends the command and waits for it.
pub(crate) struct Leash {
    shell: Child,
    answers: Option<BufReader<ChildStdout>>,
}

impl Leash {
    /// Starts `command` with its output appended to `log`. It gets the signal `last` when the leash is dropped.
    /// The shell keeps `guard` open until the command has ended.
    pub(crate) fn start(
        command: &Path,
        arguments: &[OsString],
        log: &Path,
        last: Signal,
        guard: Stdio,
    ) -> io::Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "leash"])
            .arg(log)
            .arg(last.name())
            .arg(command)
            .args(arguments)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(guard)
            .spawn()?;
        let answers = shell.stdout.take().map(BufReader::new);
        Ok(Self { shell, answers })
    }

    /// Sends `signal` to the command and returns the command's process id, or `None` if the command
    /// has ended.
    pub(crate) fn signal(&mut self, signal: Signal) -> Option<u32> {
        let (orders, answers) = (self.shell.stdin.as_mut()?, self.answers.as_mut()?);
        // These fail only if the shell has ended, and with it the command.
        writeln!(orders, "{}", signal.name()).ok()?;
        let mut answer = String::new();
        answers.read_line(&mut answer).ok()?;
        answer.trim().parse().ok()
    }

    /// How the command ended, if it has.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.shell.try_wait()
    }

    /// Ends the command with `signal`, and with [`Signal::Kill`] if it is still running after `timeout`.
    pub(crate) async fn end(mut self, signal: Signal, timeout: Duration) -> io::Result<()> {
        self.signal(signal);
        self.signal(Signal::Continue);
        let deadline = Instant::now() + timeout;
        while self.ended()?.is_none() {
            if Instant::now() > deadline {
                self.signal(Signal::Kill);
            }
            sleep(POLL_INTERVAL).await;
        }
        Ok(())
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.shell.wait()); // closes the pipe first
    }
}

/// Starts a shell that waits until its standard input is closed, and then deletes `folder` with its content.
pub(crate) fn remove_when_closed(folder: &Path) -> io::Result<Child> {
    const SCRIPT: &str = r#"trap '' HUP INT TERM; while read -r _; do :; done; rm -rf -- "$0""#;
    Command::new("sh")
        .args([OsStr::new("-c"), OsStr::new(SCRIPT), folder.as_os_str()])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

//! Running a command in the foreground.

use std::{
    ffi::OsString,
    io,
    os::unix::process::ExitStatusExt,
    process::{ExitCode, ExitStatus},
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant, sleep_until},
};

/// How long the command may take to end after a signal: the service takes up to 25 seconds.
const TIME_TO_END: Duration = Duration::from_secs(30);
const FAR_AWAY: Duration = Duration::from_hours(24 * 365);

/// The signals that ask this program to end. They are handled from here on.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    pub(crate) fn watch() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for one of them.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

/// Runs `program` with the standard streams of this process, and returns its exit code.
///
/// Signals that ask this process to end are passed on to the command, which is killed if it takes longer than
/// [`TIME_TO_END`].
pub(crate) async fn run(program: &OsString, arguments: &[OsString]) -> io::Result<ExitCode> {
    let mut signals = Signals::watch()?;
    let mut child = Command::new(program).args(arguments).kill_on_drop(true).spawn()?;
    let mut deadline = Instant::now() + FAR_AWAY;
    loop {
        tokio::select! {
            status = child.wait() => return Ok(exit_code(status?)),
            () = signals.next() => {}
            () = sleep_until(deadline) => {
                child.start_kill()?;
                continue;
            }
        }
        // Ctrl-C in a terminal also reaches the command directly; a second signal does no harm.
        terminate(&child).await?;
        deadline = deadline.min(Instant::now() + TIME_TO_END);
    }
}

/// Sends SIGTERM with the shell's built-in `kill`, because minimal systems have no such program.
async fn terminate(child: &Child) -> io::Result<()> {
    let Some(process) = child.id() else {
        return Ok(());
    };
    let script = r#"kill -s TERM "$0""#;
    Command::new("sh").args(["-c", script, &process.to_string()]).status().await.map(drop)
}

/// The exit code of a command; 128 plus the signal's number if a signal ended it, as in shells.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

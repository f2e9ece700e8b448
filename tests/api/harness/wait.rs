//! Waits with a deadline: whatever does not happen fails the test and says what it was.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Long enough for a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until `holds` returns true, at most [`PATIENCE`].
pub async fn until(what: &str, holds: impl AsyncFnMut() -> bool) {
    until_within(PATIENCE, what, holds).await;
}

/// Waits until `holds` returns true, at most `patience`.
pub async fn until_within(patience: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let met = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    within(patience, what, met).await;
}

/// Waits for a future, at most `patience`, and returns its output.
pub async fn within<T>(patience: Duration, what: &str, future: impl Future<Output = T>) -> T {
    let output = tokio::time::timeout(patience, future).await;
    output.unwrap_or_else(|_| panic!("timed out after {patience:?}: {what}"))
}

/// Runs a command to its end and returns its output; kills it after five minutes.
pub fn output(command: &mut Command) -> Output {
    output_of(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

/// Closes the input of a process and returns its output once it has ended; kills it after
/// five minutes, which an import that hashes may need on a busy machine.
pub fn output_of(child: Child) -> Output {
    let id = child.id().to_string();
    let (sender, receiver) = channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let patience = Duration::from_mins(5);
    let output = receiver.recv_timeout(patience).unwrap_or_else(|_| {
        let _ended = Command::new("sh").args(["-c", r#"kill -s KILL "$0""#, &id]).status();
        panic!("timed out after {patience:?}: process {id} ends")
    });
    output.unwrap()
}

/// The lines that a process writes, read by a thread so that each can be waited for.
pub struct Lines {
    lines: Receiver<String>,
    deadline: Instant,
}

impl Lines {
    /// The lines of `pipe`, all of which are to come within `patience`.
    pub fn of(pipe: impl Read + Send + 'static, patience: Duration) -> Self {
        let (sender, lines) = channel();
        let read = BufReader::new(pipe).lines().map_while(Result::ok);
        std::thread::spawn(move || read.for_each(|line| drop(sender.send(line))));
        Self { lines, deadline: Instant::now() + patience }
    }

    /// The next line, or `None` at the end of the output.
    pub fn next(&self, what: &str) -> Option<String> {
        match self.lines.recv_timeout(self.deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("timed out: {what}"),
        }
    }
}

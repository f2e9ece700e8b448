//! Waiting until a process has stopped, because `kill` returns before SIGSTOP takes effect.

use std::{
    fs, io,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::error::Error;

/// Waits until every thread of `process` has stopped.
pub(crate) fn wait(process: u32, timeout: Duration) -> Result<(), Error> {
    let deadline = Instant::now() + timeout;
    while !has_stopped(process).map_err(|_gone| Error::NotRunning)? {
        if Instant::now() > deadline {
            return Err(Error::NotPaused { seconds: timeout.as_secs() });
        }
        thread::yield_now();
    }
    Ok(())
}

fn has_stopped(process: u32) -> io::Result<bool> {
    if cfg!(target_os = "linux") { all_threads_stopped(process) } else { ps_says_stopped(process) }
}

/// Threads stop one by one, in any order.
fn all_threads_stopped(process: u32) -> io::Result<bool> {
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        // A thread may end while the list is read.
        let Ok(stat) = fs::read_to_string(thread?.path().join("stat")) else { continue };
        // The state follows the command's name, which is in parentheses and may contain parentheses.
        let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.trim_start().chars().next());
        if state != Some('T') {
            return Ok(false);
        }
    }
    Ok(true)
}

fn ps_says_stopped(process: u32) -> io::Result<bool> {
    let output = Command::new("ps").args(["-o", "state=", "-p", &process.to_string()]).output()?;
    Ok(output.stdout.trim_ascii_start().starts_with(b"T"))
}

//! Whether a `mongod` runs on this machine.

use std::{
    ffi::OsStr,
    io,
    path::Path,
    process::{Output, Stdio},
};

use tokio::process::Command;

/// The result of running `mongod --version`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trial {
    Runs,
    LacksLibcurl(String),
    Fails(String),
}

/// Runs `mongod --version`.
pub(crate) async fn try_out(path: &Path) -> Trial {
    match run(path, ["--version"]).await {
        Ok(output) if output.status.success() => Trial::Runs,
        Ok(output) => {
            let message = last_line(&output.stderr).unwrap_or_else(|| output.status.to_string());
            if message.contains("libcurl.so.4") {
                Trial::LacksLibcurl(message)
            } else {
                Trial::Fails(message)
            }
        }
        Err(cause) => Trial::Fails(cause.to_string()),
    }
}

/// Runs a program to its end, without input; it is killed when the future is dropped.
pub(crate) async fn run(
    program: &Path,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> io::Result<Output> {
    Command::new(program).args(arguments).stdin(Stdio::null()).kill_on_drop(true).output().await
}

/// The last line of a program's output that is not blank.
pub(crate) fn last_line(output: &[u8]) -> Option<String> {
    let output = String::from_utf8_lossy(output);
    output.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned)
}

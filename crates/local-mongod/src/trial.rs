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
            let said = last_line(&output.stderr).unwrap_or_else(|| output.status.to_string());
            if said.contains("libcurl.so.4") {
                Trial::LacksLibcurl(said)
            } else {
                Trial::Fails(said)
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

/// The last line of what a program said that is not blank.
pub(crate) fn last_line(said: &[u8]) -> Option<String> {
    let said = String::from_utf8_lossy(said);
    said.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned)
}

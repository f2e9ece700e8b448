//! Writing to the terminal.

use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Writes a result to standard output.
pub(crate) fn answer(line: &str) -> ExitCode {
    match writeln!(io::stdout(), "{line}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Writes a message for the developer to standard error.
pub(crate) fn tell(line: &str) {
    drop(writeln!(io::stderr(), "{line}"));
}

//! The program; `twofold --help` says what it can do.

use std::process::ExitCode;

fn main() -> ExitCode {
    twofold::cli::run()
}

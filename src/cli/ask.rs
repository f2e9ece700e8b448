//! Asking the operator for a confirmation.

use std::io::{self, BufRead, IsTerminal, Write};

use super::exit::Failure;

/// Asks whether to continue, unless that was confirmed on the command line. Without a terminal nobody can
/// answer, so the command fails.
pub(super) fn confirm(question: &str, is_confirmed: bool) -> Result<(), Failure> {
    if is_confirmed {
        return Ok(());
    }
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::NotConfirmed);
    }
    let mut stderr = io::stderr();
    write!(stderr, "{question} Type yes to continue: ").map_err(Failure::other)?;
    stderr.flush().map_err(Failure::other)?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).map_err(Failure::other)?;
    if answer.trim().eq_ignore_ascii_case("yes") { Ok(()) } else { Err(Failure::NotConfirmed) }
}

//! Asking before something is done that cannot be taken back.

use std::io::{self, BufRead, IsTerminal, Write};

use super::exit::Failure;

/// Asks whether to go on, unless that was said beforehand. Without a terminal nobody can answer.
pub(super) fn confirm(question: &str, is_confirmed: bool) -> Result<(), Failure> {
    if is_confirmed {
        return Ok(());
    }
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::NotConfirmed);
    }
    let mut stderr = io::stderr();
    write!(stderr, "{question} Type \"yes\" to go on: ").map_err(Failure::other)?;
    stderr.flush().map_err(Failure::other)?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).map_err(Failure::other)?;
    if answer.trim().eq_ignore_ascii_case("yes") { Ok(()) } else { Err(Failure::NotConfirmed) }
}

//! Asking the operator: for a confirmation, and for a password.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use secrecy::SecretString;

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

/// Reads a new password from standard input. At a terminal it is asked for twice, and not shown.
pub(super) fn new_password() -> Result<SecretString, Failure> {
    let mut stdin = io::stdin();
    if !stdin.is_terminal() {
        let mut text = String::new();
        stdin.read_to_string(&mut text).map_err(Failure::other)?;
        return Ok(first_line(&text));
    }
    let prompt = |text: &str| rpassword::prompt_password(text).map_err(Failure::other);
    let password = prompt("Password: ")?;
    if prompt("Repeat the password: ")? != password {
        return Err(Failure::Arguments("The passwords are not the same."));
    }
    Ok(SecretString::from(password))
}

/// A text without the line break that ends it, and without what follows.
pub(super) fn first_line(text: &str) -> SecretString {
    SecretString::from(text.lines().next().unwrap_or_default())
}

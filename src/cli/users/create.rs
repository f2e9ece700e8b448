//! `twofold users create`.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use secrecy::ExposeSecret;

use super::email;
use crate::cli::ask::{first_line, new_password};
use crate::cli::exit::Failure;
use crate::domain::display_name::DisplayName;
use crate::domain::email::EmailAddress;
use crate::domain::password::{NewPassword, PasswordPolicy};
use crate::flows::operator::Operator;
use crate::flows::register::Registration;

/// The password is no argument: other users of the machine could see it in the process list.
#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// The account's email address
    #[arg(value_parser = email)]
    email: EmailAddress,
    /// The owner's name
    #[arg(long, value_parser = name)]
    name: DisplayName,
    /// File that contains the password in its first line; without this option, standard input does
    #[arg(long, value_name = "PATH")]
    password_file: Option<PathBuf>,
}

fn name(text: &str) -> Result<DisplayName, &'static str> {
    DisplayName::parse(text).map_err(|rule| rule.message)
}

/// Creates an account, and returns its address.
pub(super) async fn run(
    operator: &Operator,
    arguments: Arguments,
    policy: PasswordPolicy,
) -> Result<EmailAddress, Failure> {
    let Arguments { email, name, password_file } = arguments;
    let password = match password_file {
        None => new_password()?,
        Some(path) => {
            let read = fs::read_to_string(path).map(|text| first_line(&text));
            read.map_err(|error| Failure::other(format!("cannot read --password-file: {error}")))?
        }
    };
    let password = NewPassword::parse(password.expose_secret(), policy)
        .map_err(|rule| Failure::Arguments(rule.message))?;
    operator.create(Registration { name, email: email.clone(), password }).await?;
    Ok(email)
}

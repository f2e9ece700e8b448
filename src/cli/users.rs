//! `twofold users`.

mod create;
mod report;
mod reset;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::ask::confirm;
use super::exit::Failure;
use super::output::Output;
use crate::domain::email::EmailAddress;
use crate::domain::event_page::PageSize;
use crate::domain::ids::UserId;
use crate::domain::password::PasswordPolicy;
use crate::flows::operator::{AccountFilter, Operator};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Shows an account: its state, sessions, locks and latest events
    Show(Address),
    /// Lists accounts, one page at a time
    List(Listing),
    /// Creates an account
    Create(create::Arguments),
    /// Marks the email address of an account as verified, without a link
    VerifyEmail(Address),
    /// Removes second factors of an account, and ends every session and trusted device: the authenticator app, and the
    /// passkeys if asked; with the last one also the recovery codes
    ResetOtp(reset::Arguments),
    #[command(flatten)]
    Change(Change),
    /// Prints all stored data about an account's owner as JSON, except secrets
    Export(Address),
}

#[derive(Subcommand)]
pub(super) enum Change {
    /// Clears the lock of an account's codes, its waits for wrong passwords and its limit on changes
    Unlock(Address),
    /// Ends every session of an account
    SignOut(Confirmed),
    /// Disables an account: ends every session and refuses new sign-ins
    Disable(Confirmed),
    /// Enables an account again
    Enable(Address),
    /// Deletes an account permanently
    Delete(Confirmed),
}

#[derive(Args)]
pub(super) struct Address {
    /// The account's email address
    #[arg(value_parser = email)]
    email: EmailAddress,
}

#[derive(Args)]
pub(super) struct Confirmed {
    /// The account's email address
    #[arg(value_parser = email)]
    email: EmailAddress,
    /// Does not ask for confirmation
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
pub(super) struct Listing {
    /// Only accounts with two-factor authentication on, or only those with it off
    #[arg(long, value_name = "ON_OR_OFF")]
    two_factor: Option<Switch>,
    /// Only accounts whose codes are locked
    #[arg(long)]
    locked: bool,
    /// Only accounts whose email address or name contains this text, in upper or lower case
    #[arg(long, value_name = "TEXT", value_parser = search_text)]
    search: Option<String>,
    /// Accounts on a page, 1 to 100
    #[arg(long, value_parser = page_size, default_value = "50")]
    limit: PageSize,
    /// Continues after the account with this id, the last one of the previous page
    #[arg(long, value_name = "ID", value_parser = user_id)]
    after: Option<UserId>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

pub(super) fn email(text: &str) -> Result<EmailAddress, &'static str> {
    EmailAddress::parse(text).map_err(|rule| rule.message)
}

fn page_size(text: &str) -> Result<PageSize, &'static str> {
    PageSize::parse(text).ok_or("it must be a whole number from 1 to 100")
}

fn user_id(text: &str) -> Result<UserId, &'static str> {
    UserId::parse(text).ok_or("it must be an id: 24 hexadecimal digits")
}

fn search_text(text: &str) -> Result<String, &'static str> {
    let is_bounded = (1..=EmailAddress::LONGEST).contains(&text.chars().count());
    if is_bounded { Ok(text.to_owned()) } else { Err("it must have 1 to 254 characters") }
}

/// Runs a command.
pub(super) async fn run(
    operator: &Operator,
    command: Command,
    policy: PasswordPolicy,
    output: &Output,
) -> Result<(), Failure> {
    match command {
        Command::Show(Address { email }) => {
            let report = operator.look_up(&email, PageSize::DEFAULT).await?;
            report::show(&report, output)
        }
        Command::Export(Address { email }) => report::export(&operator.export(&email).await?),
        Command::List(listing) => list(operator, listing, output).await,
        Command::Create(arguments) => {
            let email = create::run(operator, arguments, policy).await?;
            done(&email, "was created", output)
        }
        Command::VerifyEmail(Address { email }) => {
            operator.verify_email(&email).await?;
            done(&email, "was marked as verified", output)
        }
        Command::ResetOtp(arguments) => reset::run(operator, arguments, output).await,
        Command::Change(change) => {
            let (email, what) = change.make(operator).await?;
            done(&email, what, output)
        }
    }
}

impl Change {
    /// Makes the change, once it is confirmed where that is needed. Returns the address and what happened.
    async fn make(self, operator: &Operator) -> Result<(EmailAddress, &'static str), Failure> {
        Ok(match self {
            Self::Unlock(Address { email }) => {
                operator.unlock(&email).await?;
                (email, "was unlocked")
            }
            Self::Enable(Address { email }) => {
                operator.enable(&email).await?;
                (email, "was enabled")
            }
            Self::SignOut(about) => {
                let email = about.ask(operator, "This ends every session of").await?;
                operator.sign_out(&email).await?;
                (email, "was signed out everywhere")
            }
            Self::Disable(about) => {
                let what =
                    "This ends every session of, and refuses new sign-ins to, the account of";
                let email = about.ask(operator, what).await?;
                operator.disable(&email).await?;
                (email, "was disabled")
            }
            Self::Delete(about) => {
                let what = "This permanently deletes the account of";
                let email = about.ask(operator, what).await?;
                operator.delete(&email).await?;
                (email, "was deleted")
            }
        })
    }
}

impl Confirmed {
    /// Asks for confirmation, once the account was found, and returns the address.
    async fn ask(self, operator: &Operator, what: &str) -> Result<EmailAddress, Failure> {
        operator.find(&self.email).await?;
        confirm(&format!("{what} {}.", self.email.as_str()), self.yes)?;
        Ok(self.email)
    }
}

fn done(email: &EmailAddress, what: &str, output: &Output) -> Result<(), Failure> {
    let email = email.as_str();
    output.tell(&[format!("{email} {what}.")], &json!({ "email": email, "done": what }))
}

async fn list(operator: &Operator, listing: Listing, output: &Output) -> Result<(), Failure> {
    let filter = AccountFilter {
        two_factor: listing.two_factor.map(|switch| switch == Switch::On),
        locked: listing.locked,
        search: listing.search,
    };
    let accounts = operator.list(filter, listing.after, listing.limit).await?;
    let is_full = accounts.len() == listing.limit.get();
    let next = accounts.last().filter(|_| is_full).map(|account| account.id.to_string());
    report::list(&accounts, next.as_deref(), output)
}

//! `twofold users`.

mod report;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::ask::confirm;
use super::exit::Failure;
use super::output::Output;
use crate::domain::email::EmailAddress;
use crate::domain::event_page::PageSize;
use crate::domain::ids::UserId;
use crate::flows::operator::{AccountFilter, Operator};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Shows an account: its state, sessions, locks and latest events
    Show(Address),
    /// Lists accounts, a page at a time
    List(Listing),
    /// Takes back the lock of an account's codes and its waits for wrong passwords
    Unlock(Address),
    /// Ends every session of an account
    SignOut(Confirmed),
    /// Removes an account's authenticator app and recovery codes, and ends every session
    ResetOtp(Confirmed),
    /// Disables an account: its sessions stop at once, and its password opens none
    Disable(Confirmed),
    /// Enables an account again
    Enable(Address),
    /// Deletes an account with everything in it
    Delete(Confirmed),
    /// Writes everything that is stored of an account's owner, but for secrets, as JSON
    Export(Address),
}

#[derive(Args)]
pub(super) struct Address {
    /// The account's e-mail address
    #[arg(value_parser = email)]
    email: EmailAddress,
}

#[derive(Args)]
pub(super) struct Confirmed {
    /// The account's e-mail address
    #[arg(value_parser = email)]
    email: EmailAddress,
    /// Does not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
pub(super) struct Listing {
    /// Only those with an authenticator app, or only those without
    #[arg(long, value_name = "ON_OR_OFF")]
    two_factor: Option<Switch>,
    /// Only those whose codes are locked
    #[arg(long)]
    locked: bool,
    /// Accounts a page, 1 to 100
    #[arg(long, value_parser = page_size, default_value = "50")]
    limit: PageSize,
    /// Goes on after the account with this id, the last of the page before
    #[arg(long, value_name = "ID", value_parser = user_id)]
    after: Option<UserId>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

fn email(text: &str) -> Result<EmailAddress, &'static str> {
    EmailAddress::parse(text).map_err(|rule| rule.message)
}

fn page_size(text: &str) -> Result<PageSize, &'static str> {
    PageSize::parse(text).ok_or("it must be a whole number from 1 to 100")
}

fn user_id(text: &str) -> Result<UserId, &'static str> {
    UserId::parse(text).ok_or("it must be an id: 24 hexadecimal digits")
}

/// Does what the operator asks for.
pub(super) async fn run(
    operator: &Operator,
    command: Command,
    output: &Output,
) -> Result<(), Failure> {
    match command {
        Command::Show(Address { email }) => {
            let report = operator.look_up(&email, PageSize::DEFAULT).await?;
            report::show(&report, output)
        }
        Command::Export(Address { email }) => report::export(&operator.export(&email).await?),
        Command::List(listing) => list(operator, listing, output).await,
        Command::Unlock(Address { email }) => {
            operator.unlock(&email).await?;
            done(&email, "was unlocked", output)
        }
        Command::Enable(Address { email }) => {
            operator.enable(&email).await?;
            done(&email, "was enabled", output)
        }
        Command::SignOut(Confirmed { email, yes }) => {
            confirm(&format!("Every session of {} ends.", email.as_str()), yes)?;
            operator.sign_out(&email).await?;
            done(&email, "was signed out everywhere", output)
        }
        Command::ResetOtp(Confirmed { email, yes }) => {
            let what = "loses its authenticator app, its recovery codes and every session.";
            confirm(&format!("{} {what}", email.as_str()), yes)?;
            operator.reset_authenticator(&email).await?;
            done(&email, "has no authenticator app any more", output)
        }
        Command::Disable(Confirmed { email, yes }) => {
            confirm(&format!("{} cannot sign in any more.", email.as_str()), yes)?;
            operator.disable(&email).await?;
            done(&email, "was disabled", output)
        }
        Command::Delete(Confirmed { email, yes }) => {
            confirm(&format!("{} is deleted, for good.", email.as_str()), yes)?;
            operator.delete(&email).await?;
            done(&email, "was deleted", output)
        }
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
    };
    let accounts = operator.list(filter, listing.after, listing.limit).await?;
    let is_full = accounts.len() == listing.limit.get();
    let next = accounts.last().filter(|_| is_full).map(|account| account.id.to_string());
    report::list(&accounts, next.as_deref(), output)
}

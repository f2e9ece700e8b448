//! `twofold mail`.

use clap::Subcommand;
use serde_json::json;

use super::exit::Failure;
use super::output::{Output, spoken_moment};
use crate::app;
use crate::config::Config;
use crate::domain::clock::Clock;
use crate::domain::email::EmailAddress;
use crate::flows::operator::Operator;
use crate::mail::{Content, Mailer, Message};
use crate::telemetry;
use crate::views::rfc3339;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Sends a test message and reports what the mail server says
    Test {
        /// The recipient's email address
        #[arg(long, value_name = "ADDRESS", value_parser = super::users::email)]
        to: EmailAddress,
    },
}

/// Runs a command.
pub(super) fn run(config: &Config, command: Command, output: &Output) -> Result<(), Failure> {
    let Command::Test { to } = command;
    let mailer = app::mailer(config, Clock::system()).map_err(Failure::other)?;
    let mailer =
        mailer.ok_or_else(|| Failure::other("Mail is off. Set SMTP_URL and MAIL_FROM."))?;
    telemetry::start(config.mode, "warn").map_err(Failure::other)?;
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::other)?;
    runtime.block_on(test(&mailer, to, output))
}

/// Shows what waits in the outbox.
pub(super) async fn outbox(operator: &Operator, output: &Output) -> Result<(), Failure> {
    let count = operator.outbox().await?;
    let oldest = count.oldest.map(spoken_moment);
    let oldest = oldest.map_or_else(String::new, |at| format!(", the oldest since {at}"));
    let line = format!("{} mails wait{oldest}.", count.waiting);
    let json = json!({ "waiting": count.waiting, "oldest": count.oldest.map(rfc3339) });
    output.tell(&[line], &json)
}

async fn test(mailer: &Mailer, to: EmailAddress, output: &Output) -> Result<(), Failure> {
    let destination = mailer.destination();
    let message = Message { to, name: None, content: Content::Test };
    let sent = mailer.send(&message).await;
    sent.map_err(|error| {
        Failure::Other(format!("The test message was not sent to {destination}: {error}."))
    })?;
    let to = message.to.as_str();
    let line = format!("A test message for {to} was handed over to {destination}.");
    output.tell(&[line], &json!({ "to": to, "destination": destination }))
}

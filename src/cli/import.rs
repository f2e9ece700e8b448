//! `twofold import`.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::exit::Failure;
use super::foreign_text::{bounded, escaped};
use super::output::{Output, json_line};
use crate::flows::error::AuthError;
use crate::flows::operator::Operator;
use crate::flows::operator::import::{ImportResult, Outcome};

#[derive(Args)]
pub(super) struct Arguments {
    #[arg(
        long,
        value_name = "URL",
        conflicts_with = "from_file",
        help = "Connection string of the tutorial's MongoDB. Other users of this machine can see it in the process \
                list: if it contains a password, use --from-file, IMPORT_URL or IMPORT_URL_FILE"
    )]
    from: Option<String>,
    /// File that contains the connection string
    #[arg(long, value_name = "PATH")]
    from_file: Option<PathBuf>,
    /// Name of the tutorial's database
    #[arg(long, value_name = "NAME")]
    db: String,
    /// Reports what would be imported, and changes nothing
    #[arg(long)]
    dry_run: bool,
}

impl Arguments {
    /// The connection string: the argument, the file's content, or else the setting.
    fn source(&self, setting: Option<&SecretString>) -> Result<SecretString, Failure> {
        if let Some(path) = &self.from_file {
            let read = fs::read_to_string(path).map(|url| SecretString::from(url.trim()));
            return read
                .map_err(|error| Failure::other(format!("cannot read --from-file: {error}")));
        }
        let argument = self.from.as_deref().map(SecretString::from);
        argument.or_else(|| setting.cloned()).ok_or(Failure::Arguments(
            "The source is missing. Pass --from-file, or set IMPORT_URL or IMPORT_URL_FILE.",
        ))
    }
}

/// How many users were imported or not.
#[derive(Default)]
struct Counts {
    imported: u64,
    already_here: u64,
    skipped: u64,
}

/// Imports the users of the tutorial's MongoDB, and reports each that was not imported.
pub(super) async fn run(
    operator: &Operator,
    arguments: &Arguments,
    setting: Option<&SecretString>,
    output: &Output,
) -> Result<(), Failure> {
    let url = arguments.source(setting)?;
    let source = operator.tutorial(url.expose_secret(), &arguments.db).await.map_err(unreadable)?;
    let users = source.count().await.map_err(|error| unreadable(error.into()))?;
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} users, {per_sec}, {eta} left");
    let bar = ProgressBar::new(users).with_style(style.map_err(Failure::other)?);
    let mut counts = Counts::default();
    let mut closed = Ok(());
    let imported = operator.import(&source, arguments.dry_run, |outcome| {
        bar.inc(1);
        if let Some(line) = counts.count(&outcome, output) {
            let told = bar.suspend(|| writeln!(io::stdout(), "{line}"));
            closed = std::mem::replace(&mut closed, Ok(())).and(told);
        }
    });
    let imported = imported.await;
    bar.finish_and_clear();
    closed.map_err(Failure::other)?;
    counts.report(arguments.dry_run, output)?;
    imported.map_err(interrupted)?;
    if counts.skipped > 0 {
        return Err(Failure::InPart("Some users were not imported; see the output.".to_owned()));
    }
    Ok(())
}

fn unreadable(error: AuthError) -> Failure {
    match error {
        AuthError::Unavailable => Failure::Unreachable(
            "cannot reach the source MongoDB; check that it runs and that its connection string names it"
                .to_owned(),
        ),
        other => {
            Failure::other(format!("The source cannot be used: {}", escaped(&other.to_string())))
        }
    }
}

/// An import reads one database and writes to another, and an error does not say which of them is away.
fn interrupted(error: AuthError) -> Failure {
    match error {
        AuthError::Unavailable => Failure::Unreachable(
            "The service's database or the source does not respond. Check both, then run the import again."
                .to_owned(),
        ),
        other => other.into(),
    }
}

impl Counts {
    /// Counts a user, and returns the line to print about them, if any.
    fn count(&mut self, outcome: &Outcome, output: &Output) -> Option<String> {
        let (what, why) = match &outcome.result {
            ImportResult::AlreadyHere => {
                self.already_here += 1;
                return None;
            }
            ImportResult::Imported(note) => {
                self.imported += 1;
                ("imported", (*note)?.to_owned())
            }
            ImportResult::Skipped(why) => {
                self.skipped += 1;
                ("skipped", why.clone())
            }
        };
        let Outcome { id, email, .. } = outcome;
        Some(if output.is_json() {
            json_line(
                &json!({ what: { "id": bounded(id), "email": bounded(email), "reason": why } }),
            )
        } else {
            format!("{what} {} {}: {why}", escaped(id), escaped(email))
        })
    }

    fn report(&self, is_dry_run: bool, output: &Output) -> Result<(), Failure> {
        let Self { imported, already_here, skipped } = self;
        let verb = if is_dry_run { "would be imported" } else { "imported" };
        let line = format!("{imported} {verb}, {already_here} already exist, {skipped} skipped.");
        let json = json!({
            "imported": imported, "already_here": already_here, "skipped": skipped, "dry_run": is_dry_run,
        });
        output.tell(&[line], &json)
    }
}

//! `twofold import`.

use std::io::{self, Write};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::exit::Failure;
use super::output::Output;
use crate::flows::error::AuthError;
use crate::flows::operator::Operator;
use crate::flows::operator::import::{Fate, Outcome};

#[derive(Args)]
pub(super) struct Arguments {
    /// Connection string of the tutorial's MongoDB; it is read and never written
    #[arg(long, value_name = "URL")]
    from: String,
    /// Name of its database
    #[arg(long, value_name = "NAME")]
    db: String,
    /// Says what would be done, and does nothing
    #[arg(long)]
    dry_run: bool,
}

/// What became of how many.
#[derive(Default)]
struct Counts {
    imported: u64,
    already_here: u64,
    skipped: u64,
}

/// Takes over the users of the tutorial's MongoDB, and tells of each that was not.
pub(super) async fn run(
    operator: &Operator,
    arguments: &Arguments,
    output: &Output,
) -> Result<(), Failure> {
    let source = operator.tutorial(&arguments.from, &arguments.db).await.map_err(unreadable)?;
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
    counts.tell(arguments.dry_run, output)?;
    imported?;
    if counts.skipped > 0 {
        return Err(Failure::InPart("Some users were left out, as was said above.".to_owned()));
    }
    Ok(())
}

fn unreadable(error: AuthError) -> Failure {
    match error {
        AuthError::Unavailable => Failure::DatabaseAway,
        other => Failure::other(format!("--from cannot be used: {other}")),
    }
}

impl Counts {
    /// Counts a user, and returns the line to be said of them, if one is.
    fn count(&mut self, outcome: &Outcome, output: &Output) -> Option<String> {
        let (what, why) = match &outcome.fate {
            Fate::AlreadyHere => {
                self.already_here += 1;
                return None;
            }
            Fate::Imported(note) => {
                self.imported += 1;
                ("imported", (*note)?.to_owned())
            }
            Fate::Skipped(why) => {
                self.skipped += 1;
                ("skipped", why.clone())
            }
        };
        let Outcome { id, email, .. } = outcome;
        Some(if output.is_json() {
            json!({ what: { "id": id, "email": email, "reason": why } }).to_string()
        } else {
            let email: String = email.chars().filter(|letter| !letter.is_control()).collect();
            format!("{what} {id} {email}: {why}")
        })
    }

    fn tell(&self, is_dry_run: bool, output: &Output) -> Result<(), Failure> {
        let Self { imported, already_here, skipped } = self;
        let verb = if is_dry_run { "would be imported" } else { "imported" };
        let line = format!("{imported} {verb}, {already_here} here already, {skipped} skipped.");
        let json = json!({
            "imported": imported, "already_here": already_here, "skipped": skipped, "dry_run": is_dry_run,
        });
        output.tell(&[line], &json)
    }
}

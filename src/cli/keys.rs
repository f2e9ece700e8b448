//! `twofold keys`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Subcommand;
use data_encoding::{BASE64, HEXLOWER};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::exit::Failure;
use super::output::Output;
use crate::domain::clock::Clock;
use crate::flows::operator::Operator;
use crate::flows::operator::keys::{Progress, Reason, Rotation};
use crate::flows::tokens::rotation;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Prints a new sealing key, to put in front of the others; or a new signing key
    New {
        #[arg(long, help = "Prints a key for SIGNING_KEYS, to put second")]
        signing: bool,
    },
    #[command(
        about = "Checks a step of a rotation of SIGNING_KEYS before it is taken",
        long_about = "Checks a step of a rotation of SIGNING_KEYS before it is taken: compares the settings with the keys that \
        the running service publishes at /.well-known/jwks.json. Run it with the settings that the service will have next."
    )]
    Check {
        /// The published keys, as the running service returns them
        #[arg(long, value_name = "FILE", default_value = "/dev/stdin")]
        published: PathBuf,
    },
    /// Seals every secret under the newest key while the service runs
    #[command(
        long_about = "Seals every secret under the newest key of SEALING_KEYS while the service runs. First add the new \
        key, in front of the old ones, on every instance of the service. You can interrupt and repeat this command."
    )]
    Rotate,
}

/// Prints a new key.
pub(super) fn new(is_signing: bool, output: &Output) -> Result<(), Failure> {
    let day = Clock::system().now().format("%Y-%m-%d");
    // Two keys made on one day need different ids.
    let id = format!("{day}-{}", HEXLOWER.encode(&rand::random::<[u8; 3]>()));
    let key = if is_signing {
        let key = rotation::new_signing_key();
        BASE64.encode(&key.ok_or_else(|| Failure::other("the system has no random numbers"))?)
    } else {
        BASE64.encode(&rand::random::<[u8; 32]>())
    };
    output.tell(&[format!("{id}:{key}")], &json!({ "id": id, "key": key }))
}

/// A progress bar, and whether Ctrl-C was pressed.
struct Bar {
    bar: ProgressBar,
    interrupted: Arc<AtomicBool>,
}

impl Progress for Bar {
    fn begin(&mut self, accounts: u64) {
        self.bar.set_length(accounts);
    }

    fn advance(&mut self, accounts: u64) {
        // Later rounds look at the same accounts again.
        let left = self.bar.length().unwrap_or_default().saturating_sub(self.bar.position());
        self.bar.inc(accounts.min(left));
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

/// Seals everything under the newest key.
pub(super) async fn rotate(operator: &Operator, output: &Output) -> Result<(), Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    let listener = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            flag.store(true, Ordering::Relaxed);
        }
    });
    // It is drawn only if standard error is a terminal.
    let bar = ProgressBar::new(0).with_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} accounts, {per_sec}, {eta} left")
            .map_err(Failure::other)?,
    );
    let mut progress = Bar { bar: bar.clone(), interrupted };
    let rotated = operator.rotate_keys(&mut progress).await;
    bar.finish_and_clear();
    listener.abort();
    tell(&rotated?, output)
}

fn tell(rotation: &Rotation, output: &Output) -> Result<(), Failure> {
    let mut lines =
        vec![format!("{} secrets were sealed under the newest key.", rotation.resealed)];
    lines.extend(rotation.left.iter().map(left));
    for key in &rotation.unused {
        lines.push(format!("No secret needs the key \"{key}\" any more."));
    }
    if let Some(oldest) = rotation.unused.last() {
        lines.push(format!(
            "If \"{oldest}\" is the last key in SEALING_KEYS, removing it resets the counters of wrong passwords and the known networks once."
        ));
    }
    let mut by_key = BTreeMap::<&str, u64>::new();
    for ((key, _), count) in &rotation.left {
        *by_key.entry(key).or_default() += count;
    }
    let json = json!({
        "resealed": rotation.resealed,
        "left": by_key,
        "unused": rotation.unused,
        "interrupted": rotation.interrupted,
    });
    output.tell(&lines, &json)?;
    match shortfall(rotation) {
        None => Ok(()),
        Some(why) => Err(Failure::InPart(why.to_owned())),
    }
}

/// How many secrets of a key are left, and why.
fn left(((key, reason), count): (&(String, Reason), &u64)) -> String {
    match reason {
        Reason::Damaged => format!("{count} secrets are damaged."),
        Reason::KeyMissing => format!(
            "{count} secrets need the key \"{key}\", which is not in SEALING_KEYS. Add it and run the command again."
        ),
        Reason::NotOpened => format!(
            "{count} secrets cannot be opened with the key \"{key}\": they are damaged, or SEALING_KEYS has another \
             key under this id."
        ),
        Reason::Changed => format!("{count} secrets are still sealed under the key \"{key}\"."),
    }
}

/// Why the rotation is not complete, and what to do.
fn shortfall(rotation: &Rotation) -> Option<&'static str> {
    if rotation.interrupted {
        return Some("Interrupted. Run the command again to continue.");
    }
    if rotation.left.keys().any(|(_, reason)| *reason == Reason::Changed) {
        return Some(
            "Some secrets changed while the command ran, and are still sealed under an older key. Put the newest key \
             first in SEALING_KEYS on every instance of the service, and run the command again. Keep every key that \
             is listed above.",
        );
    }
    let is_complete = rotation.left.is_empty();
    (!is_complete).then_some(
        "Some secrets could not be sealed under the newest key. Keep every key that is listed above.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_about_a_secret_depends_on_why_it_is_left() {
        let mut rotation = Rotation::default();
        assert_eq!(shortfall(&rotation), None);
        rotation.left.insert(("old".to_owned(), Reason::NotOpened), 1);
        assert!(!shortfall(&rotation).unwrap().contains("run the command again"));
        rotation.left.insert(("old".to_owned(), Reason::Changed), 2);
        assert!(shortfall(&rotation).unwrap().contains("run the command again"));
        let lines: Vec<String> = rotation.left.iter().map(left).collect();
        assert!(lines[0].starts_with("1 secrets cannot be opened with the key \"old\""));
        assert_eq!(lines[1], "2 secrets are still sealed under the key \"old\".");
        rotation.interrupted = true;
        assert!(shortfall(&rotation).unwrap().starts_with("Interrupted."));
    }
}

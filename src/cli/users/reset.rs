//! `twofold users reset-otp`.

use clap::Args;
use serde_json::json;

use super::email;
use crate::cli::ask::confirm;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::domain::email::EmailAddress;
use crate::domain::passkey::name::PasskeyName;
use crate::flows::operator::{FactorReset, Operator, RemovedFactors};

#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// The account's email address
    #[arg(value_parser = email)]
    email: EmailAddress,
    /// Removes the passkeys too
    #[arg(long)]
    passkeys: bool,
    /// Does not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// Removes second factors once that is confirmed, and prints which ones.
pub(super) async fn run(
    operator: &Operator,
    arguments: Arguments,
    output: &Output,
) -> Result<(), Failure> {
    let Arguments { email, passkeys, yes } = arguments;
    let reset = if passkeys { FactorReset::All } else { FactorReset::Authenticator };
    let account = operator.find(&email).await?;
    let what = joined(&named(&RemovedFactors::of(&account, reset)?, reset, true));
    confirm(&format!("This removes {what}, and ends every session, of {}.", email.as_str()), yes)?;
    let removed = operator.reset_factors(&email, reset).await?;
    let mut lines = vec![format!("{} no longer has an authenticator app.", email.as_str())];
    let found = named(&removed, reset, false);
    if !found.is_empty() {
        lines.push(format!("Removed: {}.", joined(&found)));
    }
    let names: Vec<&str> = removed.passkeys.iter().map(PasskeyName::as_str).collect();
    let json = json!({
        "email": email.as_str(),
        "done": "no longer has an authenticator app",
        "removed": {
            "authenticator_app": removed.authenticator,
            "recovery_codes": removed.recovery_codes,
            "passkeys": names,
            "trusted_devices": removed.devices,
        },
    });
    output.tell(&lines, &json)
}

/// What is removed: all that is asked for, or what was found.
fn named(removed: &RemovedFactors, reset: FactorReset, asked: bool) -> Vec<String> {
    let mut parts = Vec::new();
    if asked || removed.authenticator {
        parts.push("the authenticator app".to_owned());
    }
    if asked && reset == FactorReset::All {
        parts.push("the passkeys".to_owned());
    } else {
        let name = |name: &PasskeyName| format!("the passkey \"{}\"", name.as_str());
        parts.extend(removed.passkeys.iter().map(name));
    }
    if removed.devices > 0 {
        parts.push("the trusted devices".to_owned());
    }
    if removed.recovery_codes {
        parts.push("the recovery codes".to_owned());
    }
    parts
}

/// `a`, `a and b`, `a, b and c`.
fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

//! `twofold keys check`.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::json;

use super::exit::Failure;
use super::output::Output;
use crate::app;
use crate::config::Config;
use crate::domain::wait;
use crate::flows::tokens::rotation::{self, Gap, RotationStep};

/// The keys that a service publishes.
#[derive(Deserialize)]
struct Published {
    keys: Vec<PublishedKey>,
}

/// One of them.
#[derive(Deserialize)]
struct PublishedKey {
    kid: String,
}

/// Compares the settings with what the running service publishes.
pub(super) fn check(config: &Config, file: &Path, output: &Output) -> Result<(), Failure> {
    let unreadable = |cause: &dyn std::fmt::Display| {
        let file = file.display();
        Failure::other(format!("cannot read published keys from {file}: {cause}"))
    };
    let text = fs::read(file).map_err(|cause| unreadable(&cause))?;
    let published: Published = serde_json::from_slice(&text).map_err(|cause| unreadable(&cause))?;
    let kids: Vec<String> = published.keys.into_iter().map(|key| key.kid).collect();
    let keys = app::signing_keys(config).map_err(Failure::other)?;
    let step = rotation::check(&keys, &kids);
    if !step.gaps.is_empty() {
        return Err(Failure::other(step.gaps.iter().map(complaint).collect::<Vec<_>>().join("\n")));
    }
    let keys = step.keys.iter().map(|(id, kid)| json!({ "id": id, "kid": kid }));
    let json = json!({
        "keys": keys.collect::<Vec<_>>(),
        "removed": step.removed,
        "changes_signer": step.changes_signer,
    });
    output.tell(&lines(&step, config), &json)
}

/// The keys, and what to wait for before and after the step.
fn lines(step: &RotationStep, config: &Config) -> Vec<String> {
    let mut lines: Vec<String> = step.keys.iter().enumerate().map(described).collect();
    lines.push("This step leaves no gap, if the earlier ones were taken in time:".to_owned());
    if step.changes_signer {
        lines.push("A key signs from now on that did not before. Take this step 5 minutes after every instance publishes it.".to_owned());
    }
    if !step.removed.is_empty() {
        let lifetime = wait::in_words(config.tokens.lifetime);
        lines.push(format!(
            "{} published keys go. Take this step {lifetime} after the last instance stopped signing with them.",
            step.removed.len()
        ));
    }
    if !step.changes_signer && step.removed.is_empty() {
        lines.push("Take it at any time.".to_owned());
    }
    lines
}

fn described((place, (id, kid)): (usize, &(String, String))) -> String {
    let role = if place == 0 { "signs" } else { "is published" };
    format!("The key \"{id}\" {role}: {kid}")
}

fn complaint(gap: &Gap) -> String {
    match gap {
        Gap::NotPublished { id } => format!(
            "The key \"{id}\" would sign, but the service does not publish it yet. Put it second, restart every instance, \
             wait 5 minutes, then put it first."
        ),
        Gap::StillSigning { kid } => format!(
            "The service signs with the key {kid}, which the settings lack. Put another key first and keep this one, restart \
             every instance, wait for JWT_LIFETIME, then remove it."
        ),
    }
}

//! Printing accounts.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::cli::exit::Failure;
use crate::cli::output::{Output, printable_json, spoken_moment, spoken_wait, table};
use crate::domain::account::Account;
use crate::domain::authenticator::Authenticator;
use crate::domain::event::{Cause, RecordedEvent};
use crate::domain::passkey::Passkey;
use crate::flows::operator::{AccountReport, Locks};
use crate::flows::sessions::SessionView;
use crate::views::{EventJson, PasskeyJson, SessionJson, UserJson, rfc3339};

/// An account's state, sessions, locks and latest events.
pub(in crate::cli) fn show(report: &AccountReport, output: &Output) -> Result<(), Failure> {
    let AccountReport { account, sessions, locks, events, .. } = report;
    let mut lines = vec![
        format!("{} ({})", account.email.as_str(), account.name.as_str()),
        format!("  id            {}", account.id),
        format!("  created       {}", spoken_moment(account.created_at)),
        format!("  state         {}", state(account)),
        format!("  email         {}", verified(account)),
        format!("  two-factor    {}", two_factor(account)?),
        format!("  factors       {}", factors(account)),
    ];
    lines.extend(indented(table(
        PASSKEY_COLUMNS,
        &account.passkeys.iter().map(passkey_row).collect::<Vec<_>>(),
    )));
    lines.push(format!("  locks         {}", spoken_locks(locks)));
    lines.push(format!("  sessions      {}", sessions.len()));
    lines.extend(indented(table(
        SESSION_COLUMNS,
        &sessions.iter().map(session_row).collect::<Vec<_>>(),
    )));
    lines.push(format!("  latest events {}", events.len()));
    lines.extend(indented(table(EVENT_COLUMNS, &events.iter().map(event_row).collect::<Vec<_>>())));
    output.tell(&lines, &as_json(report)?)
}

/// Everything about an account except secrets, as JSON that a person can read too.
pub(in crate::cli) fn export(report: &AccountReport) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(&as_json(report)?).map_err(Failure::other)?;
    writeln!(io::stdout(), "{}", printable_json(&text)).map_err(Failure::other)
}

/// A page of accounts, and where the next page begins.
pub(in crate::cli) fn list(
    accounts: &[Account],
    next: Option<&str>,
    output: &Output,
) -> Result<(), Failure> {
    let row = |account: &Account| {
        let email = account.email.as_str().to_owned();
        Ok([account.id.to_string(), email, two_factor(account)?, state(account)])
    };
    let rows = accounts.iter().map(row).collect::<Result<Vec<_>, Failure>>()?;
    let mut lines = table(["ID", "EMAIL", "TWO-FACTOR", "STATE"], &rows);
    if lines.is_empty() {
        lines.push("No accounts found.".to_owned());
    }
    lines.extend(next.map(|id| format!("Next page: --after {id}")));
    let accounts: Vec<Value> = accounts.iter().map(account_json).collect();
    output.tell(&lines, &json!({ "users": accounts, "next": next }))
}

fn as_json(report: &AccountReport) -> Result<Value, Failure> {
    let AccountReport { account, sessions, networks, locks, events } = report;
    Ok(json!({
        "user": account_json(account),
        "locks": {
            "wrong_codes": locks.wrong_codes,
            "codes_locked": locks.codes.is_some(),
            "codes_locked_seconds": locks.codes.map(|wait| wait.num_seconds()),
            "wrong_codes_at_links": locks.wrong_link_codes,
            "codes_at_links_locked": locks.link_codes.is_some(),
            "codes_at_links_locked_seconds": locks.link_codes.map(|wait| wait.num_seconds()),
            "password_wait_seconds": locks.passwords.map(|wait| wait.num_seconds()),
            "unknown_networks_share_one_check_a_minute": locks.strangers_wait,
        },
        "passkeys": account.passkeys.iter().map(PasskeyJson::of).collect::<Vec<_>>(),
        "recovery_codes_left": recovery_codes_left(account)?,
        "known_networks": networks,
        "sessions": sessions.iter().cloned().map(SessionJson::of).collect::<Vec<_>>(),
        "events": events.iter().cloned().map(EventJson::of).collect::<Vec<_>>(),
    }))
}

fn account_json(account: &Account) -> Value {
    let mut json = json!(UserJson::of(account));
    if let Some(object) = json.as_object_mut() {
        object.insert("disabled_at".to_owned(), json!(account.disabled_at.map(rfc3339)));
    }
    json
}

fn verified(account: &Account) -> &'static str {
    if account.is_email_verified { "verified" } else { "not verified" }
}

fn state(account: &Account) -> String {
    match account.disabled_at {
        None => "active".to_owned(),
        Some(at) => format!("disabled since {}", spoken_moment(at)),
    }
}

fn recovery_codes_left(account: &Account) -> Result<usize, Failure> {
    Ok(account.recovery_codes().map_err(Failure::other)?.len())
}

fn two_factor(account: &Account) -> Result<String, Failure> {
    let codes = recovery_codes_left(account)?;
    Ok(match account.authenticator {
        Authenticator::None if account.passkeys.is_empty() => "off".to_owned(),
        Authenticator::Unconfirmed(_) => {
            format!("on, not confirmed, {codes} recovery codes left")
        }
        Authenticator::None | Authenticator::Confirmed(_) => {
            format!("on, {codes} recovery codes left")
        }
    })
}

/// The second factors.
fn factors(account: &Account) -> String {
    let app = account.authenticator.is_enabled().then(|| "authenticator app".to_owned());
    let passkeys = match account.passkeys.len() {
        0 => None,
        1 => Some("1 passkey".to_owned()),
        count => Some(format!("{count} passkeys")),
    };
    let all: Vec<String> = app.into_iter().chain(passkeys).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

fn spoken_locks(locks: &Locks) -> String {
    let mut found = Vec::new();
    if let Some(wait) = locks.codes {
        found.push(format!("codes are locked {}", spoken_wait(wait)));
    } else if locks.wrong_codes > 0 {
        found.push(format!("{} wrong codes in a row", locks.wrong_codes));
    }
    if let Some(wait) = locks.link_codes {
        found.push(format!("codes at links in mail are locked {}", spoken_wait(wait)));
    } else if locks.wrong_link_codes > 0 {
        found.push(format!("{} wrong codes at links in mail in a row", locks.wrong_link_codes));
    }
    if let Some(wait) = locks.passwords {
        found.push(format!("passwords from a network are refused {}", spoken_wait(wait)));
    }
    if locks.strangers_wait {
        found.push("unknown networks share one password check a minute".to_owned());
    }
    if found.is_empty() { "none".to_owned() } else { found.join("; ") }
}

const PASSKEY_COLUMNS: [&str; 5] = ["NAME", "ADDED", "LAST USED", "SYNCED", "SIGNS IN"];
const SESSION_COLUMNS: [&str; 5] = ["KIND", "AAL", "IP", "LAST SEEN", "USER AGENT"];
const EVENT_COLUMNS: [&str; 4] = ["TIME", "KIND", "IP", "USER AGENT"];

fn indented(lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| format!("    {line}"))
}

fn passkey_row(passkey: &Passkey) -> [String; 5] {
    let answer = |is_so: bool| if is_so { "yes" } else { "no" }.to_owned();
    [
        passkey.name.as_str().to_owned(),
        spoken_moment(passkey.created_at),
        passkey.last_used_at.map_or_else(|| "never".to_owned(), spoken_moment),
        answer(passkey.backed_up),
        answer(passkey.signs_in()),
    ]
}

fn session_row(view: &SessionView) -> [String; 5] {
    let session = &view.session;
    [
        session.kind.as_str().to_owned(),
        session.aal().as_str().to_owned(),
        session.ip.clone(),
        spoken_moment(session.last_seen_at),
        session.user_agent.clone(),
    ]
}

fn event_row(event: &RecordedEvent) -> [String; 4] {
    let (ip, user_agent) = match &event.cause {
        Cause::Operator | Cause::Service => ("operator".to_owned(), String::new()),
        Cause::Client { ip, user_agent } => (ip.clone(), user_agent.clone()),
    };
    [spoken_moment(event.at), event.kind.clone(), ip, user_agent]
}

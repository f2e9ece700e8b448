//! What is told of accounts.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::cli::exit::Failure;
use crate::cli::output::{Output, spoken_moment, spoken_wait};
use crate::domain::account::Account;
use crate::domain::authenticator::Authenticator;
use crate::domain::event::{Cause, RecordedEvent};
use crate::flows::operator::{AccountReport, Locks};
use crate::flows::sessions::SessionView;
use crate::views::{EventJson, SessionJson, UserJson, rfc3339};

/// An account's state, sessions, locks and latest events.
pub(in crate::cli) fn show(report: &AccountReport, output: &Output) -> Result<(), Failure> {
    let AccountReport { account, sessions, locks, events, .. } = report;
    let mut lines = vec![
        format!("{} ({})", account.email.as_str(), account.name.as_str()),
        format!("  id            {}", account.id),
        format!("  registered    {}", spoken_moment(account.created_at)),
        format!("  state         {}", state(account)),
        format!("  two-factor    {}", two_factor(account)?),
        format!("  locks         {}", spoken_locks(locks)),
        format!("  sessions      {}", sessions.len()),
    ];
    lines.extend(sessions.iter().map(session_line));
    lines.push(format!("  latest events {}", events.len()));
    lines.extend(events.iter().map(event_line));
    output.tell(&lines, &as_json(report)?)
}

/// Everything of an account but secrets, laid out to be read by a person too.
pub(in crate::cli) fn export(report: &AccountReport) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(&as_json(report)?).map_err(Failure::other)?;
    writeln!(io::stdout(), "{text}").map_err(Failure::other)
}

/// A page of accounts, and where the next begins.
pub(in crate::cli) fn list(
    accounts: &[Account],
    next: Option<&str>,
    output: &Output,
) -> Result<(), Failure> {
    let line = |account: &Account| {
        let (state, two_factor) = (state(account), two_factor(account)?);
        Ok(format!("{}  {}  {state}, two-factor {two_factor}", account.id, account.email.as_str()))
    };
    let mut lines = accounts.iter().map(line).collect::<Result<Vec<_>, Failure>>()?;
    if lines.is_empty() {
        lines.push("There are none.".to_owned());
    }
    lines.extend(next.map(|id| format!("There may be more: --after {id}")));
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
            "password_wait_seconds": locks.passwords.map(|wait| wait.num_seconds()),
            "unknown_networks_share_one_check_a_minute": locks.strangers_wait,
        },
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
        Authenticator::None => "off".to_owned(),
        Authenticator::Unconfirmed(_) => {
            format!("on, not confirmed, {codes} recovery codes left")
        }
        Authenticator::Confirmed(_) => format!("on, {codes} recovery codes left"),
    })
}

fn spoken_locks(locks: &Locks) -> String {
    let mut found = Vec::new();
    if let Some(wait) = locks.codes {
        found.push(format!("codes are locked {}", spoken_wait(wait)));
    } else if locks.wrong_codes > 0 {
        found.push(format!("{} wrong codes in a row", locks.wrong_codes));
    }
    if let Some(wait) = locks.passwords {
        found.push(format!("a network waits {} for wrong passwords", spoken_wait(wait)));
    }
    if locks.strangers_wait {
        found.push("unknown networks share one password a minute".to_owned());
    }
    if found.is_empty() { "none".to_owned() } else { found.join("; ") }
}

fn session_line(view: &SessionView) -> String {
    let session = &view.session;
    format!(
        "    {} {}  {}  seen {}  {}",
        session.kind.as_str(),
        session.aal().as_str(),
        session.ip,
        spoken_moment(session.last_seen_at),
        session.user_agent,
    )
}

fn event_line(event: &RecordedEvent) -> String {
    let whence = match &event.cause {
        Cause::Operator => "the operator".to_owned(),
        Cause::Client { ip, user_agent } => format!("{ip}  {user_agent}"),
    };
    format!("    {}  {}  {whence}", spoken_moment(event.at), event.kind)
}

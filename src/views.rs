//! What is shown of an account, of a session and of an event, as JSON: by the HTTP interface and by the
//! command line.

use chrono::SecondsFormat;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::event::{Cause, RecordedEvent};
use crate::flows::sessions::SessionView;

/// A user. The secret has its fields, as the tutorial's clients expect, and never a value: it leaves
/// the server only while it is being enrolled.
#[derive(Serialize, ToSchema)]
pub struct UserJson {
    id: String,
    name: String,
    email: String,
    otp_enabled: bool,
    otp_verified: bool,
    otp_base32: Option<&'static str>,
    otp_auth_url: Option<&'static str>,
    created_at: String,
    updated_at: String,
}

impl UserJson {
    /// What is shown of an account.
    pub fn of(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            name: account.name.as_str().to_owned(),
            email: account.email.as_str().to_owned(),
            otp_enabled: account.authenticator.is_enabled(),
            otp_verified: account.authenticator.is_confirmed(),
            otp_base32: None,
            otp_auth_url: None,
            created_at: rfc3339(account.created_at),
            updated_at: rfc3339(account.updated_at),
        }
    }
}

/// A session.
#[derive(Serialize, ToSchema)]
pub struct SessionJson {
    id: String,
    current: bool,
    kind: &'static str,
    aal: &'static str,
    created_at: String,
    last_seen_at: String,
    expires_at: String,
    ip: String,
    user_agent: String,
}

impl SessionJson {
    /// What is shown of a session.
    pub fn of(view: SessionView) -> Self {
        let session = view.session;
        let aal = session.aal().as_str();
        Self {
            id: session.id.into_text(),
            current: view.is_current,
            kind: session.kind.as_str(),
            aal,
            created_at: rfc3339(session.created_at),
            last_seen_at: rfc3339(session.last_seen_at),
            expires_at: rfc3339(view.expires_at),
            ip: session.ip,
            user_agent: session.user_agent,
        }
    }
}

/// A moment as RFC 3339 has it, in UTC, to the millisecond.
pub fn rfc3339(moment: Moment) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A security event. Without an address it was the operator's doing.
#[derive(Serialize, ToSchema)]
pub struct EventJson {
    id: String,
    kind: String,
    at: String,
    ip: Option<String>,
    user_agent: Option<String>,
}

impl EventJson {
    /// What is shown of an event.
    pub fn of(event: RecordedEvent) -> Self {
        let (ip, user_agent) = match event.cause {
            Cause::Operator => (None, None),
            Cause::Client { ip, user_agent } => (Some(ip), Some(user_agent)),
        };
        Self { id: event.id.to_string(), kind: event.kind, at: rfc3339(event.at), ip, user_agent }
    }
}

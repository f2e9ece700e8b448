//! The JSON of accounts, sessions and events, for the HTTP API and for the command line.

use chrono::SecondsFormat;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ArrayBuilder;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};

use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::email::EmailAddress;
use crate::domain::event::{Cause, EventKind, RecordedEvent};
use crate::domain::passkey::Passkey;
use crate::flows::sessions::SessionView;

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserJson {
    /// The account's id.
    #[schema(example = "66f1c0afde31e2b4c8f09a17", pattern = "^[0-9a-f]{24}$")]
    id: String,
    /// The user's name.
    #[schema(example = "Ada")]
    name: String,
    /// The email address.
    #[schema(format = Email, example = "ada@example.com")]
    email: String,
    /// Whether the address is verified.
    email_verified: bool,
    /// Whether a login requires a second factor: an authenticator app or a passkey.
    otp_enabled: bool,
    /// Whether a second factor was confirmed: false without one, and if the only one is an authenticator app without
    /// a first right code.
    otp_verified: bool,
    /// The second factors: `totp` (an authenticator app), `passkey`.
    #[schema(schema_with = second_factors)]
    second_factors: Vec<&'static str>,
    /// Always null: a secret is returned only while it is being set up.
    otp_base32: Option<&'static str>,
    /// Always null: a secret is returned only while it is being set up.
    otp_auth_url: Option<&'static str>,
    /// When the account was created.
    #[schema(format = DateTime, example = "2026-11-26T14:03:09.120Z")]
    created_at: String,
    /// When the account last changed.
    #[schema(format = DateTime, example = "2026-11-26T14:03:09.120Z")]
    updated_at: String,
}

impl UserJson {
    /// The JSON of an account.
    pub fn of(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            name: account.name.as_str().to_owned(),
            email: account.email.as_str().to_owned(),
            email_verified: account.is_email_verified,
            otp_enabled: account.has_second_factor(),
            otp_verified: account.has_confirmed_factor(),
            second_factors: account.second_factors().collect(),
            otp_base32: None,
            otp_auth_url: None,
            created_at: rfc3339(account.created_at),
            updated_at: rfc3339(account.updated_at),
        }
    }
}

/// A change of the email address.
#[derive(Serialize, ToSchema)]
#[schema(as = EmailChange)]
pub struct EmailChangeJson {
    /// The new address.
    #[schema(format = Email, example = "ada@example.org")]
    email: String,
    /// When a confirmed change takes effect; null until it is confirmed, and once it has taken effect.
    #[schema(format = DateTime, example = "2026-11-27T14:03:09.120Z")]
    effective_at: Option<String>,
}

impl EmailChangeJson {
    /// The JSON of a change.
    pub fn of(email: &EmailAddress, effective_at: Option<Moment>) -> Self {
        Self { email: email.as_str().to_owned(), effective_at: effective_at.map(rfc3339) }
    }
}

/// A session.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionJson {
    /// The session's public id.
    #[schema(example = "Q9mK1x7fT0aVb3ZsLw5uYg")]
    id: String,
    /// Whether the request was made with it.
    current: bool,
    /// A browser session, or a token of the Basic API.
    #[schema(schema_with = session_kind)]
    kind: &'static str,
    /// The assurance level: a password alone, or a password and a second factor.
    #[schema(schema_with = assurance_level)]
    aal: &'static str,
    /// When it was opened.
    #[schema(format = DateTime, example = "2026-11-26T14:03:09.120Z")]
    created_at: String,
    /// When it was last used, to the minute.
    #[schema(format = DateTime, example = "2026-11-26T14:33:41.002Z")]
    last_seen_at: String,
    /// When it ends unless it is used again.
    #[schema(format = DateTime, example = "2026-11-26T15:33:41.002Z")]
    expires_at: String,
    /// The IP address that it was opened from.
    #[schema(example = "192.0.2.7")]
    ip: String,
    /// The `User-Agent` that it was opened with, cut to 200 characters.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")]
    user_agent: String,
}

fn one_of(values: &[&str], about: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(values.iter().copied()))
        .description(Some(about))
        .into()
}

fn second_factors() -> RefOr<Schema> {
    let kinds = one_of(&["totp", "passkey"], "An authenticator app, or at least one passkey.");
    ArrayBuilder::new()
        .items(kinds)
        .description(Some("The second factors; empty without two-factor authentication."))
        .into()
}

fn session_kind() -> RefOr<Schema> {
    one_of(&["cookie", "bearer"], "A browser session, or a token of the Basic API.")
}

fn assurance_level() -> RefOr<Schema> {
    one_of(&["aal1", "aal2"], "`aal1`: a password alone. `aal2`: a password and a second factor.")
}

fn event_kind() -> RefOr<Schema> {
    let kinds: Vec<&str> = EventKind::all().map(EventKind::as_str).collect();
    one_of(&kinds, "What happened. Later versions may add kinds.")
}

impl SessionJson {
    /// The JSON of a session.
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

/// A passkey.
#[derive(Serialize, ToSchema)]
#[schema(as = Passkey)]
pub struct PasskeyJson {
    /// The credential's id, in base64url.
    #[schema(example = "MmYDNYhBDjQ4h7qXk1s9Vw")]
    id: String,
    /// The name that the user gave it, or that of its authenticator.
    #[schema(example = "Ada's laptop")]
    name: String,
    /// When it was added.
    #[schema(format = DateTime, example = "2026-11-26T14:03:09.120Z")]
    created_at: String,
    /// When it was last used; null if it never was.
    #[schema(format = DateTime, example = "2026-11-26T14:33:41.002Z")]
    last_used_at: Option<String>,
    /// Whether it is copied to other devices of its user.
    synced: bool,
    /// Whether it may sign in without a password.
    signs_in: bool,
}

impl PasskeyJson {
    /// The JSON of a passkey.
    pub fn of(passkey: &Passkey) -> Self {
        Self {
            id: BASE64URL_NOPAD.encode(passkey.id.bytes()),
            name: passkey.name.as_str().to_owned(),
            created_at: rfc3339(passkey.created_at),
            last_used_at: passkey.last_used_at.map(rfc3339),
            synced: passkey.backed_up,
            signs_in: passkey.signs_in(),
        }
    }
}

/// A moment in the format of RFC 3339, in UTC, to the millisecond.
pub fn rfc3339(moment: Moment) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A security event.
#[derive(Serialize, ToSchema)]
#[schema(as = SecurityEvent)]
pub struct EventJson {
    /// The event's id.
    #[schema(example = "00000000000000079c1f3be2d8a45607")]
    id: String,
    /// What happened.
    #[schema(schema_with = event_kind)]
    kind: String,
    /// When it happened.
    #[schema(format = DateTime, example = "2026-11-26T14:03:09.120Z")]
    at: String,
    /// The IP address of the client; null if the operator or the service caused it.
    #[schema(example = "192.0.2.7")]
    ip: Option<String>,
    /// The `User-Agent` of the client; null if the operator or the service caused it.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")]
    user_agent: Option<String>,
}

impl EventJson {
    /// The JSON of an event.
    pub fn of(event: RecordedEvent) -> Self {
        let (ip, user_agent) = match event.cause {
            Cause::Operator | Cause::Service => (None, None),
            Cause::Client { ip, user_agent } => (Some(ip), Some(user_agent)),
        };
        Self { id: event.id.to_string(), kind: event.kind, at: rfc3339(event.at), ip, user_agent }
    }
}

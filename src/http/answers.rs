//! The bodies of answers, as the two contracts name their fields.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::recovery_code::RecoveryCode;
use crate::views::{EventJson, SessionJson, UserJson};

/// Done, and a sentence of it.
#[derive(Serialize, ToSchema)]
pub struct Done {
    /// Always `success`.
    #[schema(example = "success")]
    pub status: &'static str,
    /// A sentence for the person at the screen.
    #[schema(example = "Registered successfully, please login")]
    pub message: &'static str,
}

/// A probe's word.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `live` or `ready`.
    #[schema(example = "ready")]
    pub status: &'static str,
}

/// The password was right.
#[derive(Serialize, ToSchema)]
pub struct LoggedIn {
    /// Always `success`.
    #[schema(example = "success")]
    pub status: &'static str,
    /// The account, whole even before the second factor. Where `otp_enabled` is true, a code is due.
    pub user: UserJson,
}

/// A new secret, to be bound.
#[derive(Serialize, ToSchema)]
pub struct Offer {
    /// The secret in base 32, for typing.
    #[schema(example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", min_length = 32, max_length = 32)]
    pub base32: String,
    /// The `otpauth://` URI, for scanning.
    #[schema(
        example = "otpauth://totp/Twofold:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Twofold"
    )]
    pub otpauth_url: String,
}

/// A confirmed enrolment.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the contract names the fields")]
pub struct Verified {
    /// Always true.
    pub otp_verified: bool,
    /// The account, with two-factor authentication on.
    pub user: UserJson,
    /// Ten recovery codes, shown this once.
    #[schema(example = json!(["0f9k2m-7wqx3e-bz5rt8-hn4v6y"]), min_items = 10, max_items = 10)]
    pub recovery_codes: Vec<String>,
    /// The session's new token, for a Bearer caller; a cookie caller gets a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token: Option<String>,
}

/// The code was right.
#[derive(Serialize, ToSchema)]
pub struct Valid {
    /// Always true.
    pub otp_valid: bool,
}

/// Two-factor authentication is off.
#[derive(Serialize, ToSchema)]
pub struct Disabled {
    /// Always true.
    pub otp_disabled: bool,
    /// The account.
    pub user: UserJson,
}

/// How many recovery codes are left.
#[derive(Serialize, ToSchema)]
pub struct Remaining {
    /// 0 while two-factor authentication is off.
    #[schema(example = 10, minimum = 0, maximum = 10)]
    pub remaining: usize,
}

/// New recovery codes.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten of them, shown this once.
    #[schema(example = json!(["0f9k2m-7wqx3e-bz5rt8-hn4v6y"]), min_items = 10, max_items = 10)]
    pub recovery_codes: Vec<String>,
}

/// Who is signed in, and how.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// The account.
    pub user: UserJson,
    /// The session that asks.
    pub session: SessionJson,
}

/// The account's live sessions.
#[derive(Serialize, ToSchema)]
pub struct Sessions {
    /// Of both kinds, last seen first.
    pub sessions: Vec<SessionJson>,
}

/// A session made fresh.
#[derive(Serialize, ToSchema)]
pub struct Renewed {
    /// The session.
    pub session: SessionJson,
    /// Its new token, for a Bearer caller; a cookie caller gets a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token: Option<String>,
}

/// A page of security events.
#[derive(Serialize, ToSchema)]
pub struct Events {
    /// Newest first.
    pub events: Vec<EventJson>,
    /// What `after` is to be for the next page; null on the last.
    #[schema(example = "000001a31e2a6f5800000000000000079c1f3be2d8a45607", required = true)]
    pub next: Option<String>,
}

/// What became of credentials.
#[derive(Serialize, ToSchema)]
pub struct Traded {
    /// The bearer token; null where there is none.
    #[schema(
        example = "ZvHAr5xZ0eKCCN9r-kT3qQm1yVh8sJd2LwXo5uBn7cFgPi4RtEaMzKlYHbv",
        required = true
    )]
    pub token: Option<String>,
    /// 0 done; 1 a code is due; 2 the code is wrong; 3 the credentials are wrong.
    #[schema(example = 0, minimum = 0, maximum = 3)]
    pub status: u8,
}

/// Whether two-factor authentication is on.
#[derive(Serialize, ToSchema)]
pub struct Switched {
    /// Whether it is.
    pub otp_enabled: bool,
    /// Ten recovery codes, shown this once, where it was switched on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!(["0f9k2m-7wqx3e-bz5rt8-hn4v6y"]))]
    pub recovery_codes: Option<Vec<String>>,
}

/// The new token of the session that a Bearer caller used.
#[derive(Serialize, ToSchema)]
pub struct NewToken {
    /// The token; the old one no longer works.
    #[schema(example = "ZvHAr5xZ0eKCCN9r-kT3qQm1yVh8sJd2LwXo5uBn7cFgPi4RtEaMzKlYHbv")]
    pub token: String,
}

/// Recovery codes as they are shown, once.
#[must_use]
pub fn shown(codes: &[RecoveryCode]) -> Vec<String> {
    codes.iter().map(RecoveryCode::show).collect()
}

//! The documents that this layer writes; `reading` and `lists` read them.
//!
//! Only BSON's own types are used, so that a value is the same whether it is inserted or set by an update.

use bson::oid::ObjectId;
use bson::spec::BinarySubtype;
use bson::{Binary, Bson, DateTime, Document};
use serde::Serialize;

use super::error::StoreError;
use crate::domain::authenticator::{Authenticator, PendingEnrolment, Sealed, Totp};
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::ids::UserId;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::network::KnownNetwork;
use crate::domain::session::{Methods, Session, SessionKind};

/// A document of `users`.
#[derive(Serialize)]
pub(super) struct AccountDocument {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    pub email: String,
    pub name: String,
    pub password: String,
    pub epoch: i64,
    pub created_at: DateTime,
    pub updated_at: DateTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<DateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp: Option<TotpDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<PendingDocument>,
    pub recovery: Vec<Binary>,
    pub codes: CodesDocument,
    pub sessions: Vec<SessionDocument>,
    pub tokens: Vec<SessionDocument>,
    pub challenges: Vec<ChallengeDocument>,
    pub networks: Vec<NetworkDocument>,
}

#[derive(Serialize)]
pub(super) struct TotpDocument {
    pub secret: Binary,
    pub last_step: i64,
    pub verified: bool,
}

#[derive(Serialize)]
pub(super) struct PendingDocument {
    pub secret: Binary,
    pub session: String,
    pub until: DateTime,
    pub tries: i64,
}

/// Wrong codes in a row; `at` is absent if there were none yet.
#[derive(Serialize)]
pub(super) struct CodesDocument {
    pub failed: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime>,
}

#[derive(Serialize)]
pub(super) struct SessionDocument {
    pub digest: Binary,
    pub id: String,
    pub methods: Vec<String>,
    pub authenticated_at: DateTime,
    pub created: DateTime,
    pub seen: DateTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<i64>,
    pub failed: i64,
    pub ip: String,
    pub user_agent: String,
}

#[derive(Serialize)]
pub(super) struct ChallengeDocument {
    pub digest: Binary,
    pub tries: i64,
    pub until: DateTime,
}

#[derive(Serialize)]
pub(super) struct NetworkDocument {
    pub key: Binary,
    pub at: DateTime,
}

/// A digest as BSON.
pub(super) fn digest(digest: &Digest) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: digest.bytes().to_vec() }
}

/// A sealed secret as BSON.
pub(super) fn sealed(sealed: &Sealed) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: sealed.bytes().to_vec() }
}

/// A moment as BSON.
pub(super) fn at(moment: Moment) -> DateTime {
    DateTime::from_millis(moment.timestamp_millis())
}

/// An account's id as BSON.
pub(super) fn id(user: UserId) -> ObjectId {
    ObjectId::from_bytes(user.bytes())
}

/// The name of the array that holds sessions of this kind.
pub(super) fn array(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Cookie => "sessions",
        SessionKind::Bearer => "tokens",
    }
}

/// A value of this layer as BSON; its shapes cannot fail to be.
pub(super) fn bson<T: Serialize>(value: &T) -> Bson {
    bson::serialize_to_bson(value).unwrap_or(Bson::Document(Document::new()))
}

const PASSWORD: &str = "pwd";
pub(super) const OTP: &str = "otp";
pub(super) const RECOVERY_CODE: &str = "recovery";

impl SessionDocument {
    pub fn of(session: &Session) -> Self {
        let methods = match session.methods {
            Methods::Password => vec![PASSWORD],
            Methods::PasswordAndOtp => vec![PASSWORD, OTP],
            Methods::PasswordAndRecoveryCode => vec![PASSWORD, RECOVERY_CODE],
        };
        Self {
            digest: digest(&session.digest),
            id: session.id.as_str().to_owned(),
            methods: methods.into_iter().map(str::to_owned).collect(),
            authenticated_at: at(session.authenticated_at),
            created: at(session.created_at),
            seen: at(session.last_seen_at),
            step: session.opened_with.map(|step| step.0),
            failed: session.failed.into(),
            ip: session.ip.clone(),
            user_agent: session.user_agent.clone(),
        }
    }
}

impl ChallengeDocument {
    pub fn of(challenge: &LoginChallenge) -> Self {
        Self {
            digest: digest(&challenge.digest),
            tries: challenge.tries.into(),
            until: at(challenge.until),
        }
    }
}

impl NetworkDocument {
    pub fn of(network: &KnownNetwork) -> Self {
        Self { key: digest(&network.key), at: at(network.at) }
    }
}

impl TotpDocument {
    pub fn of(totp: &Totp, verified: bool) -> Self {
        Self { secret: sealed(&totp.secret), last_step: totp.last_step.0, verified }
    }

    pub fn of_authenticator(authenticator: &Authenticator) -> Option<Self> {
        authenticator.totp().map(|totp| Self::of(totp, authenticator.is_confirmed()))
    }
}

impl PendingDocument {
    pub fn of(pending: &PendingEnrolment) -> Self {
        Self {
            secret: sealed(&pending.secret),
            session: pending.session.as_str().to_owned(),
            until: at(pending.until),
            tries: pending.tries.into(),
        }
    }
}

pub(super) fn read_moment(date: DateTime) -> Result<Moment, StoreError> {
    Moment::from_timestamp_millis(date.timestamp_millis()).ok_or(StoreError::Malformed("a date"))
}

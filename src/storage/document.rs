//! The shape of an account in the database, and the way to and from the domain's.
//!
//! Only types that BSON has itself are used, so that a value is the same whether it is inserted
//! whole or set by an update.

use std::array::TryFromSliceError;

use bson::oid::ObjectId;
use bson::spec::BinarySubtype;
use bson::{Binary, Bson, DateTime, Document, RawDocumentBuf};
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::domain::account::{Account, KnownNetwork, PasswordHash};
use crate::domain::authenticator::{Authenticator, PendingEnrolment, Sealed, Totp};
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::display_name::DisplayName;
use crate::domain::email::EmailAddress;
use crate::domain::ids::{Epoch, SessionId, UserId};
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::session::{Methods, Session, SessionKind};
use crate::domain::throttle::Counter;
use crate::domain::totp::TimeStep;

/// A document of `users`.
#[derive(Serialize, Deserialize)]
pub(super) struct AccountDocument {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    pub email: String,
    pub name: String,
    pub password: String,
    pub epoch: i64,
    pub created_at: DateTime,
    pub updated_at: DateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<DateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<TotpDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<PendingDocument>,
    pub recovery: Vec<Binary>,
    pub codes: CodesDocument,
    pub sessions: Vec<SessionDocument>,
    pub tokens: Vec<SessionDocument>,
    pub challenges: Vec<ChallengeDocument>,
    pub networks: Vec<NetworkDocument>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct TotpDocument {
    pub secret: Binary,
    pub last_step: i64,
    pub verified: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PendingDocument {
    pub secret: Binary,
    pub session: String,
    pub until: DateTime,
    pub tries: i64,
}

/// Wrong codes in a row; without `at` there were none yet.
#[derive(Serialize, Deserialize)]
pub(super) struct CodesDocument {
    pub failed: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SessionDocument {
    pub digest: Binary,
    pub id: String,
    pub methods: Vec<String>,
    pub authenticated_at: DateTime,
    pub created: DateTime,
    pub seen: DateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<i64>,
    pub failed: i64,
    pub ip: String,
    pub user_agent: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ChallengeDocument {
    pub digest: Binary,
    pub tries: i64,
    pub until: DateTime,
}

#[derive(Serialize, Deserialize)]
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

/// The name of the array that a session lives in.
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
const OTP: &str = "otp";
const RECOVERY_CODE: &str = "recovery";

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

    fn into_session(self, kind: SessionKind) -> Result<Session, StoreError> {
        let has = |method: &str| self.methods.iter().any(|known| known == method);
        let methods = match (has(OTP), has(RECOVERY_CODE)) {
            (true, _) => Methods::PasswordAndOtp,
            (false, true) => Methods::PasswordAndRecoveryCode,
            (false, false) => Methods::Password,
        };
        Ok(Session {
            digest: read_digest(&self.digest)?,
            id: SessionId::new(self.id),
            kind,
            methods,
            authenticated_at: read_moment(self.authenticated_at)?,
            created_at: read_moment(self.created)?,
            last_seen_at: read_moment(self.seen)?,
            opened_with: self.step.map(TimeStep),
            failed: read_count(self.failed),
            ip: self.ip,
            user_agent: self.user_agent,
        })
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

impl TotpDocument {
    pub fn of(totp: &Totp, verified: bool) -> Self {
        Self { secret: sealed(&totp.secret), last_step: totp.last_step.0, verified }
    }

    pub fn of_authenticator(authenticator: &Authenticator) -> Option<Self> {
        authenticator.totp().map(|totp| Self::of(totp, authenticator.is_verified()))
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

/// Reads an account.
pub(super) fn read_account(raw: &RawDocumentBuf) -> Result<Account, StoreError> {
    let document: AccountDocument = bson::deserialize_from_slice(raw.as_bytes())
        .map_err(|_cause| StoreError::Malformed("an account"))?;
    Account::try_from(document)
}

impl TryFrom<AccountDocument> for Account {
    type Error = StoreError;

    fn try_from(document: AccountDocument) -> Result<Self, StoreError> {
        let sessions =
            document.sessions.into_iter().map(|one| one.into_session(SessionKind::Cookie));
        let tokens = document.tokens.into_iter().map(|one| one.into_session(SessionKind::Bearer));
        Ok(Self {
            id: UserId::from_bytes(document.id.bytes()),
            email: EmailAddress::stored(&document.email),
            name: DisplayName::stored(&document.name),
            password: PasswordHash::new(document.password),
            epoch: Epoch(document.epoch),
            created_at: read_moment(document.created_at)?,
            updated_at: read_moment(document.updated_at)?,
            disabled_at: document.disabled_at.map(read_moment).transpose()?,
            authenticator: read_authenticator(document.totp),
            pending: document.pending.map(read_pending).transpose()?,
            recovery: document.recovery.iter().map(read_digest).collect::<Result<_, _>>()?,
            codes: Counter {
                failed: read_count(document.codes.failed),
                at: document.codes.at.map(read_moment).transpose()?.unwrap_or_default(),
            },
            sessions: sessions.chain(tokens).collect::<Result<_, _>>()?,
            challenges: document.challenges.iter().map(read_challenge).collect::<Result<_, _>>()?,
            networks: document.networks.iter().map(read_network).collect::<Result<_, _>>()?,
        })
    }
}

fn read_authenticator(totp: Option<TotpDocument>) -> Authenticator {
    let Some(document) = totp else {
        return Authenticator::Unbound;
    };
    let totp = Totp {
        secret: Sealed::new(document.secret.bytes),
        last_step: TimeStep(document.last_step),
    };
    if document.verified { Authenticator::Bound(totp) } else { Authenticator::Unconfirmed(totp) }
}

fn read_pending(document: PendingDocument) -> Result<PendingEnrolment, StoreError> {
    Ok(PendingEnrolment {
        secret: Sealed::new(document.secret.bytes),
        session: SessionId::new(document.session),
        until: read_moment(document.until)?,
        tries: read_count(document.tries),
    })
}

fn read_challenge(document: &ChallengeDocument) -> Result<LoginChallenge, StoreError> {
    Ok(LoginChallenge {
        digest: read_digest(&document.digest)?,
        tries: read_count(document.tries),
        until: read_moment(document.until)?,
    })
}

fn read_network(document: &NetworkDocument) -> Result<KnownNetwork, StoreError> {
    Ok(KnownNetwork { key: read_digest(&document.key)?, at: read_moment(document.at)? })
}

fn read_digest(binary: &Binary) -> Result<Digest, StoreError> {
    let bytes: Result<[u8; 32], TryFromSliceError> = binary.bytes.as_slice().try_into();
    bytes.map(Digest::from_bytes).map_err(|_cause| StoreError::Malformed("a digest"))
}

pub(super) fn read_moment(date: DateTime) -> Result<Moment, StoreError> {
    Moment::from_timestamp_millis(date.timestamp_millis()).ok_or(StoreError::Malformed("a date"))
}

pub(super) fn read_count(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

//! The documents that this layer writes; `reading` and `lists` read them.
//!
//! They are built of BSON's own types, so no value can fail to be serialized, and a value is the same
//! whether it is inserted or set by an update.

use bson::oid::ObjectId;
use bson::spec::BinarySubtype;
use bson::{Binary, DateTime, Document, doc};

use crate::domain::authenticator::{PendingEnrolment, Sealed, Totp};
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::ids::UserId;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::network::KnownNetwork;
use crate::domain::passkey::Passkey;
use crate::domain::passkey::ceremony::{PasskeyEnrolment, PendingChallenge};
use crate::domain::session::{Methods, Session, SessionKind};

/// A digest as BSON.
pub(super) fn digest(digest: &Digest) -> Binary {
    binary(digest.bytes())
}

/// A sealed secret as BSON.
pub(super) fn sealed(sealed: &Sealed) -> Binary {
    binary(sealed.bytes())
}

/// Bytes as BSON.
pub(super) fn binary(bytes: &[u8]) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() }
}

/// A time as BSON.
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

pub(super) const PASSWORD: &str = "pwd";
pub(super) const OTP: &str = "otp";
pub(super) const RECOVERY_CODE: &str = "recovery";
pub(super) const PASSKEY: &str = "passkey";
pub(super) const DEVICE: &str = "device";

/// The list of challenges that a sign-in with a passkey has used.
pub(super) const SPENT: &str = "spent";
/// The list of passkeys that sessions are about to add.
pub(super) const ENROLMENTS: &str = "enrolments";

/// An element of `sessions` or `tokens`.
pub(super) fn session(session: &Session) -> Document {
    let methods = match session.methods {
        Methods::Password => vec![PASSWORD],
        Methods::PasswordOnTrustedDevice => vec![PASSWORD, DEVICE],
        Methods::PasswordAndOtp => vec![PASSWORD, OTP],
        Methods::PasswordAndRecoveryCode => vec![PASSWORD, RECOVERY_CODE],
        Methods::PasswordAndPasskey => vec![PASSWORD, PASSKEY],
        Methods::Passkey => vec![PASSKEY],
    };
    let mut document = doc! {
        "digest": digest(&session.digest),
        "id": session.id.as_str(),
        "methods": methods,
        "authenticated_at": at(session.authenticated_at),
        "created": at(session.created_at),
        "seen": at(session.last_seen_at),
    };
    if let Some(step) = session.opened_with {
        document.insert("step", step.0);
    }
    if let Some(challenge) = &session.passkey {
        document.insert("passkey", passkey_challenge(challenge));
    }
    document.insert("failed", i64::from(session.failed));
    document.insert("ip", session.ip.as_str());
    document.insert("user_agent", session.user_agent.as_str());
    document
}

/// An element of `challenges`.
pub(super) fn challenge(challenge: &LoginChallenge) -> Document {
    let mut document = doc! {
        "digest": digest(&challenge.digest),
        "tries": i64::from(challenge.tries),
        "until": at(challenge.until),
    };
    if let Some(challenge) = &challenge.passkey {
        document.insert("passkey", passkey_challenge(challenge));
    }
    document
}

/// The field `passkey` of a session, a login challenge or a link, or an element of `spent`.
pub(super) fn passkey_challenge(challenge: &PendingChallenge) -> Document {
    doc! { "digest": digest(&challenge.digest), "until": at(challenge.until) }
}

/// An element of `enrolments`.
pub(super) fn passkey_enrolment(enrolment: &PasskeyEnrolment) -> Document {
    let mut document = passkey_challenge(&enrolment.challenge);
    document.insert("session", enrolment.session.as_str());
    document
}

/// An element of `passkeys`.
pub(super) fn passkey(passkey: &Passkey) -> Document {
    let mut document = doc! {
        "id": binary(passkey.id.bytes()),
        "key": binary(passkey.key.bytes()),
        "counter": i64::from(passkey.counter),
        "uv": passkey.verifies_user,
        "be": passkey.backup_eligible,
        "bs": passkey.backed_up,
        "name": passkey.name.as_str(),
        "created": at(passkey.created_at),
        "aaguid": binary(&passkey.aaguid),
    };
    if let Some(used) = passkey.last_used_at {
        document.insert("used", at(used));
    }
    document
}

/// An element of `networks`.
pub(super) fn network(network: &KnownNetwork) -> Document {
    doc! { "key": digest(&network.key), "at": at(network.at) }
}

/// The field `totp`.
pub(super) fn totp(totp: &Totp, verified: bool) -> Document {
    let mut document = doc! { "secret": sealed(&totp.secret), "last_step": totp.last_step.0, "verified": verified };
    if let Some(created) = totp.created_at {
        document.insert("created", at(created));
    }
    document
}

/// The field `pending`.
pub(super) fn pending(pending: &PendingEnrolment) -> Document {
    doc! {
        "secret": sealed(&pending.secret),
        "session": pending.session.as_str(),
        "until": at(pending.until),
        "tries": i64::from(pending.tries),
    }
}

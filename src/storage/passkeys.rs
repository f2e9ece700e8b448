//! Passkeys in the document of an account: how they are read, and what every signature checks and changes.

use bson::doc;
use bson::raw::{RawBsonRef, RawDocument};

use super::document::{at, binary};
use super::fields::{BadField, Fields, bytes, documents};
use super::guarded_write::GuardedWrite;
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::ids::SessionId;
use crate::domain::passkey::ceremony::{PasskeyEnrolment, PendingChallenge, VerifiedAssertion};
use crate::domain::passkey::name::PasskeyName;
use crate::domain::passkey::{CredentialId, CredentialKey, Passkey};

const PATH: &str = "passkeys";

/// The passkeys of an account. The field is absent if it never had one.
pub(super) fn read(account: &RawDocument, fields: &Fields<'_>) -> Result<Vec<Passkey>, BadField> {
    if fields.optional(PATH, RawBsonRef::as_array)?.is_none() {
        return Ok(Vec::new());
    }
    documents(account, PATH)?.map(|one| read_one(&Fields::of(PATH, one?)?)).collect()
}

fn read_one(fields: &Fields<'_>) -> Result<Passkey, BadField> {
    let flag = |name| fields.required(name, RawBsonRef::as_bool);
    let id = CredentialId::parse(fields.required("id", bytes)?.to_vec());
    let key = CredentialKey::parse(fields.required("key", bytes)?.to_vec());
    Ok(Passkey {
        id: id.ok_or_else(|| fields.bad("id"))?,
        key: key.ok_or_else(|| fields.bad("key"))?,
        counter: fields.count("counter")?,
        verifies_user: flag("uv")?,
        backup_eligible: flag("be")?,
        backed_up: flag("bs")?,
        name: PasskeyName::stored(fields.text("name")?),
        created_at: fields.moment("created")?,
        last_used_at: fields.optional_moment("used")?,
        aaguid: fields.required("aaguid", |value| bytes(value)?.try_into().ok())?,
    })
}

/// The field `passkey` of a session, a login challenge or a link.
pub(super) fn read_challenge(fields: &Fields<'_>) -> Result<Option<PendingChallenge>, BadField> {
    fields.part("passkey")?.as_ref().map(pending).transpose()
}

/// An element of `enrolments`.
pub(super) fn read_enrolment(fields: &Fields<'_>) -> Result<PasskeyEnrolment, BadField> {
    Ok(PasskeyEnrolment {
        challenge: pending(fields)?,
        session: SessionId::new(fields.text("session")?),
    })
}

/// A challenge with its expiry.
pub(super) fn pending(fields: &Fields<'_>) -> Result<PendingChallenge, BadField> {
    Ok(PendingChallenge { digest: fields.digest("digest")?, until: fields.moment("until")? })
}

impl GuardedWrite {
    /// Requires that the account has no passkey that was not read. Adding a further one does not raise the epoch,
    /// removing one does.
    pub(super) fn only_if_no_passkey_was_added(self, account: &Account) -> Self {
        let next = format!("passkeys.{}", account.passkeys.len());
        self.only_if(next, doc! { "$exists": false })
    }

    /// Requires that a passkey has not signed since it was read.
    pub(super) fn only_if_not_signed_since(self, passkey: &Passkey) -> Self {
        let counter = i64::from(passkey.counter);
        let unchanged = doc! { "id": binary(passkey.id.bytes()), "counter": counter };
        self.only_if(PATH, doc! { "$elemMatch": unchanged })
    }

    /// Records what a passkey said when it signed.
    pub(super) fn recording_signature(
        self,
        passkey: &Passkey,
        verified: VerifiedAssertion,
        now: Moment,
    ) -> Self {
        let field = |name: &str| format!("{PATH}.$[signed].{name}");
        self.set(field("counter"), i64::from(verified.counter))
            .set(field("bs"), verified.backed_up)
            .set(field("used"), at(now))
            .each("signed.id", binary(passkey.id.bytes()))
    }
}

//! Passkeys in the document of an account, read from their stored form.

use bson::raw::{RawBsonRef, RawDocument};

use super::fields::{BadField, Fields, bytes, documents};
use crate::domain::ids::SessionId;
use crate::domain::passkey::ceremony::{PasskeyEnrolment, PendingChallenge};
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

/// The field `enrolling`.
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

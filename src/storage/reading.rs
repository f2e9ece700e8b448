//! Reads an account from its raw document, field by field. (Decoding the document into a struct first took
//! an eighth of the service's time for `GET /api/auth/me`.)

use std::sync::Arc;

use bson::RawDocumentBuf;
use bson::raw::RawBsonRef;

use super::fields::{BadField, Fields};
use super::lists::StoredLists;
use super::{mail, passkeys};
use crate::domain::account::{Account, AccountLists, PasswordHash};
use crate::domain::authenticator::{Authenticator, PendingEnrolment, Totp};
use crate::domain::display_name::DisplayName;
use crate::domain::email::EmailAddress;
use crate::domain::ids::{Epoch, SessionId};
use crate::domain::lists::Malformed;
use crate::domain::mail::AccountMail;
use crate::domain::throttle::Counter;
use crate::domain::totp::TimeStep;

/// Reads an account, without its lists.
pub(super) fn read_account(raw: RawDocumentBuf) -> Result<Account, Malformed> {
    let stored = Arc::new(StoredLists(raw));
    read_fields(&stored).map_err(|bad| bad.of("users", &stored.0))
}

fn read_fields(stored: &Arc<StoredLists>) -> Result<Account, BadField> {
    let fields = Fields::of("", &stored.0)?;
    Ok(Account {
        id: fields.user_id("_id")?,
        email: EmailAddress::stored(fields.text("email")?),
        is_email_verified: fields.optional("email_verified", RawBsonRef::as_bool)?.unwrap_or(false),
        name: DisplayName::stored(fields.text("name")?),
        password: PasswordHash::new(fields.text("password")?.to_owned()),
        epoch: Epoch(fields.number("epoch")?),
        created_at: fields.moment("created_at")?,
        updated_at: fields.moment("updated_at")?,
        disabled_at: fields.optional_moment("disabled_at")?,
        authenticator: match fields.part("totp")? {
            None => Authenticator::None,
            Some(totp) => read_authenticator(&totp)?,
        },
        passkeys: passkeys::read(&stored.0, &fields)?,
        pending: fields.part("pending")?.as_ref().map(read_pending).transpose()?,
        codes: read_codes(&fields.part("codes")?.ok_or_else(|| fields.bad("codes"))?)?,
        recovery_created_at: fields.optional_moment("recovery_created")?,
        secured_at: fields.optional_moment("secured_at")?,
        mail: fields.part("mail")?.as_ref().map_or(Ok(AccountMail::NONE), mail::read)?,
        lists: AccountLists::new(Arc::<StoredLists>::clone(stored)),
    })
}

fn read_authenticator(fields: &Fields<'_>) -> Result<Authenticator, BadField> {
    let totp = Totp {
        secret: fields.sealed("secret")?,
        last_step: TimeStep(fields.number("last_step")?),
        created_at: fields.optional_moment("created")?,
    };
    let is_verified = fields.required("verified", RawBsonRef::as_bool)?;
    Ok(if is_verified { Authenticator::Confirmed(totp) } else { Authenticator::Unconfirmed(totp) })
}

fn read_pending(fields: &Fields<'_>) -> Result<PendingEnrolment, BadField> {
    Ok(PendingEnrolment {
        secret: fields.sealed("secret")?,
        session: SessionId::new(fields.text("session")?),
        until: fields.moment("until")?,
        tries: fields.count("tries")?,
    })
}

fn read_codes(fields: &Fields<'_>) -> Result<Counter, BadField> {
    Ok(Counter {
        failed: fields.count("failed")?,
        // Absent until the first wrong code.
        at: fields.optional_moment("at")?.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use bson::{Bson, Document, doc};

    use super::*;
    use crate::storage::document::{self, binary};

    const ID: &str = "0102030405060708090a0b0c";

    fn account() -> Document {
        let at = bson::DateTime::from_millis(0);
        let session = doc! {
            "digest": binary(&[1; 32]), "id": "a", "methods": ["pwd"], "authenticated_at": at,
            "created": at, "seen": at, "failed": 0_i64, "ip": "192.0.2.1", "user_agent": "x",
        };
        doc! {
            "_id": document::id(crate::domain::ids::UserId::parse(ID).unwrap()),
            "email": "ada@example.com", "name": "Ada", "password": "$argon2id$", "epoch": 0_i64,
            "created_at": at, "updated_at": at,
            "totp": { "secret": binary(&[2; 40]), "last_step": 1_i64, "verified": true },
            "recovery": [binary(&[3; 32])], "codes": { "failed": 0_i64 },
            "sessions": [session], "tokens": [],
            "challenges": [{ "digest": binary(&[4; 32]), "tries": 0_i64, "until": at }],
            "networks": [{ "key": binary(&[5; 32]), "at": at }],
        }
    }

    /// Reads everything of an account.
    fn read(document: &Document) -> Result<(), Malformed> {
        let account = read_account(RawDocumentBuf::try_from(document).unwrap())?;
        account.sessions()?;
        account.session(&crate::domain::digest::Digest::from_bytes([1; 32]))?;
        account.challenges()?;
        account.recovery_codes()?;
        account.networks().map(drop)
    }

    /// Replaces the value at a path, in the first element of an array.
    fn damage(document: &mut Document, path: &str, value: Bson) {
        match path.split_once('.') {
            None => drop(document.insert(path, value)),
            Some((outer, inner)) => match document.get_mut(outer) {
                Some(Bson::Document(part)) => damage(part, inner, value),
                Some(Bson::Array(elements)) => {
                    damage(elements[0].as_document_mut().unwrap(), inner, value);
                }
                _ => panic!("{path}"),
            },
        }
    }

    #[test]
    fn a_malformed_account_is_named_by_collection_id_and_field_without_a_value() {
        assert_eq!(read(&account()), Ok(()));
        let fields = [
            "email",
            "name",
            "password",
            "epoch",
            "created_at",
            "disabled_at",
            "totp",
            "totp.secret",
            "totp.last_step",
            "totp.verified",
            "pending",
            "codes",
            "codes.failed",
            "recovery",
            "sessions",
            "sessions.digest",
            "sessions.methods",
            "sessions.seen",
            "sessions.failed",
            "tokens",
            "challenges",
            "challenges.until",
            "networks",
            "networks.key",
        ];
        for field in fields {
            let mut document = account();
            let wrong = if ["email", "name", "password"].contains(&field) {
                Bson::Int64(424_242)
            } else {
                Bson::String("hunter2".to_owned())
            };
            damage(&mut document, field, wrong);
            let error = read(&document).unwrap_err().to_string();
            let expected = format!("malformed document: collection users, _id {ID}, field {field}");
            assert_eq!(error, expected);
        }
    }
}

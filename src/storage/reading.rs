//! Reads an account from its raw document, field by field. (Decoding the document into a struct first took
//! an eighth of the service's time for `GET /api/auth/me`.)

use std::sync::Arc;

use bson::RawDocumentBuf;
use bson::raw::RawBsonRef;

use super::fields::{Fields, MALFORMED};
use super::lists::StoredLists;
use crate::domain::account::{Account, AccountLists, PasswordHash};
use crate::domain::authenticator::{Authenticator, PendingEnrolment, Totp};
use crate::domain::display_name::DisplayName;
use crate::domain::email::EmailAddress;
use crate::domain::ids::{Epoch, SessionId};
use crate::domain::lists::Malformed;
use crate::domain::throttle::Counter;
use crate::domain::totp::TimeStep;

/// Reads an account, without its lists.
pub(super) fn read_account(raw: RawDocumentBuf) -> Result<Account, Malformed> {
    let stored = Arc::new(StoredLists(raw));
    let fields = Fields::of(&stored.0)?;
    Ok(Account {
        id: fields.user_id("_id")?,
        email: EmailAddress::stored(fields.text("email")?),
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
        pending: fields.part("pending")?.as_ref().map(read_pending).transpose()?,
        codes: read_codes(&fields.part("codes")?.ok_or(MALFORMED)?)?,
        lists: AccountLists::new(Arc::<StoredLists>::clone(&stored)),
    })
}

fn read_authenticator(fields: &Fields<'_>) -> Result<Authenticator, Malformed> {
    let totp =
        Totp { secret: fields.sealed("secret")?, last_step: TimeStep(fields.number("last_step")?) };
    let is_verified = fields.find("verified").and_then(RawBsonRef::as_bool).ok_or(MALFORMED)?;
    Ok(if is_verified { Authenticator::Confirmed(totp) } else { Authenticator::Unconfirmed(totp) })
}

fn read_pending(fields: &Fields<'_>) -> Result<PendingEnrolment, Malformed> {
    Ok(PendingEnrolment {
        secret: fields.sealed("secret")?,
        session: SessionId::new(fields.text("session")?),
        until: fields.moment("until")?,
        tries: fields.count("tries")?,
    })
}

fn read_codes(fields: &Fields<'_>) -> Result<Counter, Malformed> {
    Ok(Counter {
        failed: fields.count("failed")?,
        at: fields.optional_moment("at")?.unwrap_or_default(),
    })
}

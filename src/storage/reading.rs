//! From an account's raw document to the domain's types, field by field. Decoding the document by its
//! shape first, and then from that, took an eighth of what `me` costs the service.

use std::array::TryFromSliceError;
use std::sync::Arc;

use bson::RawDocumentBuf;
use bson::raw::{RawArray, RawBsonRef, RawDocument};

use super::document::{OTP, RECOVERY_CODE};
use super::lists::StoredLists;
use crate::domain::account::{Account, AccountLists, PasswordHash};
use crate::domain::authenticator::{Authenticator, PendingEnrolment, Sealed, Totp};
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::display_name::DisplayName;
use crate::domain::email::EmailAddress;
use crate::domain::ids::{Epoch, SessionId, UserId};
use crate::domain::lists::Malformed;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::network::KnownNetwork;
use crate::domain::session::{Methods, Session, SessionKind};
use crate::domain::throttle::Counter;
use crate::domain::totp::TimeStep;

/// Reads an account, but for its lists.
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

pub(super) const MALFORMED: Malformed = Malformed("an account");

/// The elements of an array within a document.
pub(super) fn elements<'a>(
    document: &'a RawDocument,
    name: &str,
) -> Result<impl Iterator<Item = Result<RawBsonRef<'a>, Malformed>>, Malformed> {
    let array = document.get_array(name).map_err(|_cause| MALFORMED)?;
    Ok(array.into_iter().map(|element| element.map_err(|_cause| MALFORMED)))
}

/// The fields of a document, walked through once; each is asked for by its name.
pub(super) struct Fields<'a>(Vec<(&'a str, RawBsonRef<'a>)>);

impl<'a> Fields<'a> {
    pub fn of(raw: &'a RawDocument) -> Result<Self, Malformed> {
        let mut fields = Vec::with_capacity(16);
        for element in raw {
            let (name, value) = element.map_err(|_cause| MALFORMED)?;
            fields.push((name.as_str(), value));
        }
        Ok(Self(fields))
    }

    fn find(&self, name: &str) -> Option<RawBsonRef<'a>> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// What may be left out, or `null`. A value of another kind is neither: an account whose lock or
    /// second factor cannot be read has one all the same.
    fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(RawBsonRef<'a>) -> Option<T>,
    ) -> Result<Option<T>, Malformed> {
        match self.find(name) {
            None | Some(RawBsonRef::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or(MALFORMED),
        }
    }

    fn text(&self, name: &str) -> Result<&'a str, Malformed> {
        self.find(name).and_then(RawBsonRef::as_str).ok_or(MALFORMED)
    }

    fn number(&self, name: &str) -> Result<i64, Malformed> {
        self.find(name).and_then(number).ok_or(MALFORMED)
    }

    fn count(&self, name: &str) -> Result<u32, Malformed> {
        self.number(name).map(read_count)
    }

    fn moment(&self, name: &str) -> Result<Moment, Malformed> {
        self.optional_moment(name)?.ok_or(MALFORMED)
    }

    fn optional_moment(&self, name: &str) -> Result<Option<Moment>, Malformed> {
        self.optional(name, |value| {
            Moment::from_timestamp_millis(value.as_datetime()?.timestamp_millis())
        })
    }

    fn user_id(&self, name: &str) -> Result<UserId, Malformed> {
        let id = self.find(name).and_then(RawBsonRef::as_object_id).ok_or(MALFORMED)?;
        Ok(UserId::from_bytes(id.bytes()))
    }

    fn digest(&self, name: &str) -> Result<Digest, Malformed> {
        read_digest(self.find(name).ok_or(MALFORMED)?)
    }

    fn sealed(&self, name: &str) -> Result<Sealed, Malformed> {
        let binary = self.find(name).and_then(RawBsonRef::as_binary).ok_or(MALFORMED)?;
        Ok(Sealed::new(binary.bytes.to_vec()))
    }

    fn part(&self, name: &str) -> Result<Option<Self>, Malformed> {
        self.optional(name, RawBsonRef::as_document)?.map(Self::of).transpose()
    }

    fn array(&self, name: &str) -> Result<&'a RawArray, Malformed> {
        self.find(name).and_then(RawBsonRef::as_array).ok_or(MALFORMED)
    }
}

/// A whole number, in whichever width another program may have written it.
fn number(value: RawBsonRef<'_>) -> Option<i64> {
    value.as_i64().or_else(|| value.as_i32().map(i64::from))
}

pub(super) fn read_count(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

pub(super) fn read_digest(value: RawBsonRef<'_>) -> Result<Digest, Malformed> {
    let binary = value.as_binary().ok_or(MALFORMED)?;
    let bytes: Result<[u8; 32], TryFromSliceError> = binary.bytes.try_into();
    bytes.map(Digest::from_bytes).map_err(|_cause| Malformed("a digest"))
}

pub(super) fn read_session(fields: &Fields<'_>, kind: SessionKind) -> Result<Session, Malformed> {
    Ok(Session {
        digest: fields.digest("digest")?,
        id: SessionId::new(fields.text("id")?),
        kind,
        methods: read_methods(fields)?,
        authenticated_at: fields.moment("authenticated_at")?,
        created_at: fields.moment("created")?,
        last_seen_at: fields.moment("seen")?,
        opened_with: fields.optional("step", number)?.map(TimeStep),
        failed: fields.count("failed")?,
        ip: fields.text("ip")?.to_owned(),
        user_agent: fields.text("user_agent")?.to_owned(),
    })
}

fn read_methods(fields: &Fields<'_>) -> Result<Methods, Malformed> {
    let mut methods = Methods::Password;
    for name in fields.array("methods")? {
        match name.map_err(|_cause| MALFORMED)?.as_str().ok_or(MALFORMED)? {
            OTP => return Ok(Methods::PasswordAndOtp),
            RECOVERY_CODE => methods = Methods::PasswordAndRecoveryCode,
            _ => {}
        }
    }
    Ok(methods)
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

pub(super) fn read_challenge(fields: &Fields<'_>) -> Result<LoginChallenge, Malformed> {
    Ok(LoginChallenge {
        digest: fields.digest("digest")?,
        tries: fields.count("tries")?,
        until: fields.moment("until")?,
    })
}

pub(super) fn read_network(fields: &Fields<'_>) -> Result<KnownNetwork, Malformed> {
    Ok(KnownNetwork { key: fields.digest("key")?, at: fields.moment("at")? })
}

//! The field `mail` of an account's document.

use bson::{Document, doc};

use crate::domain::clock::Moment;
use crate::domain::email::EmailAddress;
use crate::domain::mail::AccountMail;
use crate::domain::mail::change::EmailChange;
use crate::domain::mail::link::{LinkKind, MailLink};
use crate::domain::mail::seed::Seed;
use crate::domain::throttle::Counter;
use crate::storage::document::{at, binary, digest, passkey_challenge};
use crate::storage::fields::{BadField, Fields};
use crate::storage::passkeys;

/// The challenge that a passkey must sign for the "This wasn't me" links of an event.
pub const SECURE_PASSKEY: &str = "mail.secure_passkey";

/// The path of a link.
pub fn path(kind: LinkKind) -> String {
    format!("mail.{}", name(kind))
}

fn name(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Verify => "verify",
        LinkKind::Disown => "disown",
        LinkKind::Reset => "reset",
        LinkKind::ResetFromKnown => "reset_known",
    }
}

/// The field `mail` of a new account.
pub fn links(links: &[(LinkKind, MailLink)]) -> Document {
    links.iter().map(|(kind, new)| (name(*kind).to_owned(), link(new).into())).collect()
}

/// A link as BSON.
pub(super) fn link(link: &MailLink) -> Document {
    let mut document = doc! {
        "digest": digest(&link.digest),
        "seed": binary(&link.seed.0),
        "email": link.email.as_str(),
        "until": at(link.until),
        "tries": i64::from(link.tries),
    };
    if let Some(challenge) = &link.passkey {
        document.insert("passkey", passkey_challenge(challenge));
    }
    document
}

/// The field `mail.change`.
pub(super) fn change(change: &EmailChange) -> Document {
    let mut document = doc! {
        "email": change.email.as_str(),
        "digest": digest(&change.confirm),
        "seed": binary(&change.seed.0),
        "until": at(change.until),
        "approved": change.is_approved,
    };
    if let Some(approve) = &change.approve {
        document.insert("approve", digest(approve));
    }
    if let Some(effective_at) = change.effective_at {
        document.insert("effective_at", at(effective_at));
    }
    document
}

/// Reads the field `mail`.
pub fn read(fields: &Fields<'_>) -> Result<AccountMail, BadField> {
    let read_link = |name| fields.part(name)?.as_ref().map(read_link).transpose();
    Ok(AccountMail {
        verify: read_link("verify")?,
        disown: read_link("disown")?,
        reset: read_link("reset")?,
        reset_known: read_link("reset_known")?,
        change: fields.part("change")?.as_ref().map(read_change).transpose()?,
        secure_tries: fields
            .part("secure_tries")?
            .map_or(Ok(Vec::new()), |tries| read_tries(&tries))?,
        secure_passkey: fields
            .part("secure_passkey")?
            .map(|asked| Ok((asked.moment("at")?, passkeys::pending(&asked)?)))
            .transpose()?,
        codes: fields.part("codes")?.as_ref().map_or(Ok(AccountMail::NONE.codes), read_codes)?,
    })
}

fn read_link(fields: &Fields<'_>) -> Result<MailLink, BadField> {
    Ok(MailLink {
        digest: fields.digest("digest")?,
        seed: read_seed(fields)?,
        email: EmailAddress::stored(fields.text("email")?),
        until: fields.moment("until")?,
        tries: fields.count("tries")?,
        passkey: passkeys::read_challenge(fields)?,
    })
}

/// The field `seed`.
pub(super) fn read_seed(fields: &Fields<'_>) -> Result<Seed, BadField> {
    fields.required("seed", |seed| seed.as_binary()?.bytes.try_into().ok()).map(Seed)
}

fn read_change(fields: &Fields<'_>) -> Result<EmailChange, BadField> {
    Ok(EmailChange {
        email: EmailAddress::stored(fields.text("email")?),
        confirm: fields.digest("digest")?,
        seed: read_seed(fields)?,
        approve: fields.optional("approve", crate::storage::fields::digest)?,
        until: fields.moment("until")?,
        is_approved: fields.required("approved", bson::raw::RawBsonRef::as_bool)?,
        effective_at: fields.optional_moment("effective_at")?,
    })
}

/// Counts by the time of an event, in milliseconds.
fn read_tries(fields: &Fields<'_>) -> Result<Vec<(Moment, u32)>, BadField> {
    let read = |(name, count): (&str, u32)| {
        let at = name.parse().ok().and_then(Moment::from_timestamp_millis);
        Ok((at.ok_or_else(|| fields.bad(name))?, count))
    };
    fields.counts().map(|count| count.and_then(read)).collect()
}

fn read_codes(fields: &Fields<'_>) -> Result<Counter, BadField> {
    Ok(Counter {
        failed: fields.count("failed")?,
        at: fields.optional_moment("at")?.unwrap_or_default(),
    })
}

//! The lists of an account's document, parsed on demand.

use bson::RawDocumentBuf;
use bson::raw::RawDocument;

use super::document::{OTP, RECOVERY_CODE, array};
use super::fields::{Fields, MALFORMED, elements, number, read_digest};
use crate::domain::digest::Digest;
use crate::domain::ids::SessionId;
use crate::domain::lists::{Lists, Malformed};
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::network::KnownNetwork;
use crate::domain::session::{Methods, Session, SessionKind};
use crate::domain::totp::TimeStep;

const KINDS: [SessionKind; 2] = [SessionKind::Cookie, SessionKind::Bearer];

/// An account's document.
pub(super) struct StoredLists(pub RawDocumentBuf);

impl StoredLists {
    /// The documents of an array.
    fn documents<'a>(
        &'a self,
        name: &str,
    ) -> Result<impl Iterator<Item = Result<&'a RawDocument, Malformed>>, Malformed> {
        let elements = elements(&self.0, name)?;
        Ok(elements.map(|element| element?.as_document().ok_or(MALFORMED)))
    }

    fn each<T>(
        &self,
        name: &str,
        read: impl Fn(&Fields<'_>) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        self.documents(name)?.map(|document| read(&Fields::of(document?)?)).collect()
    }
}

impl Lists for StoredLists {
    fn sessions(&self) -> Result<Vec<Session>, Malformed> {
        let mut sessions = Vec::new();
        for kind in KINDS {
            sessions.extend(self.each(array(kind), |fields| read_session(fields, kind))?);
        }
        Ok(sessions)
    }

    fn session(&self, digest: &Digest) -> Result<Option<Session>, Malformed> {
        for kind in KINDS {
            for document in self.documents(array(kind))? {
                let document = document?;
                if has_digest(document, digest)? {
                    return read_session(&Fields::of(document)?, kind).map(Some);
                }
            }
        }
        Ok(None)
    }

    fn challenges(&self) -> Result<Vec<LoginChallenge>, Malformed> {
        self.each("challenges", read_challenge)
    }

    fn recovery(&self) -> Result<Vec<Digest>, Malformed> {
        elements(&self.0, "recovery")?.map(|element| read_digest(element?)).collect()
    }

    fn networks(&self) -> Result<Vec<KnownNetwork>, Malformed> {
        self.each("networks", read_network)
    }
}

/// Whether a session's token has this digest. The rest of the session is not parsed.
fn has_digest(session: &RawDocument, digest: &Digest) -> Result<bool, Malformed> {
    let stored = session.get("digest").map_err(|_cause| MALFORMED)?.ok_or(MALFORMED)?;
    Ok(read_digest(stored)? == *digest)
}

fn read_session(fields: &Fields<'_>, kind: SessionKind) -> Result<Session, Malformed> {
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

fn read_challenge(fields: &Fields<'_>) -> Result<LoginChallenge, Malformed> {
    Ok(LoginChallenge {
        digest: fields.digest("digest")?,
        tries: fields.count("tries")?,
        until: fields.moment("until")?,
    })
}

fn read_network(fields: &Fields<'_>) -> Result<KnownNetwork, Malformed> {
    Ok(KnownNetwork { key: fields.digest("key")?, at: fields.moment("at")? })
}

//! The lists of an account's document, read where they lie.

use bson::RawDocumentBuf;
use bson::raw::RawDocument;

use super::document::array;
use super::reading::{
    Fields, MALFORMED, elements, read_challenge, read_digest, read_network, read_session,
};
use crate::domain::digest::Digest;
use crate::domain::lists::{Lists, Malformed};
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::network::KnownNetwork;
use crate::domain::session::{Session, SessionKind};

const KINDS: [SessionKind; 2] = [SessionKind::Cookie, SessionKind::Bearer];

/// An account's document as it was read.
pub(super) struct StoredLists(pub RawDocumentBuf);

impl StoredLists {
    /// The documents of one of its arrays.
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

/// Whether a session's token has this digest, looked at before anything else of it is read.
fn has_digest(session: &RawDocument, digest: &Digest) -> Result<bool, Malformed> {
    let stored = session.get("digest").map_err(|_cause| MALFORMED)?.ok_or(MALFORMED)?;
    Ok(read_digest(stored)? == *digest)
}

//! The lists of an account's document, parsed on demand.

use bson::RawDocumentBuf;
use bson::raw::{RawBsonRef, RawDocument};

use super::devices::{self, DEVICES};
use super::document::{DEVICE, ENROLMENTS, OTP, PASSKEY, PASSWORD, RECOVERY_CODE, SPENT, array};
use super::fields::{self, BadField, Fields, documents, elements, number};
use super::passkeys;
use crate::domain::device::TrustedDevice;
use crate::domain::digest::Digest;
use crate::domain::ids::SessionId;
use crate::domain::lists::{Lists, Malformed};
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::network::KnownNetwork;
use crate::domain::passkey::ceremony::{PasskeyEnrolment, PendingChallenge};
use crate::domain::session::{Methods, Session, SessionKind};
use crate::domain::totp::TimeStep;

const KINDS: [SessionKind; 2] = [SessionKind::Cookie, SessionKind::Bearer];

/// An account's document.
pub(super) struct StoredLists(pub RawDocumentBuf);

impl StoredLists {
    /// Adds the document's `_id` to an error.
    fn located<T>(&self, read: Result<T, BadField>) -> Result<T, Malformed> {
        read.map_err(|bad| bad.of("users", &self.0))
    }

    fn each<T>(
        &self,
        name: &'static str,
        read: impl Fn(&Fields<'_>) -> Result<T, BadField>,
    ) -> Result<Vec<T>, BadField> {
        documents(&self.0, name)?.map(|document| read(&Fields::of(name, document?)?)).collect()
    }

    fn find_session(&self, digest: &Digest) -> Result<Option<Session>, BadField> {
        for kind in KINDS {
            let name = array(kind);
            for document in documents(&self.0, name)? {
                let document = document?;
                if has_digest(name, document, digest)? {
                    return read_session(&Fields::of(name, document)?, kind).map(Some);
                }
            }
        }
        Ok(None)
    }
}

impl Lists for StoredLists {
    fn sessions(&self) -> Result<Vec<Session>, Malformed> {
        let mut sessions = Vec::new();
        for kind in KINDS {
            let of_kind = self.each(array(kind), |fields| read_session(fields, kind));
            sessions.extend(self.located(of_kind)?);
        }
        Ok(sessions)
    }

    fn session(&self, digest: &Digest) -> Result<Option<Session>, Malformed> {
        self.located(self.find_session(digest))
    }

    fn challenges(&self) -> Result<Vec<LoginChallenge>, Malformed> {
        self.located(self.each("challenges", read_challenge))
    }

    fn recovery(&self) -> Result<Vec<Digest>, Malformed> {
        let read = |element| fields::digest(element).ok_or(BadField("recovery".to_owned()));
        let digests = elements(&self.0, "recovery")
            .and_then(|elements| elements.map(|element| element.and_then(read)).collect());
        self.located(digests)
    }

    fn devices(&self) -> Result<Vec<TrustedDevice>, Malformed> {
        match self.0.get(DEVICES) {
            Ok(None) => Ok(Vec::new()),
            _ => self.located(self.each(DEVICES, devices::read)),
        }
    }

    fn networks(&self) -> Result<Vec<KnownNetwork>, Malformed> {
        self.located(self.each("networks", read_network))
    }

    fn spent(&self) -> Result<Vec<PendingChallenge>, Malformed> {
        // Absent until the first sign-in with a passkey.
        if matches!(self.0.get(SPENT), Ok(None)) {
            return Ok(Vec::new());
        }
        self.located(self.each(SPENT, passkeys::pending))
    }

    fn enrolments(&self) -> Result<Vec<PasskeyEnrolment>, Malformed> {
        // Absent until somebody asks for a passkey's options.
        if matches!(self.0.get(ENROLMENTS), Ok(None)) {
            return Ok(Vec::new());
        }
        self.located(self.each(ENROLMENTS, passkeys::read_enrolment))
    }
}

/// Whether a session's token has this digest. The rest of the session is not parsed.
fn has_digest(
    name: &'static str,
    session: &RawDocument,
    digest: &Digest,
) -> Result<bool, BadField> {
    let stored = session.get("digest").ok().flatten().and_then(fields::digest);
    stored.map(|stored| stored == *digest).ok_or_else(|| BadField(format!("{name}.digest")))
}

fn read_session(fields: &Fields<'_>, kind: SessionKind) -> Result<Session, BadField> {
    Ok(Session {
        digest: fields.digest("digest")?,
        id: SessionId::new(fields.text("id")?),
        kind,
        methods: read_methods(fields)?,
        authenticated_at: fields.moment("authenticated_at")?,
        created_at: fields.moment("created")?,
        last_seen_at: fields.moment("seen")?,
        opened_with: fields.optional("step", number)?.map(TimeStep),
        passkey: passkeys::read_challenge(fields)?,
        failed: fields.count("failed")?,
        ip: fields.text("ip")?.to_owned(),
        user_agent: fields.text("user_agent")?.to_owned(),
    })
}

fn read_methods(fields: &Fields<'_>) -> Result<Methods, BadField> {
    let bad = || fields.bad("methods");
    let (mut has_password, mut second) = (false, None);
    for name in fields.required("methods", RawBsonRef::as_array)? {
        match name.map_err(|_cause| bad())?.as_str().ok_or_else(bad)? {
            PASSWORD => has_password = true,
            DEVICE => second = Some(Methods::PasswordOnTrustedDevice),
            OTP => second = Some(Methods::PasswordAndOtp),
            RECOVERY_CODE => second = Some(Methods::PasswordAndRecoveryCode),
            PASSKEY if has_password => second = Some(Methods::PasswordAndPasskey),
            PASSKEY => second = Some(Methods::Passkey),
            _ => {}
        }
    }
    Ok(second.unwrap_or(Methods::Password))
}

fn read_challenge(fields: &Fields<'_>) -> Result<LoginChallenge, BadField> {
    Ok(LoginChallenge {
        digest: fields.digest("digest")?,
        tries: fields.count("tries")?,
        until: fields.moment("until")?,
        passkey: passkeys::read_challenge(fields)?,
    })
}

fn read_network(fields: &Fields<'_>) -> Result<KnownNetwork, BadField> {
    Ok(KnownNetwork { key: fields.digest("key")?, at: fields.moment("at")? })
}

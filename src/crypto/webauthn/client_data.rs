//! What the browser says: `CollectedClientData` (section 5.8.1).

use std::collections::BTreeMap;
use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Refused;
use crate::domain::passkey::ceremony::ChallengeDigest;

/// The longest, in bytes. Browsers send a few hundred.
const LONGEST: usize = 4096;

/// The ceremony that a browser took part in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ceremony {
    Create,
    Get,
}

/// The client data's members.
pub(super) struct ClientData(BTreeMap<String, Value>);

impl ClientData {
    /// Reads client data.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Refused> {
        if bytes.len() > LONGEST {
            return Err(Refused("the client data is too long"));
        }
        let wrong = |_cause| Refused("the client data is not an object, or names a member twice");
        serde_json::from_slice(bytes).map_err(wrong)
    }

    /// Checks it against what was asked for.
    pub(super) fn check(
        &self,
        ceremony: Ceremony,
        challenge: &ChallengeDigest,
        origins: &[String],
    ) -> Result<(), Refused> {
        let kind = match ceremony {
            Ceremony::Create => "webauthn.create",
            Ceremony::Get => "webauthn.get",
        };
        if self.text("type") != Some(kind) {
            return Err(Refused("another type of client data"));
        }
        if self.challenge() != Some(*challenge) {
            return Err(Refused("another challenge"));
        }
        let origin = self.text("origin");
        if !origins.iter().any(|allowed| Some(allowed.as_str()) == origin) {
            return Err(Refused("another origin"));
        }
        // Members that only pages embedded in those of another origin have.
        let is_embedded = !matches!(self.0.get("crossOrigin"), None | Some(Value::Bool(false)));
        if is_embedded || self.0.contains_key("topOrigin") {
            return Err(Refused("embedded in another origin"));
        }
        Ok(())
    }

    /// The digest of the challenge.
    pub(super) fn challenge(&self) -> Option<ChallengeDigest> {
        let challenge = BASE64URL_NOPAD.decode(self.text("challenge")?.as_bytes()).ok()?;
        Some(ChallengeDigest::from_bytes(Sha256::digest(challenge).into()))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

impl<'de> Deserialize<'de> for ClientData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

/// Two parsers may each take another one of two members with one name, so that is refused.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = ClientData;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ClientData, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member occurs twice"));
            }
        }
        Ok(ClientData(members))
    }
}

//! One account, computed from its number.

use bson::oid::ObjectId;
use bson::{Bson, DateTime, Document, doc};
use data_encoding::BASE64URL_NOPAD;

use super::secret::Sealer;
use super::token::{binary, bits, digest, token};
use super::{PASSWORD, passkey};
use crate::fault::{Result, fault};
use crate::limit::hashing::{self, Hasher};

/// Ids begin with this, as those made at one moment do.
const MOMENT: [u8; 4] = [0x69, 0x24, 0x00, 0x00];

const MINUTE: i64 = 60_000;
/// A challenge outlives the run.
const CHALLENGE_LIVES: i64 = 24 * 60 * MINUTE;
/// A session counts as just used throughout the run: recording its use, once a minute, is no part of
/// a call.
const JUST_SEEN: i64 = 30 * MINUTE;

/// Purposes of tokens.
pub const COOKIE: &str = "session 0";
/// Of the Basic contract's token.
pub const BEARER: &str = "bearer";
/// Of the login challenge's.
pub const CHALLENGE: &str = "challenge";

/// An account by its number.
#[derive(Clone, Copy, Debug)]
pub struct Person(pub u64);

/// What an account has.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The hash of its password.
    pub phc: String,
    /// A second factor, and ten recovery codes.
    pub second_factor: bool,
    /// Live browser sessions.
    pub sessions: u32,
    /// A bearer token.
    pub bearer: bool,
    /// A live login challenge.
    pub challenge: bool,
    /// The public key of a passkey, which all accounts share.
    pub passkey: Option<Vec<u8>>,
    /// When everything began.
    pub now: DateTime,
}

impl Shape {
    /// Nothing but a password, whose hash all accounts share.
    pub fn bare() -> Result<Self> {
        let salt = b"a salt of 16 byt";
        let phc = hashing::phc(salt, &Hasher::new()?.hash(PASSWORD.as_bytes(), salt)?);
        let now = DateTime::now();
        Ok(Self {
            phc,
            second_factor: false,
            sessions: 1,
            bearer: false,
            challenge: false,
            passkey: None,
            now,
        })
    }
}

impl Person {
    /// Its id.
    pub fn id(self) -> ObjectId {
        let mut bytes = [0; 12];
        let (moment, number) = bytes.split_at_mut(MOMENT.len());
        moment.copy_from_slice(&MOMENT);
        number.copy_from_slice(&self.0.to_be_bytes());
        ObjectId::from_bytes(bytes)
    }

    /// Its address.
    pub fn email(self) -> String {
        format!("ada{:08}@example.com", self.0)
    }

    /// The account as it is stored.
    pub fn document(self, shape: &Shape, sealer: &Sealer) -> Result<Document> {
        let methods: &[&str] = if shape.second_factor { &["pwd", "otp"] } else { &["pwd"] };
        let session = |purpose: String| self.session(&purpose, methods, shape.now);
        let sessions: Vec<Document> =
            (0..shape.sessions).map(|number| session(format!("session {number}"))).collect();
        let bearer = shape.bearer.then(|| session(BEARER.to_owned()));
        let until = DateTime::from_millis(shape.now.timestamp_millis() + CHALLENGE_LIVES);
        let challenge = digest(&token(self.id(), CHALLENGE));
        let challenge = doc! { "digest": challenge, "tries": 0_i64, "until": until };
        let challenges = shape.challenge.then_some(challenge);
        let network = doc! { "key": binary(self.bits("network")), "at": shape.now };

        let mut account = Self::newly_registered(&self.email(), &shape.phc, shape.now);
        account.insert("_id", self.id());
        account.insert("sessions", sessions);
        account.insert("tokens", bearer.into_iter().collect::<Vec<_>>());
        account.insert("challenges", challenges.into_iter().collect::<Vec<_>>());
        account.insert("networks", vec![network]);
        if shape.second_factor {
            let secret = sealer.seal(self.id())?;
            account.insert("totp", doc! { "secret": secret, "last_step": 0_i64, "verified": true });
            account.insert("recovery", self.recovery());
        }
        if let Some(key) = &shape.passkey {
            account.insert("passkeys", vec![passkey::stored(self.id(), key, shape.now)]);
        }
        Ok(account)
    }

    /// An account as registration leaves it.
    pub fn newly_registered(email: &str, phc: &str, now: DateTime) -> Document {
        doc! {
            "_id": ObjectId::new(),
            "email": email,
            "name": "Ada Lovelace",
            "password": phc,
            "epoch": 0_i64,
            "created_at": now,
            "updated_at": now,
            "recovery": [],
            "codes": { "failed": 0_i64 },
            "sessions": [],
            "tokens": [],
            "challenges": [],
            "networks": [],
        }
    }

    fn session(self, purpose: &str, methods: &[&str], now: DateTime) -> Document {
        let id = self.bits(&format!("id of {purpose}")).into_iter().take(16).collect::<Vec<_>>();
        let seen = DateTime::from_millis(now.timestamp_millis() + JUST_SEEN);
        doc! {
            "digest": digest(&token(self.id(), purpose)),
            "id": BASE64URL_NOPAD.encode(&id),
            "methods": methods,
            "authenticated_at": now,
            "created": now,
            "seen": seen,
            "failed": 0_i64,
            "ip": "127.0.0.1",
            "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        }
    }

    fn recovery(self) -> Vec<Bson> {
        (0..10).map(|number| binary(self.bits(&format!("recovery {number}"))).into()).collect()
    }

    fn bits(self, purpose: &str) -> Vec<u8> {
        bits(purpose, &self.id().bytes()).to_vec()
    }
}

/// The id of the account with this address.
pub fn id_of(email: &str) -> Result<ObjectId> {
    let number = email.strip_prefix("ada").and_then(|rest| rest.split_once('@'));
    let number = number.and_then(|(number, _)| number.parse().ok());
    number.map(|number| Person(number).id()).ok_or_else(|| fault("nobody has this address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_its_account() {
        assert_eq!(id_of(&Person(42).email()).unwrap(), Person(42).id());
        assert!(id_of("bob@example.com").is_err());
    }
}

//! Tokens of links in mails. They are computed, not stored: every attempt to send a mail makes the same link,
//! and a dump of the database opens nothing.

use data_encoding::BASE64URL_NOPAD;
use zeroize::ZeroizeOnDrop;

use super::keyed_digest::KeyedDigest;
use super::token::digest_of;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::mail::seed::Seed;

/// What a link is for. A token of one purpose is never valid for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Verifies an address.
    Verify,
    /// Deletes an account that was never verified.
    Disown,
    /// Resets the password.
    Reset,
    /// Confirms a new address.
    Confirm,
    /// Approves a change at the current address.
    Approve,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Disown => "disown",
            Self::Reset => "reset",
            Self::Confirm => "confirm",
            Self::Approve => "approve",
        }
    }
}

const PREFIX: &str = "mail-";
const SECURE_PREFIX: &str = "secure-";
const ID_LENGTH: usize = 12;
const TIME_LENGTH: usize = 8;
const DIGEST_LENGTH: usize = 32;
const LENGTH: usize = ID_LENGTH + DIGEST_LENGTH;
const SECURE_LENGTH: usize = ID_LENGTH + TIME_LENGTH + DIGEST_LENGTH;

/// A link's token. It cannot be printed, and only its digest is stored.
#[derive(Clone, ZeroizeOnDrop)]
pub struct MailToken(String);

impl MailToken {
    /// Its digest, which is stored.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(&self.0)
    }

    /// The token's text, for the link.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A link's token that a caller sent, reduced to what a lookup needs.
#[derive(Clone, Copy, Debug)]
pub struct PresentedLink {
    /// The account that it names.
    pub user: UserId,
    /// Its digest.
    pub digest: Digest,
}

impl PresentedLink {
    /// Parses a token; `None` if the text cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; LENGTH] = decode(text, PREFIX)?;
        let (id, _) = bytes.split_first_chunk::<ID_LENGTH>()?;
        Some(Self { user: UserId::from_bytes(*id), digest: digest_of(text) })
    }
}

/// The token of a "This wasn't me" link that a caller sent.
#[derive(Clone, Copy)]
pub struct PresentedSecureLink {
    /// The account that it names.
    pub user: UserId,
    /// When the event of the notice happened.
    pub event_at: Moment,
    mac: Digest,
}

impl PresentedSecureLink {
    /// Parses a token; `None` if the text cannot be one. [`MailKeys::made`] checks whether it is genuine.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; SECURE_LENGTH] = decode(text, SECURE_PREFIX)?;
        let (id, rest) = bytes.split_first_chunk::<ID_LENGTH>()?;
        let (time, mac) = rest.split_first_chunk::<TIME_LENGTH>()?;
        Some(Self {
            user: UserId::from_bytes(*id),
            event_at: Moment::from_timestamp_millis(i64::from_be_bytes(*time))?,
            mac: Digest::from_bytes(mac.try_into().ok()?),
        })
    }
}

/// The keys of links, newest first, one for each key of the ring.
#[derive(Clone)]
pub struct MailKeys(Vec<KeyedDigest>);

impl MailKeys {
    /// Derives the keys from those of the ring, newest first.
    #[must_use]
    pub fn derived_from(keys: &[&[u8; 32]]) -> Self {
        Self(keys.iter().map(|key| KeyedDigest::derived(key, b"twofold mail links")).collect())
    }

    /// The token of a link, under each key, newest first.
    pub fn tokens(
        &self,
        user: UserId,
        purpose: Purpose,
        seed: Seed,
    ) -> impl Iterator<Item = MailToken> {
        self.0.iter().map(move |key| {
            let mac = key.of_bytes(purpose.name(), &[&user.bytes(), &seed.0]);
            encode(PREFIX, &[&user.bytes(), mac.bytes()])
        })
    }

    /// The token of a new link.
    #[must_use]
    pub fn token(&self, user: UserId, purpose: Purpose, seed: Seed) -> Option<MailToken> {
        self.tokens(user, purpose, seed).next()
    }

    /// The token of a "This wasn't me" link.
    #[must_use]
    pub fn secure(
        &self,
        user: UserId,
        event_at: Moment,
        email: &EmailAddress,
    ) -> Option<MailToken> {
        let time = event_at.timestamp_millis().to_be_bytes();
        let mac = secure_mac(self.0.first()?, user, event_at, email);
        Some(encode(SECURE_PREFIX, &[&user.bytes(), &time, mac.bytes()]))
    }

    /// Whether this service made a "This wasn't me" link, for an account with this address.
    #[must_use]
    pub fn made(&self, link: &PresentedSecureLink, email: &EmailAddress) -> bool {
        let is_of =
            |key| digest_matches(&secure_mac(key, link.user, link.event_at, email), &link.mac);
        self.0.iter().any(is_of)
    }
}

fn secure_mac(key: &KeyedDigest, user: UserId, event_at: Moment, email: &EmailAddress) -> Digest {
    let time = event_at.timestamp_millis().to_be_bytes();
    key.of_bytes("secure", &[&user.bytes(), &time, email.as_str().as_bytes()])
}

/// Compares digests of the two, so that the time tells nothing about the first.
fn digest_matches(one: &Digest, other: &Digest) -> bool {
    let digest = |mac: &Digest| digest_of(&BASE64URL_NOPAD.encode(mac.bytes()));
    digest(one) == digest(other)
}

fn encode(prefix: &str, parts: &[&[u8]]) -> MailToken {
    MailToken(format!("{prefix}{}", BASE64URL_NOPAD.encode(&parts.concat())))
}

fn decode<const N: usize>(text: &str, prefix: &str) -> Option<[u8; N]> {
    let encoded = text.strip_prefix(prefix)?;
    BASE64URL_NOPAD.decode(encoded.as_bytes()).ok()?.try_into().ok()
}

/// A random number for a job's links.
#[must_use]
pub fn seed() -> Seed {
    Seed(rand::random())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::token::{PresentedToken, TokenKind};

    fn user(byte: u8) -> UserId {
        UserId::from_bytes([byte; 12])
    }

    fn keys(bytes: &[u8]) -> MailKeys {
        let keys: Vec<[u8; 32]> = bytes.iter().map(|byte| [*byte; 32]).collect();
        MailKeys::derived_from(&keys.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_link_is_the_same_at_every_attempt_and_differs_by_all_it_depends_on() {
        let text = |keys: &MailKeys, id, purpose, seed| {
            keys.token(user(id), purpose, Seed([seed; 16])).unwrap().expose().to_owned()
        };
        let one = text(&keys(&[1]), 1, Purpose::Reset, 1);
        assert_eq!(one, text(&keys(&[1]), 1, Purpose::Reset, 1));
        assert_ne!(one, text(&keys(&[2]), 1, Purpose::Reset, 1));
        assert_ne!(one, text(&keys(&[1]), 2, Purpose::Reset, 1));
        assert_ne!(one, text(&keys(&[1]), 1, Purpose::Verify, 1));
        assert_ne!(one, text(&keys(&[1]), 1, Purpose::Reset, 2));
        let presented = PresentedLink::parse(&one).unwrap();
        assert_eq!(presented.user, user(1));
    }

    #[test]
    fn a_secure_link_is_made_for_one_address_one_event_and_by_a_key_of_the_ring() {
        let (ada, eve) = ["ada@example.com", "eve@example.com"].map(EmailAddress::stored).into();
        let at = Moment::from_timestamp_millis(1_700_000_000_123).unwrap();
        let token = keys(&[1]).secure(user(1), at, &ada).unwrap();
        let link = PresentedSecureLink::parse(token.expose()).unwrap();
        assert_eq!((link.user, link.event_at), (user(1), at));
        assert!(keys(&[2, 1]).made(&link, &ada));
        assert!(!keys(&[2]).made(&link, &ada));
        assert!(!keys(&[1]).made(&link, &eve));
        let other = PresentedSecureLink { user: user(2), ..link };
        assert!(!keys(&[1]).made(&other, &ada));
    }

    #[test]
    fn a_token_of_one_kind_is_not_parsed_as_another() {
        let at = Moment::from_timestamp_millis(0).unwrap();
        let secure = keys(&[1]).secure(user(1), at, &EmailAddress::stored("a@example.com"));
        let link = keys(&[1]).token(user(1), Purpose::Reset, Seed([0; 16])).unwrap();
        assert!(PresentedLink::parse(secure.unwrap().expose()).is_none());
        assert!(PresentedSecureLink::parse(link.expose()).is_none());
        assert!(PresentedLink::parse(link.expose().trim_start_matches(PREFIX)).is_none());
        let kinds = [TokenKind::Session, TokenKind::Login];
        assert!(kinds.iter().all(|kind| PresentedToken::parse(*kind, link.expose()).is_none()));
    }
}

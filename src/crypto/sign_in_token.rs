//! Tokens that bind the challenge of a sign-in with a passkey to a browser. They need no database: a token is the
//! challenge's digest and its expiry, under an HMAC.

use data_encoding::BASE64URL_NOPAD;
use zeroize::ZeroizeOnDrop;

use super::keyed_digest::KeyedDigest;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::passkey::ceremony::PendingChallenge;

const PREFIX: &str = "passkey-";
const PURPOSE: &str = "sign-in challenge";
const DIGEST_LENGTH: usize = 32;
const TIME_LENGTH: usize = 8;
const LENGTH: usize = DIGEST_LENGTH + TIME_LENGTH + DIGEST_LENGTH;

/// A token as the browser has it. It cannot be printed.
#[derive(Clone, ZeroizeOnDrop)]
pub struct SignInToken(String);

impl SignInToken {
    /// The token's text, for the cookie.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The keys of tokens, one for each key of the ring.
#[derive(Clone)]
pub struct SignInKeys {
    newest: KeyedDigest,
    older: Vec<KeyedDigest>,
}

impl SignInKeys {
    /// Derives the keys from those of the ring.
    pub fn derived_from<'a>(
        newest: &'a [u8; 32],
        older: impl Iterator<Item = &'a [u8; 32]>,
    ) -> Self {
        let derived = |key: &[u8; 32]| KeyedDigest::derived(key, b"twofold passkey sign-ins");
        Self { newest: derived(newest), older: older.map(derived).collect() }
    }

    /// The token of a challenge.
    #[must_use]
    pub fn issue(&self, challenge: PendingChallenge) -> SignInToken {
        let time = challenge.until.timestamp_millis().to_be_bytes();
        let mac = self.newest.of_bytes(PURPOSE, &[challenge.digest.bytes(), &time]);
        let bytes = [challenge.digest.bytes(), &time[..], mac.bytes()].concat();
        SignInToken(format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes)))
    }

    /// The challenge of a token; `None` unless this service made it. It may have expired.
    #[must_use]
    pub fn open(&self, token: &str) -> Option<PendingChallenge> {
        let bytes = BASE64URL_NOPAD.decode(token.strip_prefix(PREFIX)?.as_bytes()).ok()?;
        let bytes: [u8; LENGTH] = bytes.try_into().ok()?;
        let (digest, rest) = bytes.split_first_chunk::<DIGEST_LENGTH>()?;
        let (time, mac) = rest.split_first_chunk::<TIME_LENGTH>()?;
        let made = |key: &KeyedDigest| key.made(PURPOSE, &[digest, time], mac);
        if !std::iter::once(&self.newest).chain(&self.older).any(made) {
            return None;
        }
        let until = Moment::from_timestamp_millis(i64::from_be_bytes(*time))?;
        Some(PendingChallenge { digest: Digest::from_bytes(*digest), until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::mail_token::{PresentedLink, PresentedSecureLink};
    use crate::crypto::token::{PresentedToken, TokenKind};

    fn challenge() -> PendingChallenge {
        let until = Moment::from_timestamp_millis(1_700_000_000_123).unwrap();
        PendingChallenge { digest: Digest::from_bytes([7; 32]), until }
    }

    fn keys(newest: u8, older: &[u8]) -> SignInKeys {
        let older: Vec<[u8; 32]> = older.iter().map(|byte| [*byte; 32]).collect();
        SignInKeys::derived_from(&[newest; 32], older.iter())
    }

    #[test]
    fn a_token_is_opened_with_any_key_of_the_ring() {
        let token = keys(1, &[]).issue(challenge());
        assert_eq!(keys(1, &[]).open(token.expose()), Some(challenge()));
        assert_eq!(keys(2, &[1]).open(token.expose()), Some(challenge()));
        assert_eq!(keys(2, &[3]).open(token.expose()), None);
    }

    #[test]
    fn a_token_that_was_changed_is_refused() {
        let token = keys(1, &[]).issue(challenge());
        let encoded = token.expose().strip_prefix(PREFIX).unwrap();
        let bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let changed = format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&changed));
            assert_eq!(keys(1, &[]).open(&changed), None, "byte {place}");
        }
        for text in [
            "",
            "passkey-",
            encoded,
            &format!("session-{encoded}"),
            &format!("{PREFIX}{encoded}AA"),
        ] {
            assert_eq!(keys(1, &[]).open(text), None, "{text}");
        }
    }

    #[test]
    fn it_is_not_parsed_as_a_token_of_another_kind() {
        let token = keys(1, &[]).issue(challenge());
        let kinds = [TokenKind::Session, TokenKind::Login];
        assert!(kinds.iter().all(|kind| PresentedToken::parse(*kind, token.expose()).is_none()));
        assert!(PresentedLink::parse(token.expose()).is_none());
        assert!(PresentedSecureLink::parse(token.expose()).is_none());
    }
}

//! Opaque tokens of sessions and login challenges.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use zeroize::ZeroizeOnDrop;

use crate::domain::client::Client;
use crate::domain::digest::Digest;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::session::{NewSession, SessionKind};

const ID_LENGTH: usize = 12;
const SECRET_LENGTH: usize = 32;
const LENGTH: usize = ID_LENGTH + SECRET_LENGTH;

/// What a token is for. Each kind begins in its own way, and is looked up in its own list only. (Tokens of links in
/// mails are in `mail_token`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A session of either contract.
    Session,
    /// A login challenge.
    Login,
}

impl TokenKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Session => "session-",
            Self::Login => "login-",
        }
    }
}

/// A token as the client has it: its kind, the id of its account and 256 random bits (NIST SP 800-63B-4, 5.1). It cannot
/// be printed, and only its digest is stored.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Token(String);

impl Token {
    /// Creates a token for `user`.
    #[must_use]
    pub fn issue(kind: TokenKind, user: UserId) -> Self {
        let mut bytes = [0; LENGTH];
        let (id, secret) = bytes.split_at_mut(ID_LENGTH);
        id.copy_from_slice(&user.bytes());
        rand::fill(secret);
        Self(format!("{}{}", kind.prefix(), BASE64URL_NOPAD.encode(&bytes)))
    }

    /// Its digest, which is stored.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(&self.0)
    }

    /// The token's text, for the response that issues it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// A token that a caller sent, reduced to what a lookup needs.
#[derive(Clone, Copy, Debug)]
pub struct PresentedToken {
    /// Its kind.
    pub kind: TokenKind,
    /// The account that it names.
    pub user: UserId,
    /// Its digest.
    pub digest: Digest,
}

impl PresentedToken {
    /// Parses a token; `None` if the text cannot be a token of this kind.
    #[must_use]
    pub fn parse(kind: TokenKind, text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.strip_prefix(kind.prefix())?.as_bytes()).ok()?;
        let bytes: [u8; LENGTH] = bytes.try_into().ok()?;
        let (id, _) = bytes.split_first_chunk::<ID_LENGTH>()?;
        Some(Self { kind, user: UserId::from_bytes(*id), digest: digest_of(text) })
    }
}

/// Creates a session for a client under a new token, with a new public id.
#[must_use]
pub fn new_session<'a>(token: &Token, kind: SessionKind, client: &'a Client) -> NewSession<'a> {
    NewSession { digest: token.digest(), id: session_id(), kind, client }
}

/// Creates a session's public id: unrelated to its token.
fn session_id() -> SessionId {
    SessionId::new(random_id())
}

/// Creates an id: 128 random bits.
#[must_use]
pub fn random_id() -> String {
    BASE64URL_NOPAD.encode(&rand::random::<[u8; 16]>())
}

pub(super) fn digest_of(text: &str) -> Digest {
    Digest::from_bytes(Sha256::digest(text.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::sampling::assert_random;

    fn bits(token: &Token) -> Vec<u8> {
        let (_, encoded) = token.expose().split_once('-').unwrap();
        BASE64URL_NOPAD.decode(encoded.as_bytes()).unwrap()
    }

    #[test]
    fn a_token_of_one_kind_is_not_parsed_as_the_other() {
        let user = UserId::from_bytes([7; 12]);
        let [session, login] =
            [TokenKind::Session, TokenKind::Login].map(|kind| Token::issue(kind, user));
        assert!(PresentedToken::parse(TokenKind::Session, login.expose()).is_none());
        assert!(PresentedToken::parse(TokenKind::Login, session.expose()).is_none());
        let bare = session.expose().trim_start_matches("session-");
        assert!(PresentedToken::parse(TokenKind::Session, bare).is_none());
    }

    #[test]
    fn a_token_contains_its_user_and_has_its_digest() {
        let user = UserId::from_bytes([7; 12]);
        let token = Token::issue(TokenKind::Session, user);
        let presented = PresentedToken::parse(TokenKind::Session, token.expose()).unwrap();
        assert_eq!(presented.user, user);
        assert_eq!(presented.digest, token.digest());
        assert_ne!(Token::issue(TokenKind::Session, user).digest(), token.digest());
        assert!(!format!("{token:?}").contains(token.expose()));
    }

    #[test]
    fn a_token_is_its_user_s_id_and_256_random_bits() {
        let user = UserId::from_bytes([7; 12]);
        let issue = |_| bits(&Token::issue(TokenKind::Session, user));
        let tokens: Vec<Vec<u8>> = (0..256).map(issue).collect();
        assert!(tokens.iter().all(|token| token.starts_with(&user.bytes())));
        let secrets: Vec<&[u8]> = tokens.iter().map(|token| &token[ID_LENGTH..]).collect();
        assert_random(&secrets, 32, 0xff);
    }

    #[test]
    fn a_session_s_public_id_is_128_random_bits() {
        let id = |_| BASE64URL_NOPAD.decode(session_id().as_str().as_bytes()).unwrap();
        let ids: Vec<Vec<u8>> = (0..256).map(id).collect();
        assert_random(&ids, 16, 0xff);
    }

    #[test]
    fn text_that_is_not_a_token_is_refused() {
        let longer =
            format!("{}A", Token::issue(TokenKind::Session, UserId::from_bytes([0; 12])).expose());
        for text in ["", "abc", "é", &"A".repeat(59 * 2), longer.as_str()] {
            assert!(PresentedToken::parse(TokenKind::Session, text).is_none(), "{text}");
        }
    }
}

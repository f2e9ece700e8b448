//! Tokens of trusted devices.

use data_encoding::BASE64URL_NOPAD;
use zeroize::ZeroizeOnDrop;

use super::token::digest_of;
use crate::domain::device::DeviceId;
use crate::domain::digest::Digest;
use crate::domain::ids::UserId;

const PREFIX: &str = "device-";
const USER_LENGTH: usize = 12;
const ID_LENGTH: usize = 16;
const SECRET_LENGTH: usize = 32;
const LENGTH: usize = USER_LENGTH + ID_LENGTH + SECRET_LENGTH;

/// A device's token: its account, its id and 256 random bits. It cannot be printed, and only its digest is
/// stored.
#[derive(Clone, ZeroizeOnDrop)]
pub struct DeviceToken(String);

impl DeviceToken {
    /// The first token of a device that `user` trusts now, and the device's id.
    #[must_use]
    pub fn of_new_device(user: UserId) -> (DeviceId, Self) {
        let id: [u8; ID_LENGTH] = rand::random();
        (device_id(&id), Self::issue(user, &id))
    }

    fn issue(user: UserId, id: &[u8; ID_LENGTH]) -> Self {
        let secret: [u8; SECRET_LENGTH] = rand::random();
        let bytes = [user.bytes().as_slice(), id, &secret].concat();
        Self(format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes)))
    }

    /// Its digest, which is stored.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(&self.0)
    }

    /// The token's text, for its cookie.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A token that a browser sent.
#[derive(Clone, Debug)]
pub struct PresentedDevice {
    /// The account that it names.
    pub user: UserId,
    /// The device that it names.
    pub id: DeviceId,
    /// Its digest.
    pub digest: Digest,
    id_bytes: [u8; ID_LENGTH],
}

impl PresentedDevice {
    /// Parses a token; `None` if the text cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.strip_prefix(PREFIX)?.as_bytes()).ok()?;
        let bytes: [u8; LENGTH] = bytes.try_into().ok()?;
        let (user, rest) = bytes.split_first_chunk::<USER_LENGTH>()?;
        let (id, _secret) = rest.split_first_chunk::<ID_LENGTH>()?;
        Some(Self {
            user: UserId::from_bytes(*user),
            id: device_id(id),
            digest: digest_of(text),
            id_bytes: *id,
        })
    }

    /// A new token of the same device.
    #[must_use]
    pub fn successor(&self) -> DeviceToken {
        DeviceToken::issue(self.user, &self.id_bytes)
    }
}

fn device_id(bytes: &[u8; ID_LENGTH]) -> DeviceId {
    DeviceId::new(BASE64URL_NOPAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::token::{PresentedToken, Token, TokenKind};

    #[test]
    fn a_token_names_its_account_and_device_and_so_does_its_successor() {
        let user = UserId::from_bytes([7; 12]);
        let (id, token) = DeviceToken::of_new_device(user);
        let presented = PresentedDevice::parse(token.expose()).unwrap();
        assert_eq!((presented.user, &presented.id), (user, &id));
        assert_eq!(presented.digest, token.digest());
        let successor = PresentedDevice::parse(presented.successor().expose()).unwrap();
        assert_eq!((successor.user, &successor.id), (user, &id));
        assert_ne!(successor.digest, token.digest());
    }

    #[test]
    fn a_token_of_another_kind_is_not_parsed() {
        let user = UserId::from_bytes([7; 12]);
        let session = Token::issue(TokenKind::Session, user);
        assert!(PresentedDevice::parse(session.expose()).is_none());
        let (_, device) = DeviceToken::of_new_device(user);
        for kind in [TokenKind::Session, TokenKind::Login] {
            assert!(PresentedToken::parse(kind, device.expose()).is_none());
        }
        assert!(PresentedDevice::parse("device-AAAA").is_none());
    }
}

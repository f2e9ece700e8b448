//! Tokens for other services: JWTs signed by ES256 (RFC 7515, RFC 7519, RFC 9068). One algorithm and one type of key.

mod claims;
mod key;

use std::fmt;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;

pub use claims::Claims;
pub use key::{InvalidKey, PublicKey, SigningKey, generate};

/// The keys that sign: the first one signs, and all are published and verify.
#[derive(Clone)]
pub struct SigningKeys(Arc<[SigningKey]>);

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// There is no key.
    #[error("there is no key to sign with")]
    NoKey,
    /// The system's random numbers are not available.
    #[error("the signature could not be made")]
    NotSigned,
    /// The claims are not JSON.
    #[error("the claims cannot be written: {0}")]
    Claims(#[from] serde_json::Error),
}

impl SigningKeys {
    /// These keys, the one that signs first.
    #[must_use]
    pub fn new(keys: Vec<SigningKey>) -> Self {
        Self(keys.into())
    }

    /// The keys, in the same order.
    pub fn iter(&self) -> impl Iterator<Item = &SigningKey> {
        self.0.iter()
    }

    /// The public keys, in the same order.
    pub fn published(&self) -> impl Iterator<Item = &PublicKey> {
        self.iter().map(SigningKey::public)
    }

    /// Signs a token with the first key.
    ///
    /// # Errors
    ///
    /// [`SignError`]: internal errors only.
    pub fn sign(&self, claims: &Claims) -> Result<String, SignError> {
        let key = self.0.first().ok_or(SignError::NoKey)?;
        let payload = BASE64URL_NOPAD.encode(&serde_json::to_vec(claims)?);
        let mut token = format!("{}.{payload}", key.header());
        let signature = key.sign(token.as_bytes()).ok_or(SignError::NotSigned)?;
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        Ok(token)
    }

    /// The claims of a token that one of these keys signed. They may have expired, or be for any audience.
    ///
    /// The header must be, byte for byte, the one that this service writes for the key. So neither the algorithm nor
    /// anything else in it is taken from the token (RFC 8725, section 3.1).
    #[must_use]
    pub fn verify(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let key = self.0.iter().find(|key| key.header() == header)?;
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
        if !key.verifies(signed.as_bytes(), &signature) {
            return None;
        }
        serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?).ok()
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.published().map(|key| &key.kid)).finish()
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_pkcs8("k", &generate().unwrap()).unwrap()
    }

    fn claims() -> Claims {
        Claims {
            iss: "https://auth.example.com".to_owned(),
            sub: "66f1c0afde31e2b4c8f09a17".to_owned(),
            aud: "billing".to_owned(),
            iat: 1_800_000_000,
            nbf: 1_800_000_000,
            exp: 1_800_000_300,
            jti: "Q9mK1x7fT0aVb3ZsLw5uYg".to_owned(),
            sid: "kT3qQm1yVh8sJd2L".to_owned(),
            auth_time: 1_799_999_000,
            acr: "aal2".to_owned(),
            amr: vec!["pwd".to_owned(), "otp".to_owned(), "mfa".to_owned()],
        }
    }

    fn encoded(json: &str) -> String {
        BASE64URL_NOPAD.encode(json.as_bytes())
    }

    #[test]
    fn the_first_key_signs_and_each_verifies() {
        let (old, new) = (generate().unwrap(), generate().unwrap());
        let ring = |keys: [&[u8]; 2]| {
            SigningKeys::new(keys.map(|key| SigningKey::from_pkcs8("k", key).unwrap()).into())
        };
        let (before, after) = (ring([&old, &new]), ring([&new, &old]));
        for (signer, verifier) in [(&before, &after), (&after, &before)] {
            let token = signer.sign(&claims()).unwrap();
            assert_eq!(verifier.verify(&token), Some(claims()));
            let header = BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes());
            let header: serde_json::Value = serde_json::from_slice(&header.unwrap()).unwrap();
            let kid = &signer.published().next().unwrap().kid;
            assert_eq!(header, serde_json::json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid }));
        }
        assert_eq!(SigningKeys::new(vec![key()]).verify(&before.sign(&claims()).unwrap()), None);
    }

    #[test]
    fn a_token_with_any_character_changed_is_not_accepted() {
        let keys = SigningKeys::new(vec![key()]);
        let token = keys.sign(&claims()).unwrap();
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(keys.verify(&changed), None, "{place}");
        }
        for cut in 0..token.len() {
            let (start, _) = token.split_at(cut);
            assert_eq!(keys.verify(start), None, "{cut}");
        }
    }

    #[test]
    fn neither_no_algorithm_nor_another_one_is_accepted() {
        let keys = SigningKeys::new(vec![key()]);
        let token = keys.sign(&claims()).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let public = keys.published().next().unwrap();
        for alg in ["none", "None", "ES384", "HS256"] {
            let header = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"{}"}}"#, public.kid);
            let signed = format!("{}.{}", encoded(&header), parts[1]);
            // HS256, with what everyone knows as its key.
            let mac = Hmac::<Sha256>::new_from_slice(public.point()).unwrap();
            let mac = mac.chain_update(&signed).finalize().into_bytes();
            for signature in [String::new(), parts[2].to_owned(), BASE64URL_NOPAD.encode(&mac)] {
                assert_eq!(keys.verify(&format!("{signed}.{signature}")), None, "{alg}");
            }
        }
        let without_signature = format!("{}.{}.", parts[0], parts[1]);
        assert_eq!(keys.verify(&without_signature), None);
    }

    #[test]
    fn a_right_signature_under_any_other_header_is_not_accepted() {
        let keys = SigningKeys::new(vec![key(), key()]);
        let token = keys.sign(&claims()).unwrap();
        let payload = token.split('.').nth(1).unwrap();
        let first = keys.iter().next().unwrap();
        let kids: Vec<&str> = keys.published().map(|key| key.kid.as_str()).collect();
        let accepts = |header: &str| {
            let signed = format!("{}.{payload}", encoded(header));
            let signature = BASE64URL_NOPAD.encode(&first.sign(signed.as_bytes()).unwrap());
            keys.verify(&format!("{signed}.{signature}")).is_some()
        };
        let [own, other] = kids[..] else { panic!() };
        assert!(accepts(&format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{own}"}}"#)));
        for header in [
            format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{other}"}}"#),
            r#"{"alg":"ES256","typ":"at+jwt"}"#.to_owned(),
            format!(r#"{{"alg":"none","typ":"at+jwt","kid":"{own}"}}"#),
            format!(r#"{{"alg":"HS256","typ":"at+jwt","kid":"{own}"}}"#),
            format!(r#"{{"typ":"at+jwt","kid":"{own}"}}"#),
            format!(r#"{{"alg":"ES256","typ":"JWT","kid":"{own}"}}"#),
            format!(r#"{{"alg":"ES256","kid":"{own}"}}"#),
            format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{own}","crit":["exp"]}}"#),
            format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{own}","jwk":{{}}}}"#),
        ] {
            assert!(!accepts(&header), "{header}");
        }
    }

    #[test]
    fn neither_keys_nor_anything_of_them_can_be_printed() {
        let der = generate().unwrap();
        let keys = SigningKeys::new(vec![SigningKey::from_pkcs8("k", &der).unwrap()]);
        let kid = &keys.published().next().unwrap().kid;
        assert_eq!(format!("{keys:?}"), format!("[{kid:?}]"));
    }
}

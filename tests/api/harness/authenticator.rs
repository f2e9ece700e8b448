//! A software authenticator, with the browser that talks to it.
//!
//! ```ignore
//! let mut key = Authenticator::new();
//! key.flags |= UV;                          // it verifies its user
//! key.origin = "https://evil.example".to_owned();
//! let credential = key.create(&options);    // for `POST /api/auth/passkeys`
//! let credential = key.get(&options);       // for `validate`, `sign-in`, `reauthenticate`
//! ```
//!
//! `options` is the JSON that the service answered. Every field may be changed between calls. A clone has copies
//! of the private keys. The unit tests of `src/crypto/webauthn` include this file too.
#![allow(dead_code, reason = "the two that include it use different parts")]

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use minicbor::Encoder;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// The user was present.
pub const UP: u8 = 0x01;
/// The user was verified.
pub const UV: u8 = 0x04;
/// The credential may be backed up.
pub const BE: u8 = 0x08;
/// The credential is backed up.
pub const BS: u8 = 0x10;
/// Set by the authenticator itself, where it has credential data or extensions.
pub const AT: u8 = 0x40;
pub const ED: u8 = 0x80;

/// ring makes no RSA keys: this one was made once, by `openssl genpkey`, and protects nothing.
const RSA_KEY: &[u8] = include_bytes!("authenticator_rsa.pk8");

/// What a key signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Es256,
    EdDsa,
    Rs256,
}

impl Algorithm {
    /// Its number in the registry of COSE.
    pub fn number(self) -> i16 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }
}

#[derive(Clone)]
enum PrivateKey {
    Es256(Arc<EcdsaKeyPair>),
    EdDsa(Arc<Ed25519KeyPair>),
    Rs256(Arc<RsaKeyPair>),
}

/// A credential with its private key.
#[derive(Clone)]
pub struct Credential {
    pub id: Vec<u8>,
    rp_id: String,
    user_handle: Vec<u8>,
    algorithm: Algorithm,
    key: PrivateKey,
}

impl Credential {
    fn generate(algorithm: Algorithm, rp_id: &str, user_handle: Vec<u8>) -> Self {
        let random = SystemRandom::new();
        let key = match algorithm {
            Algorithm::Es256 => {
                let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
                let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
                let pair = EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &random).unwrap();
                PrivateKey::Es256(Arc::new(pair))
            }
            Algorithm::EdDsa => {
                let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
                PrivateKey::EdDsa(Arc::new(pair))
            }
            Algorithm::Rs256 => {
                PrivateKey::Rs256(Arc::new(RsaKeyPair::from_pkcs8(RSA_KEY).unwrap()))
            }
        };
        let id = rand::random::<[u8; 32]>().to_vec();
        Self { id, rp_id: rp_id.to_owned(), user_handle, algorithm, key }
    }

    /// The public key as a `COSE_Key`.
    pub fn cose_key(&self) -> Vec<u8> {
        let algorithm = self.algorithm.number();
        cbor(|cbor| match &self.key {
            PrivateKey::Es256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                cbor.map(5)?.u8(1)?.u8(2)?.u8(3)?.i16(algorithm)?.i8(-1)?.u8(1)?;
                cbor.i8(-2)?.bytes(x)?.i8(-3)?.bytes(y)?.ok()
            }
            PrivateKey::EdDsa(pair) => {
                cbor.map(4)?.u8(1)?.u8(1)?.u8(3)?.i16(algorithm)?.i8(-1)?.u8(6)?;
                cbor.i8(-2)?.bytes(pair.public_key().as_ref())?.ok()
            }
            PrivateKey::Rs256(pair) => {
                let key = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                cbor.map(4)?.u8(1)?.u8(3)?.u8(3)?.i16(algorithm)?;
                cbor.i8(-1)?.bytes(&key.n)?.i8(-2)?.bytes(&key.e)?.ok()
            }
        })
    }

    /// Signs the authenticator data with the digest of the client data.
    pub fn sign(&self, authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
        let message = [authenticator_data, &Sha256::digest(client_data)].concat();
        let random = SystemRandom::new();
        match &self.key {
            PrivateKey::Es256(pair) => pair.sign(&random, &message).unwrap().as_ref().to_vec(),
            PrivateKey::EdDsa(pair) => pair.sign(&message).as_ref().to_vec(),
            PrivateKey::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature).unwrap();
                signature
            }
        }
    }
}

/// An authenticator and its browser.
#[derive(Clone)]
pub struct Authenticator {
    /// The origin that the browser reports.
    pub origin: String,
    /// Further members of the client data, or other values of `type`, `challenge`, `origin`, `crossOrigin`.
    pub client_data: Map<String, Value>,
    /// What new credentials sign with.
    pub algorithm: Algorithm,
    /// What it says about its user and its credentials: [`UP`] only, at first.
    pub flags: u8,
    /// The counter of the last signature.
    pub counter: u32,
    /// Whether each signature raises the counter.
    pub counts: bool,
    /// Whether new credentials are attested by themselves (`packed`) instead of not at all.
    pub attests: bool,
    /// Extension outputs, in CBOR.
    pub extensions: Option<Vec<u8>>,
    /// Its credentials, oldest first.
    pub credentials: Vec<Credential>,
}

impl Authenticator {
    /// An authenticator that signs with ES256, does not verify its user and has no counter, in a browser at
    /// `http://localhost:3000`.
    pub fn new() -> Self {
        Self {
            origin: "http://localhost:3000".to_owned(),
            client_data: Map::new(),
            algorithm: Algorithm::Es256,
            flags: UP,
            counter: 0,
            counts: false,
            attests: false,
            extensions: None,
            credentials: Vec::new(),
        }
    }

    /// Makes a credential: `PublicKeyCredentialCreationOptionsJSON` in, `RegistrationResponseJSON` out.
    pub fn create(&mut self, options: &Value) -> Value {
        let number = self.algorithm.number();
        let asked = options["pubKeyCredParams"].as_array().unwrap();
        assert!(asked.iter().any(|kind| kind["alg"] == number), "{number} is not asked for");
        let user = decode(&options["user"]["id"]);
        let credential =
            Credential::generate(self.algorithm, options["rp"]["id"].as_str().unwrap(), user);
        let client_data = self.client_data("webauthn.create", options);
        let data = self.authenticator_data(&credential.rp_id, Some(&credential));
        let object = cbor(|cbor| {
            cbor.map(3)?.str("fmt")?.str(if self.attests { "packed" } else { "none" })?;
            cbor.str("attStmt")?;
            if self.attests {
                cbor.map(2)?.str("alg")?.i16(number)?;
                cbor.str("sig")?.bytes(&credential.sign(&data, &client_data))?;
            } else {
                cbor.map(0)?;
            }
            cbor.str("authData")?.bytes(&data)?.ok()
        });
        let response = json!({
            "clientDataJSON": encode(&client_data),
            "attestationObject": encode(&object),
            "authenticatorData": encode(&data),
            "publicKeyAlgorithm": number,
            "transports": ["internal"],
        });
        let json = answer(&credential, &response);
        self.credentials.push(credential);
        json
    }

    /// Signs with the newest credential that fits: `PublicKeyCredentialRequestOptionsJSON` in,
    /// `AuthenticationResponseJSON` out.
    pub fn get(&mut self, options: &Value) -> Value {
        let rp_id = options["rpId"].as_str().unwrap();
        let allowed = options["allowCredentials"].as_array().filter(|list| !list.is_empty());
        let fits = |credential: &&Credential| {
            let is_it = |allowed: &Value| decode(&allowed["id"]) == credential.id;
            credential.rp_id == rp_id && allowed.is_none_or(|list| list.iter().any(is_it))
        };
        let credential = self.credentials.iter().rev().find(fits).unwrap().clone();
        let client_data = self.client_data("webauthn.get", options);
        let data = self.authenticator_data(rp_id, None);
        let mut response = json!({
            "clientDataJSON": encode(&client_data),
            "authenticatorData": encode(&data),
            "signature": encode(&credential.sign(&data, &client_data)),
        });
        // Authenticators name the user where the relying party did not.
        if allowed.is_none() {
            response["userHandle"] = encode(&credential.user_handle).into();
        }
        answer(&credential, &response)
    }

    /// The bytes of `clientDataJSON`.
    pub fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let mut members = Map::new();
        members.insert("type".to_owned(), kind.into());
        members.insert("challenge".to_owned(), options["challenge"].clone());
        members.insert("origin".to_owned(), self.origin.clone().into());
        members.insert("crossOrigin".to_owned(), false.into());
        members.extend(self.client_data.clone());
        serde_json::to_vec(&members).unwrap()
    }

    /// The authenticator data of the next signature, with a credential if that is new.
    pub fn authenticator_data(&mut self, rp_id: &str, new: Option<&Credential>) -> Vec<u8> {
        if self.counts {
            self.counter += 1;
        }
        let has_extensions = if self.extensions.is_some() { ED } else { 0 };
        let is_new = if new.is_some() { AT } else { 0 };
        let mut data = Sha256::digest(rp_id).to_vec();
        data.push(self.flags | has_extensions | is_new);
        data.extend(self.counter.to_be_bytes());
        if let Some(credential) = new {
            data.extend([0; 16]);
            data.extend(u16::try_from(credential.id.len()).unwrap().to_be_bytes());
            data.extend(&credential.id);
            data.extend(credential.cose_key());
        }
        data.extend(self.extensions.iter().flatten());
        data
    }
}

fn answer(credential: &Credential, response: &Value) -> Value {
    let id = encode(&credential.id);
    json!({
        "id": id,
        "rawId": id,
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
        "response": response,
    })
}

/// Encodes CBOR. Writing into a vector never fails.
pub fn cbor(
    write: impl FnOnce(
        &mut Encoder<Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<std::convert::Infallible>>,
) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    write(&mut encoder).unwrap();
    encoder.into_writer()
}

/// Encodes bytes as the JSON has them.
pub fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Decodes bytes of the JSON.
pub fn decode(text: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_str().unwrap().as_bytes()).unwrap()
}

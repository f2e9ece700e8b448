//! Passkeys: one private key for all accounts, with a credential of each; and what a browser sends to sign in.

use bson::oid::ObjectId;
use bson::{DateTime, Document, doc};
use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::token::{binary, bits};
use crate::fault::{Fault, Result, fault};
use crate::limit::script::Identity;

const RP_ID: &str = "localhost";
/// Present, verified, eligible for backup and backed up: a synced passkey.
const FLAGS: u8 = 0x1d;
/// `COSE_Key` up to the coordinates: EC2, ES256, P-256 (RFC 9053, section 7.1).
const COSE: [u8; 7] = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01];
/// A coordinate's key in that map is followed by this: a string of 32 bytes.
const COORDINATE: [u8; 2] = [0x58, 0x20];

/// An authenticator that has a passkey of everybody.
pub struct Authenticator {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Authenticator {
    /// With a new key.
    pub fn new() -> Result<Self> {
        let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &random).map_err(unspecified)?;
        let pair = EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &random);
        let pair = pair.map_err(|error| fault(error.to_string()))?;
        Ok(Self { pair, random })
    }

    /// The public key as accounts store it.
    pub fn public_key(&self) -> Result<Vec<u8>> {
        let point = self.pair.public_key().as_ref();
        let (x, y) = point.get(1..).unwrap_or_default().split_at_checked(32).unwrap_or_default();
        if y.len() != 32 {
            return Err(fault("a public key that is no point"));
        }
        Ok([&COSE, &[0x21][..], &COORDINATE, x, &[0x22], &COORDINATE, y].concat())
    }

    /// Signs a challenge of the service at a port. The credential's id is not signed, so the signature serves every account.
    pub fn sign(&self, challenge: &str, port: u16) -> Result<Signed> {
        let client_data = json!({
            "type": "webauthn.get",
            "challenge": challenge,
            "origin": format!("http://{RP_ID}:{port}"),
            "crossOrigin": false,
        });
        let client_data = serde_json::to_vec(&client_data)?;
        let data = [&Sha256::digest(RP_ID)[..], &[FLAGS], &[0; 4]].concat();
        let message = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature = self.pair.sign(&self.random, &message).map_err(unspecified)?;
        let response = json!({
            "clientDataJSON": BASE64URL_NOPAD.encode(&client_data),
            "authenticatorData": BASE64URL_NOPAD.encode(&data),
            "signature": BASE64URL_NOPAD.encode(signature.as_ref()),
        });
        Ok(Signed(response))
    }
}

/// A signed challenge.
pub struct Signed(Value);

impl Signed {
    /// The body of an account's sign-in.
    pub fn body(&self, user: ObjectId) -> String {
        let id = BASE64URL_NOPAD.encode(&credential_id(user));
        let mut response = self.0.clone();
        if let Some(members) = response.as_object_mut() {
            members.insert("userHandle".to_owned(), BASE64URL_NOPAD.encode(&user.bytes()).into());
        }
        let credential =
            json!({ "id": id, "rawId": id, "type": "public-key", "response": response });
        json!({ "credential": credential }).to_string()
    }
}

/// An account's passkey as it is stored.
pub fn stored(user: ObjectId, key: &[u8], now: DateTime) -> Document {
    doc! {
        "id": binary(credential_id(user)),
        "key": binary(key.to_vec()),
        "counter": 0_i64,
        "uv": true,
        "be": true,
        "bs": true,
        "name": "Passkey",
        "created": now,
        "aaguid": binary(vec![0; 16]),
    }
}

/// The account that a sign-in's body names, and its passkey.
pub fn signer(body: &[u8]) -> Result<Identity> {
    let body: Value = serde_json::from_slice(body)?;
    let handle = body.pointer("/credential/response/userHandle").and_then(Value::as_str);
    let handle = handle.ok_or_else(|| fault("the body names no user"))?;
    let bytes = BASE64URL_NOPAD.decode(handle.as_bytes())?;
    let id = ObjectId::from_bytes(*bytes.first_chunk().ok_or_else(|| fault("a short user id"))?);
    Ok(identity(id))
}

/// What is particular to an account in the commands of its sign-in.
pub fn identity(id: ObjectId) -> Identity {
    Identity { id, email: String::new(), key: Some(binary(credential_id(id))) }
}

fn credential_id(user: ObjectId) -> Vec<u8> {
    bits("passkey", &user.bytes()).to_vec()
}

fn unspecified(error: ring::error::Unspecified) -> Fault {
    fault(error.to_string())
}

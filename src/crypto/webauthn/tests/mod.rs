//! What is accepted, and each rule by something that only this rule refuses.

mod any_bytes;
mod assertions;
mod attestations;
#[path = "../../../../tests/api/harness/authenticator.rs"]
mod authenticator;
mod clients;
mod data;
mod keys;
mod peer;
mod vectors;

use serde_json::{Value, json};

use self::authenticator::{
    AT, Algorithm, Authenticator, BE, BS, Credential, ED, UP, UV, cbor, decode, encode,
};
use super::*;
use crate::domain::clock::Moment;
use crate::domain::passkey::CredentialId;
use crate::domain::passkey::name::PasskeyName;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256];
const CHALLENGE: Challenge = Challenge([7; 32]);
const RP_ID: &str = "localhost";

fn party() -> RelyingParty {
    let origins = ["http://localhost:3000", "https://example.com"].map(str::to_owned).into();
    RelyingParty::new(RP_ID.to_owned(), origins)
}

fn creation() -> Value {
    let kinds = ALGORITHMS.map(|kind| json!({"type": "public-key", "alg": kind.number()}));
    json!({
        "rp": {"id": RP_ID},
        "user": {"id": encode(b"twelve bytes")},
        "challenge": CHALLENGE.encode(),
        "pubKeyCredParams": kinds,
    })
}

fn request() -> Value {
    json!({"rpId": RP_ID, "challenge": CHALLENGE.encode()})
}

fn attestation(json: &Value) -> Attestation {
    let response = &json["response"];
    Attestation {
        id: CredentialId::parse(decode(&json["id"])).unwrap(),
        client_data: decode(&response["clientDataJSON"]),
        object: decode(&response["attestationObject"]),
    }
}

fn assertion(json: &Value) -> Assertion {
    let response = &json["response"];
    Assertion {
        id: CredentialId::parse(decode(&json["id"])).unwrap(),
        client_data: decode(&response["clientDataJSON"]),
        authenticator_data: decode(&response["authenticatorData"]),
        signature: decode(&response["signature"]),
        user_handle: None,
    }
}

fn register_by(attestation: &Attestation) -> Result<NewCredential, Refused> {
    party().register(&CHALLENGE.digest(), attestation)
}

/// Registers a new credential of `key`.
fn register(key: &mut Authenticator) -> Result<NewCredential, Refused> {
    register_by(&attestation(&key.create(&creation())))
}

/// A passkey that `key` just made.
fn passkey(key: &mut Authenticator) -> Passkey {
    stored(register(key).unwrap())
}

fn stored(credential: NewCredential) -> Passkey {
    let now = Moment::from_timestamp_millis(0).unwrap();
    Passkey::of(credential, PasskeyName::stored("key"), now)
}

fn verify(assertion: &Assertion, passkey: &Passkey) -> Result<VerifiedAssertion, Refused> {
    party().verify(&CHALLENGE.digest(), assertion, passkey)
}

/// Signs with the newest credential of `key`.
fn sign(key: &mut Authenticator, passkey: &Passkey) -> Result<VerifiedAssertion, Refused> {
    verify(&assertion(&key.get(&request())), passkey)
}

/// An authenticator with this algorithm.
fn with(algorithm: Algorithm) -> Authenticator {
    let mut key = Authenticator::new();
    key.algorithm = algorithm;
    key
}

/// An attestation object.
fn object(format: &str, statement: &[u8], authenticator_data: &[u8]) -> Vec<u8> {
    let data = cbor(|cbor| cbor.bytes(authenticator_data)?.ok());
    [b"\xa3\x63fmt", &text(format)[..], b"\x67attStmt", statement, b"\x68authData", &data].concat()
}

fn text(text: &str) -> Vec<u8> {
    cbor(|cbor| cbor.str(text)?.ok())
}

/// Why something was refused.
#[track_caller]
fn why<T>(outcome: Result<T, Refused>) -> &'static str {
    outcome.err().expect("it was accepted").0
}

/// The digest of the challenge that an answer was made for.
fn challenge_of(client_data: &[u8]) -> Option<ChallengeDigest> {
    ClientData::parse(client_data).ok()?.challenge()
}

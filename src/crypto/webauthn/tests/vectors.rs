//! The specification's own test vectors.

use data_encoding::HEXLOWER;

use super::*;

/// Those that ask for something that is not offered here, and why they are refused.
const REFUSED: [(&str, &str); 5] = [
    ("none-es256-crossOrigin", "embedded in another origin"),
    ("none-es256-topOrigin", "embedded in another origin"),
    ("packed-es384", "an algorithm that was not asked for"),
    ("packed-es512", "an algorithm that was not asked for"),
    ("packed-ed448", "an algorithm that was not asked for"),
];

fn bytes(of: &Value, name: &str) -> Vec<u8> {
    HEXLOWER.decode(of[name].as_str().unwrap().as_bytes()).unwrap()
}

fn challenge(of: &Value) -> ChallengeDigest {
    ChallengeDigest::from_bytes(Sha256::digest(bytes(of, "challenge")).into())
}

fn party() -> RelyingParty {
    RelyingParty::new("example.org".to_owned(), vec!["https://example.org".to_owned()])
}

fn register(vector: &Value) -> Result<Passkey, Refused> {
    let made = &vector["reg"];
    let attestation = Attestation {
        id: CredentialId::parse(bytes(made, "credential_id")).unwrap(),
        client_data: bytes(made, "clientDataJSON"),
        object: bytes(made, "attestationObject"),
    };
    assert_eq!(challenge_of(&attestation.client_data), Some(challenge(made)));
    party().register(&challenge(made), &attestation).map(stored)
}

fn verify(vector: &Value, passkey: &Passkey) -> Result<VerifiedAssertion, Refused> {
    let signed = &vector["auth"];
    let assertion = Assertion {
        id: passkey.id.clone(),
        client_data: bytes(signed, "clientDataJSON"),
        authenticator_data: bytes(signed, "authenticatorData"),
        signature: bytes(signed, "signature"),
        user_handle: None,
    };
    party().verify(&challenge(signed), &assertion, passkey)
}

#[test]
fn the_vectors_of_the_specification_are_accepted_or_refused_as_they_should() {
    let file: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 15);
    let mut refused = Vec::new();
    for vector in vectors {
        let name = vector["name"].as_str().unwrap();
        match register(vector) {
            Ok(passkey) => assert!(verify(vector, &passkey).is_ok(), "{name}"),
            Err(reason) => refused.push((name, reason.0)),
        }
    }
    assert_eq!(refused, REFUSED);
}

//! Attestation objects and statements (sections 6.5.4 and 8).

use super::*;

/// A new credential, its authenticator data, and what else a registration has.
struct New {
    credential: Credential,
    data: Vec<u8>,
    client_data: Vec<u8>,
}

impl New {
    fn of(algorithm: Algorithm) -> Self {
        let mut key = with(algorithm);
        key.create(&creation());
        let credential = key.credentials[0].clone();
        let data = key.authenticator_data(RP_ID, Some(&credential));
        Self { credential, data, client_data: key.client_data("webauthn.create", &creation()) }
    }

    fn register(&self, format: &str, statement: &[u8]) -> Result<NewCredential, Refused> {
        self.register_object(object(format, statement, &self.data))
    }

    fn register_object(&self, object: Vec<u8>) -> Result<NewCredential, Refused> {
        let id = CredentialId::parse(self.credential.id.clone()).unwrap();
        register_by(&Attestation { id, client_data: self.client_data.clone(), object })
    }

    fn signature(&self) -> Vec<u8> {
        self.credential.sign(&self.data, &self.client_data)
    }
}

fn packed(algorithm: i16, signature: &[u8]) -> Vec<u8> {
    cbor(|cbor| cbor.map(2)?.str("alg")?.i16(algorithm)?.str("sig")?.bytes(signature)?.ok())
}

#[test]
fn none_has_an_empty_statement() {
    let new = New::of(Algorithm::Es256);
    assert!(new.register("none", b"\xa0").is_ok());
    for statement in [&b"\xa1\x01\x01"[..], b"\x80", b"\xf6", &packed(-7, &new.signature())] {
        assert_eq!(why(new.register("none", statement)), "a statement where there is none");
    }
}

#[test]
fn a_self_attestation_must_hold() {
    for algorithm in ALGORITHMS {
        let mut key = with(algorithm);
        key.attests = true;
        assert!(register(&mut key).is_ok(), "{algorithm:?}");
        let new = New::of(algorithm);
        let (number, mut signature) = (algorithm.number(), new.signature());
        assert!(new.register("packed", &packed(number, &signature)).is_ok());
        let outcome = new.register("packed", &packed(-35, &signature));
        assert_eq!(why(outcome), "a statement of another algorithm");
        *signature.last_mut().unwrap() ^= 1;
        let outcome = new.register("packed", &packed(number, &signature));
        assert_eq!(why(outcome), "the signature is wrong", "{algorithm:?}");
    }
}

#[test]
fn a_self_attestation_lacks_nothing() {
    let new = New::of(Algorithm::Es256);
    let without_signature = cbor(|cbor| cbor.map(1)?.str("alg")?.i8(-7)?.ok());
    let outcome = new.register("packed", &without_signature);
    assert_eq!(why(outcome), "a statement lacks its signature");
    let signature = new.signature();
    let without_algorithm = cbor(|cbor| cbor.map(1)?.str("sig")?.bytes(&signature)?.ok());
    let outcome = new.register("packed", &without_algorithm);
    assert_eq!(why(outcome), "a statement of another algorithm");
    assert_eq!(why(new.register("packed", b"\x80")), "a packed statement is not a map");
}

#[test]
fn other_statements_are_not_evaluated() {
    let new = New::of(Algorithm::Es256);
    let certified = cbor(|cbor| {
        cbor.map(3)?.str("alg")?.i8(-7)?.str("sig")?.bytes(b"any")?;
        cbor.str("x5c")?.array(1)?.bytes(b"any")?.ok()
    });
    assert!(new.register("packed", &certified).is_ok());
    for format in ["tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "new", ""] {
        for statement in [&b"\xa0"[..], b"\x81\xa1\x63ver\x01", &certified] {
            assert!(new.register(format, statement).is_ok(), "{format}");
        }
    }
}

#[test]
fn an_object_lacks_nothing_and_has_nothing_after_it() {
    let new = New::of(Algorithm::Es256);
    let right = object("none", &[0xa0], &new.data);
    assert!(new.register_object(right.clone()).is_ok());
    let more = [&[0xa4], &right[1..], &text("epAtt"), &[0xf5]].concat();
    assert!(new.register_object(more).is_ok(), "a further member");
    let lacks = "the attestation object lacks a member";
    for name in ["fmt", "attStmt", "authData"] {
        let at = right.windows(name.len()).position(|bytes| bytes == name.as_bytes()).unwrap();
        let mut without = right.clone();
        without[at] = b'-';
        assert_eq!(why(new.register_object(without)), lacks, "{name}");
    }
    let data = cbor(|cbor| cbor.bytes(&new.data)?.ok());
    let wrong_types = [b"\xa3\x63fmt\x01\x67attStmt\xa0\x68authData", &data[..]].concat();
    assert_eq!(why(new.register_object(wrong_types)), lacks);
    let twice = [&[0xa4], &right[1..], &text("fmt"), &text("none")].concat();
    assert_eq!(why(new.register_object(twice)), "not a map in strict CBOR");
    assert_eq!(why(new.register_object([&right[..], &[0]].concat())), "bytes after a map");
    for length in 0..right.len() {
        assert!(new.register_object(right[..length].to_vec()).is_err(), "{length}");
    }
}

#[test]
fn an_object_has_a_longest() {
    let new = New::of(Algorithm::Es256);
    let padded = |length: usize| {
        let bare = object("x", &[0xa0], &new.data).len() + 2;
        let padding = cbor(|cbor| cbor.bytes(&vec![0; length - bare])?.ok());
        let object = object("x", &padding, &new.data);
        assert_eq!(object.len(), length);
        new.register_object(object)
    };
    assert!(padded(16 * 1024).is_ok());
    assert_eq!(why(padded(16 * 1024 + 1)), "the attestation object is too long");
}

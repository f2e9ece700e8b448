//! Authenticator data (section 6.1), at a registration, where no statement signs it.

use super::*;

/// Registers with this authenticator data, as the credential `id`.
fn register_data(data: &[u8], id: &[u8]) -> Result<NewCredential, Refused> {
    let client_data = Authenticator::new().client_data("webauthn.create", &creation());
    let id = CredentialId::parse(id.to_vec()).unwrap();
    register_by(&Attestation { id, client_data, object: object("none", &[0xa0], data) })
}

/// The id and the authenticator data of a new credential.
fn right() -> (Vec<u8>, Vec<u8>) {
    let mut key = Authenticator::new();
    key.create(&creation());
    let made = key.credentials[0].clone();
    (made.id.clone(), key.authenticator_data(RP_ID, Some(&made)))
}

const FLAGS: usize = 32;

/// Authenticator data of a credential with this id and key.
fn data_of(id: &[u8], key: &[u8]) -> Vec<u8> {
    let length = u16::try_from(id.len()).unwrap().to_be_bytes();
    let head = [&Sha256::digest(RP_ID)[..], &[UP | AT, 0, 0, 0, 0], &[0; 16], &length];
    [&head.concat()[..], id, key].concat()
}

#[test]
fn what_it_says_is_taken_over() {
    let (id, mut data) = right();
    data[FLAGS] |= UV | BE | BS;
    data[33..37].copy_from_slice(&7_u32.to_be_bytes());
    data[37..53].copy_from_slice(&[9; 16]);
    let made = register_data(&data, &id).unwrap();
    assert_eq!((made.id.bytes(), made.counter, made.aaguid), (&id[..], 7, [9; 16]));
    assert_eq!(made.key.bytes(), &data[55 + id.len()..]);
    let flags = made.flags;
    assert!(flags.user_verified && flags.backup_eligible && flags.backed_up);
    data[FLAGS] = UP | AT;
    let flags = register_data(&data, &id).unwrap().flags;
    assert!(!flags.user_verified && !flags.backup_eligible && !flags.backed_up);
}

#[test]
fn reserved_bits_are_ignored() {
    let (id, mut data) = right();
    data[FLAGS] |= 0x22;
    assert!(register_data(&data, &id).is_ok());
}

#[test]
fn another_relying_party_is_refused() {
    let (id, mut data) = right();
    data[31] ^= 1;
    assert_eq!(why(register_data(&data, &id)), "another relying party");
}

#[test]
fn flags_that_do_not_fit_are_refused() {
    for (flags, reason) in [
        (AT, "the user was not present"),
        (UV | AT, "the user was not present"),
        (UP | BS | AT, "backed up without being eligible"),
        (UP, "bytes after the authenticator data"),
        (UP | AT | ED, "not a map in strict CBOR"),
    ] {
        let (id, mut data) = right();
        data[FLAGS] = flags;
        assert_eq!(why(register_data(&data, &id)), reason, "{flags:#x}");
    }
    let (id, mut data) = right();
    data[FLAGS] = UP;
    data.truncate(37);
    assert_eq!(why(register_data(&data, &id)), "no credential");
}

#[test]
fn extensions_are_read_and_ignored() {
    let with = |extensions: &[u8]| {
        let (id, mut data) = right();
        data[FLAGS] |= ED;
        data.extend(extensions);
        register_data(&data, &id)
    };
    let protect = cbor(|cbor| cbor.map(2)?.str("credProtect")?.u8(2)?.str("x")?.f64(1.5)?.ok());
    assert!(with(&protect).is_ok());
    assert!(with(b"\xa0").is_ok());
    for wrong in [&b"\xa1"[..], b"\x80", b"\x01", b"\xbf\xff", b"\xa2\x01\x01\x01\x02"] {
        assert_eq!(why(with(wrong)), "not a map in strict CBOR", "{wrong:x?}");
    }
    assert_eq!(why(with(b"\xa0\xa0")), "bytes after a map");
    let (id, mut data) = right();
    data.extend(b"\xa0");
    assert_eq!(why(register_data(&data, &id)), "bytes after the authenticator data");
}

#[test]
fn every_shorter_one_is_refused() {
    let (id, data) = right();
    for length in 0..data.len() {
        assert!(register_data(&data[..length], &id).is_err(), "{length}");
    }
}

#[test]
fn the_id_has_16_to_1023_bytes_and_is_the_one_that_was_sent() {
    let key = data_of(&[], &[]);
    assert_eq!(key.len(), 55);
    let cose = {
        let (id, data) = right();
        data[55 + id.len()..].to_vec()
    };
    for length in [16, 17, 1023] {
        let id = vec![5; length];
        assert!(register_data(&data_of(&id, &cose), &id).is_ok(), "{length}");
    }
    for length in [0, 1, 15, 1024, 4096] {
        let outcome = register_data(&data_of(&vec![5; length], &cose), &[5; 1023]);
        assert_eq!(why(outcome), "the id is too short or too long", "{length}");
    }
    let outcome = register_data(&data_of(&[5; 16], &cose), &[5; 17]);
    assert_eq!(why(outcome), "another credential id");
}

#[test]
fn the_key_has_at_most_1024_bytes() {
    let (id, data) = right();
    let cose = &data[55 + id.len()..];
    let padded = |length: usize| {
        // A sixth member: the label 0x18 0x64, and bytes.
        let padding = vec![0; length - cose.len() - 5];
        let member = cbor(|cbor| cbor.u8(100)?.bytes(&padding)?.ok());
        let key = [&[0xa6], &cose[1..], &member].concat();
        assert_eq!(key.len(), length);
        register_data(&data_of(&id, &key), &id)
    };
    assert!(padded(1024).is_ok());
    assert_eq!(why(padded(1025)), "the key is too long");
}

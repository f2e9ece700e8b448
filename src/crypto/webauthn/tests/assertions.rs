//! Assertions (section 7.2).

use super::*;

#[test]
fn what_the_authenticator_says_is_reported() {
    for algorithm in ALGORITHMS {
        let mut key = with(algorithm);
        key.flags |= BE;
        let passkey = passkey(&mut key);
        key.flags |= UV | BS;
        (key.counts, key.counter) = (true, 41);
        let verified = sign(&mut key, &passkey).unwrap();
        let expected = VerifiedAssertion { user_verified: true, backed_up: true, counter: 42 };
        assert_eq!(verified, expected, "{algorithm:?}");
    }
}

#[test]
fn user_verification_and_counters_are_left_to_the_caller() {
    let mut key = Authenticator::new();
    key.flags |= UV;
    key.counter = 5;
    let passkey = passkey(&mut key);
    (key.flags, key.counter) = (UP, 4);
    let verified = sign(&mut key, &passkey).unwrap();
    assert!(!verified.user_verified && verified.counter == 4);
}

#[test]
fn a_signature_of_another_key_is_refused() {
    for algorithm in ALGORITHMS {
        let passkey = passkey(&mut with(algorithm));
        // Fixed, so that the RSA key differs too.
        let mut other =
            with(if algorithm == Algorithm::EdDsa { Algorithm::Es256 } else { Algorithm::EdDsa });
        other.create(&creation());
        let mut signed = assertion(&other.get(&request()));
        signed.id = passkey.id.clone();
        assert_eq!(why(verify(&signed, &passkey)), "the signature is wrong", "{algorithm:?}");
    }
}

/// A part of an assertion.
type Part = fn(&mut Assertion) -> &mut Vec<u8>;

#[test]
fn no_bit_of_what_was_signed_can_be_changed() {
    let parts: [Part; 3] =
        [|it| &mut it.client_data, |it| &mut it.authenticator_data, |it| &mut it.signature];
    for algorithm in ALGORITHMS {
        let mut key = with(algorithm);
        let passkey = passkey(&mut key);
        let signed = assertion(&key.get(&request()));
        assert!(verify(&signed, &passkey).is_ok());
        for part in parts {
            for at in 0..part(&mut signed.clone()).len() {
                let mut changed = signed.clone();
                part(&mut changed)[at] ^= 1 << (at % 8);
                assert!(verify(&changed, &passkey).is_err(), "{algorithm:?}, byte {at}");
            }
            let mut longer = signed.clone();
            part(&mut longer).push(0);
            assert!(verify(&longer, &passkey).is_err(), "{algorithm:?}, longer");
        }
    }
}

#[test]
fn another_credential_id_is_refused() {
    let mut key = Authenticator::new();
    let passkey = passkey(&mut key);
    let mut signed = assertion(&key.get(&request()));
    signed.id = CredentialId::parse(vec![1; 16]).unwrap();
    assert_eq!(why(verify(&signed, &passkey)), "another credential id");
}

#[test]
fn backup_eligibility_never_changes() {
    for (first, then) in [(UP, UP | BE), (UP | BE, UP)] {
        let mut key = Authenticator::new();
        key.flags = first;
        let passkey = passkey(&mut key);
        key.flags = then;
        assert_eq!(why(sign(&mut key, &passkey)), "another backup eligibility");
    }
}

#[test]
fn what_holds_for_any_authenticator_data_holds_for_assertions() {
    let mut key = Authenticator::new();
    let passkey = passkey(&mut key);
    key.flags = UV;
    assert_eq!(why(sign(&mut key, &passkey)), "the user was not present");
    key.flags = UP | BS;
    assert_eq!(why(sign(&mut key, &passkey)), "backed up without being eligible");
    key.flags = UP;
    // The credential is another party's, and signs what it should not.
    let client_data = key.client_data("webauthn.get", &request());
    let data = key.authenticator_data("example.com", None);
    let signature = key.credentials[0].sign(&data, &client_data);
    let id = passkey.id.clone();
    let signed =
        Assertion { id, client_data, authenticator_data: data, signature, user_handle: None };
    assert_eq!(why(verify(&signed, &passkey)), "another relying party");
}

#[test]
fn an_answer_of_another_ceremony_is_refused() {
    let mut key = Authenticator::new();
    let passkey = passkey(&mut key);
    key.client_data.insert("type".to_owned(), "webauthn.create".into());
    assert_eq!(why(sign(&mut key, &passkey)), "another type of client data");
}

#[test]
fn a_challenge_is_random_and_matches_its_own_digest_only() {
    let (one, other) = (Challenge::generate(), Challenge::generate());
    assert_ne!(one.encode(), other.encode());
    assert_ne!(one.digest(), other.digest());
    let mut key = Authenticator::new();
    let mut options = creation();
    options["challenge"] = one.encode().into();
    let made = attestation(&key.create(&options));
    assert!(party().register(&one.digest(), &made).is_ok());
    assert_eq!(why(party().register(&other.digest(), &made)), "another challenge");
    assert_eq!(challenge_of(&made.client_data), Some(one.digest()));
}

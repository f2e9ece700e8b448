//! No bytes make the verification panic.

use proptest::prelude::*;

use super::super::cose::PublicKey;
use super::*;

proptest! {
    #[test]
    fn any_bytes_are_refused_and_never_panic(bytes: Vec<u8>) {
        let mut key = Authenticator::new();
        let passkey = passkey(&mut key);
        let signed = assertion(&key.get(&request()));
        let made = attestation(&key.create(&creation()));
        prop_assert_eq!(challenge_of(&bytes), None);
        prop_assert!(PublicKey::parse(&bytes).is_err());
        for attestation in [
            Attestation { object: bytes.clone(), ..made.clone() },
            Attestation { object: object("none", b"\xa0", &bytes), ..made.clone() },
            Attestation { client_data: bytes.clone(), ..made },
        ] {
            prop_assert!(register_by(&attestation).is_err());
        }
        for assertion in [
            Assertion { client_data: bytes.clone(), ..signed.clone() },
            Assertion { authenticator_data: bytes.clone(), ..signed.clone() },
            Assertion { signature: bytes, ..signed },
        ] {
            prop_assert!(verify(&assertion, &passkey).is_err());
        }
    }

    /// Damage that no rule forbids (another name of a format, say) may be accepted.
    #[test]
    fn a_damaged_object_never_panics(at: prop::sample::Index, put: Vec<u8>, cut in 0..40_usize) {
        let mut key = Authenticator::new();
        key.attests = true;
        let mut made = attestation(&key.create(&creation()));
        let at = at.index(made.object.len());
        let end = (at + cut).min(made.object.len());
        made.object.splice(at..end, put);
        let _any = register_by(&made);
    }
}

//! Assertions (section 7.2).

use super::*;

#[test]
fn what_the_authenticator_says_is_reported() {
    for algorithm in ALGORITHMS {
        let mut key = Authenticator::new();
        key.algorithm = algorithm;
        let passkey = passkey(register(&mut key).unwrap());
        key.flags |= UV;
        (key.counts, key.counter) = (true, 41);
        let verified = sign(&mut key, &passkey).unwrap();
        let expected = VerifiedAssertion { user_verified: true, backed_up: false, counter: 42 };
        assert_eq!(verified, expected, "{algorithm:?}");
    }
}

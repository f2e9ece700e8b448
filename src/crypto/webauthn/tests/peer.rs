//! The verification next to that of `webauthn-rs-core`, on the same answers and on damaged ones. Both accept or
//! both refuse, except for [`STRICTER`], statements that are not evaluated here, and what is not compared: the
//! other one has no `EdDSA`, refuses counters of synced credentials and certificates that it cannot verify,
//! and accepts `topOrigin`, and `crossOrigin` in an assertion.

use std::time::Duration;

use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AuthenticationState, COSEAlgorithm, Credential as PeerCredential, PublicKeyCredential,
    RegisterPublicKeyCredential, RegistrationState, UserVerificationPolicy,
};

use super::*;

const ORIGIN: &str = "http://localhost:3000";
const POLICY: UserVerificationPolicy = UserVerificationPolicy::Discouraged_DO_NOT_USE;
/// `EdDSA` is missing: version 0.6 does not verify it.
const SHARED: [Algorithm; 2] = [Algorithm::Es256, Algorithm::Rs256];

/// Why something is refused here that the other one accepts.
const STRICTER: [&str; 9] = [
    // It compares origins as URLs: with a slash behind it, or in upper case.
    "another origin",
    // It takes tags, indefinite lengths and bytes for a text, and ignores what follows.
    "not a map in strict CBOR",
    "the attestation object lacks a member",
    "bytes after a map",
    "bytes after the authenticator data",
    // It looks at no statement in the format "none".
    "a statement where there is none",
    // It has no rule about even numbers.
    "an RSA key of a size or exponent that is not accepted",
    // It does not look at the id that was sent, and takes up to 4096 bytes.
    "another credential id",
    "the id is too short or too long",
];

fn peer() -> WebauthnCore {
    let origins = vec![ORIGIN.parse().unwrap()];
    let timeout = Duration::from_mins(1);
    WebauthnCore::new_unsafe_experts_only("Twofold", RP_ID, origins, timeout, None, None)
}

fn ours() -> RelyingParty {
    RelyingParty::new(RP_ID.to_owned(), vec![ORIGIN.to_owned()])
}

fn digest(options: &Value) -> ChallengeDigest {
    ChallengeDigest::from_bytes(Sha256::digest(decode(&options["challenge"])).into())
}

/// What the other one asks for at a registration.
fn registration() -> (Value, RegistrationState) {
    let algorithms = vec![COSEAlgorithm::ES256, COSEAlgorithm::RS256];
    let builder = peer().new_challenge_register_builder(b"twelve bytes", "ada", "Ada").unwrap();
    let builder = builder.credential_algorithms(algorithms).user_verification_policy(POLICY);
    let (options, state) = peer().generate_challenge_register(builder).unwrap();
    (serde_json::to_value(options).unwrap()["publicKey"].take(), state)
}

/// What the other one asks for at an assertion.
fn authentication(credential: PeerCredential) -> (Value, AuthenticationState) {
    let builder = peer().new_challenge_authenticate_builder(vec![credential], Some(POLICY));
    let (options, state) = peer().generate_challenge_authenticate(builder.unwrap()).unwrap();
    (serde_json::to_value(options).unwrap()["publicKey"].take(), state)
}

fn register_there(
    answer: &Value,
    state: &RegistrationState,
) -> Result<PeerCredential, WebauthnError> {
    let answer: RegisterPublicKeyCredential = serde_json::from_value(answer.clone()).unwrap();
    peer().register_credential(&answer, state, None)
}

fn verify_there(answer: &Value, state: &AuthenticationState) -> Result<(), WebauthnError> {
    let answer: PublicKeyCredential = serde_json::from_value(answer.clone()).unwrap();
    peer().authenticate_credential(&answer, state).map(|_result| ())
}

/// Compares the two. Returns whether both accept.
#[track_caller]
fn compare<A, B>(here: Result<A, Refused>, there: Result<B, WebauthnError>) -> bool {
    match (here, there) {
        (Ok(_), Ok(_)) => return true,
        // Statements in formats that it does not know.
        (Err(_), Err(_)) | (Ok(_), Err(WebauthnError::AttestationNotSupported)) => {}
        (Err(reason), Ok(_)) => assert!(STRICTER.contains(&reason.0), "refused here: {reason}"),
        (Ok(_), Err(error)) => panic!("accepted here: {error}"),
    }
    false
}

/// Each byte changed, left out or doubled, and the whole cut there.
fn damaged(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).flat_map(|at| {
        let (head, tail) = bytes.split_at(at);
        let changes =
            [0x01, 0x20, 0x80, 0xff].map(|bits| [head, &[tail[0] ^ bits], &tail[1..]].concat());
        let lengths =
            [[head, &tail[1..]].concat(), [head, &tail[..1], tail].concat(), head.to_vec()];
        changes.into_iter().chain(lengths)
    })
}

#[test]
fn registrations_are_judged_as_by_another_implementation() {
    for algorithm in SHARED {
        for attests in [false, true] {
            let mut key = with(algorithm);
            key.attests = attests;
            let (options, state) = registration();
            let made = key.create(&options);
            let judge = |answer: &Value| {
                let here = ours().register(&digest(&options), &attestation(answer));
                compare(here, register_there(answer, &state))
            };
            assert!(judge(&made));
            for part in ["clientDataJSON", "attestationObject"] {
                for bytes in damaged(&decode(&made["response"][part])) {
                    let mut answer = made.clone();
                    answer["response"][part] = encode(&bytes).into();
                    judge(&answer);
                }
            }
        }
    }
}

#[test]
fn assertions_are_judged_as_by_another_implementation() {
    for algorithm in SHARED {
        let mut key = with(algorithm);
        let (options, state) = registration();
        let made = key.create(&options);
        let here = ours().register(&digest(&options), &attestation(&made)).unwrap();
        let passkey = stored(here);
        let (options, state) = authentication(register_there(&made, &state).unwrap());
        let signed = key.get(&options);
        let judge = |answer: &Value| {
            let here = ours().verify(&digest(&options), &assertion(answer), &passkey);
            compare(here, verify_there(answer, &state))
        };
        assert!(judge(&signed));
        for part in ["clientDataJSON", "authenticatorData", "signature"] {
            for bytes in damaged(&decode(&signed["response"][part])) {
                let mut answer = signed.clone();
                answer["response"][part] = encode(&bytes).into();
                // Signed again, so that more than the signature is compared.
                if part != "signature" {
                    let response = &answer["response"];
                    let [data, client_data] =
                        ["authenticatorData", "clientDataJSON"].map(|part| decode(&response[part]));
                    let signature = key.credentials[0].sign(&data, &client_data);
                    answer["response"]["signature"] = encode(&signature).into();
                }
                judge(&answer);
            }
        }
    }
}

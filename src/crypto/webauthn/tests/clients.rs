//! Client data (section 5.8.1).

use super::*;

const ORIGIN: &str = "http://localhost:3000";

/// Registers with these bytes as the client data. Without a statement nothing signs them.
fn register_with(client_data: &[u8]) -> Result<NewCredential, Refused> {
    let mut made = attestation(&Authenticator::new().create(&creation()));
    client_data.clone_into(&mut made.client_data);
    register_by(&made)
}

/// Registers with a member of the client data set to `value`.
fn register_having(name: &str, value: Value) -> Result<NewCredential, Refused> {
    let mut key = Authenticator::new();
    key.client_data.insert(name.to_owned(), value);
    register(&mut key)
}

/// Client data that is right up to here; what follows ends it.
fn right(rest: &str) -> Vec<u8> {
    let challenge = CHALLENGE.encode();
    format!(
        "{{\"type\":\"webauthn.create\",\"challenge\":\"{challenge}\",\"origin\":\"{ORIGIN}\"{rest}"
    )
    .into_bytes()
}

#[test]
fn unknown_members_are_ignored_and_optional_ones_may_be_absent() {
    for rest in [
        "}",
        ",\"crossOrigin\":false}",
        ",\"tokenBinding\":{\"status\":\"supported\"}}",
        ",\"other_keys_can_be_added_here\":[{\"a\":1,\"a\":2}]} ",
    ] {
        assert!(register_with(&right(rest)).is_ok(), "{rest}");
        assert_eq!(challenge_of(&right(rest)), Some(CHALLENGE.digest()), "{rest}");
    }
}

#[test]
fn what_is_no_object_or_names_a_member_twice_is_refused() {
    let whole = right("}");
    let text = String::from_utf8(whole.clone()).unwrap();
    let not_one = "the client data is not an object, or names a member twice";
    for wrong in [
        Vec::new(),
        b"{}{}".to_vec(),
        format!("[{text}]").into_bytes(),
        format!("[\"webauthn.create\",\"{}\",\"{ORIGIN}\"]", CHALLENGE.encode()).into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
        right(",\"a\":1,\"a\":1}"),
        right(",\"type\":\"webauthn.create\"}"),
        right(",\"\\u0074ype\":\"webauthn.get\"}"),
        right(",\"a\":\"\u{0}\"}"),
        [&right(",\"a\":\"")[..], b"\xff\"}"].concat(),
        right("}}"),
        right(",}"),
        right(""),
    ] {
        assert_eq!(why(register_with(&wrong)), not_one, "{}", String::from_utf8_lossy(&wrong));
        assert_eq!(challenge_of(&wrong), None);
    }
}

#[test]
fn client_data_has_a_longest() {
    let padded = |length: usize| {
        let mut bytes = right("}");
        bytes.resize(length, b' ');
        register_with(&bytes)
    };
    assert!(padded(4096).is_ok());
    assert_eq!(why(padded(4097)), "the client data is too long");
}

#[test]
fn another_type_is_refused() {
    for kind in ["webauthn.get", "webauthn.create ", "Webauthn.create", "payment.get", ""] {
        assert_eq!(why(register_having("type", kind.into())), "another type of client data");
    }
    assert_eq!(why(register_having("type", Value::Null)), "another type of client data");
}

#[test]
fn another_challenge_is_refused() {
    let right = CHALLENGE.encode();
    for challenge in [
        Challenge([8; 32]).encode(),
        format!("{right}="),
        format!("{right}A"),
        right.replace('w', "x"),
        right.to_lowercase(),
        // The same bytes, by bits that a decoder may ignore.
        right.strip_suffix('c').unwrap().to_owned() + "d",
        String::new(),
    ] {
        let outcome = register_having("challenge", challenge.clone().into());
        assert_eq!(why(outcome), "another challenge", "{challenge}");
    }
    assert_eq!(why(register_having("challenge", json!(7))), "another challenge");
}

#[test]
fn another_origin_is_refused() {
    assert!(register_having("origin", "https://example.com".into()).is_ok());
    for origin in [
        "http://localhost:3000/",
        "http://LOCALHOST:3000",
        "http://localhost",
        "http://localhost:3001",
        "https://localhost:3000",
        "http://a.localhost:3000",
        "http://localhost:30000",
        "https://example.com:443",
        "https://example.com.evil.test",
        "android:apk-key-hash:AAAA",
        "null",
        "",
    ] {
        assert_eq!(why(register_having("origin", origin.into())), "another origin", "{origin}");
    }
    assert_eq!(why(register_having("origin", json!([ORIGIN]))), "another origin");
}

#[test]
fn pages_embedded_in_another_origin_are_refused() {
    let embedded = "embedded in another origin";
    for value in [json!(true), Value::Null, "false".into(), json!(0)] {
        assert_eq!(why(register_having("crossOrigin", value)), embedded);
    }
    for value in [json!(ORIGIN), Value::Null] {
        assert_eq!(why(register_having("topOrigin", value)), embedded);
    }
    let mut key = Authenticator::new();
    let passkey = passkey(&mut key);
    key.client_data.insert("crossOrigin".to_owned(), true.into());
    assert_eq!(why(sign(&mut key, &passkey)), embedded);
}

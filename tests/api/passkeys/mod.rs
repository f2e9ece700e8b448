//! Passkeys.

mod attacks;
mod factor;
mod guards;
mod links;
mod management;
mod operator;
mod overtaken_registration;
mod reauthentication;
mod registration;
pub mod sign_in;
mod sign_in_limits;
mod sign_in_races;
mod tokens;
mod two_sessions;

use bson::spec::BinarySubtype;
use bson::{Binary, DateTime, Document, doc};
use serde_json::{Value, json};

use crate::harness::authenticator::{Authenticator, Credential, UV, cbor, encode};
use crate::harness::{Answer, Browser, Call, Person, TestApp};

const OPTIONS: &str = "/api/auth/passkeys/options";
const PASSKEYS: &str = "/api/auth/passkeys";

/// An authenticator that verifies its user.
pub fn verifying() -> Authenticator {
    let mut key = Authenticator::new();
    key.flags |= UV;
    key
}

/// The options of a new passkey.
pub async fn creation_options(browser: &Browser) -> Value {
    browser.send(Call::new("POST", OPTIONS)).await.assert_status(200).json()
}

/// Adds a passkey with a browser that is signed in and fresh.
pub async fn add(browser: &Browser, key: &mut Authenticator) -> Answer {
    let credential = key.create(&creation_options(browser).await);
    browser.post(PASSKEYS, json!({ "credential": credential })).await
}

/// What a browser would send if an authenticator made a credential a second time.
pub fn made_again(key: &mut Authenticator, credential: &Credential, options: &Value) -> Value {
    let client_data = key.client_data("webauthn.create", options);
    let data = key.authenticator_data("localhost", Some(credential));
    let object = cbor(|cbor| {
        cbor.map(3)?.str("fmt")?.str("none")?.str("attStmt")?.map(0)?;
        cbor.str("authData")?.bytes(&data)?.ok()
    });
    let id = encode(&credential.id);
    let response =
        json!({ "clientDataJSON": encode(&client_data), "attestationObject": encode(&object) });
    json!({ "id": id, "rawId": id, "type": "public-key", "response": response })
}

/// Registers a person and adds a passkey with their browser, which stays signed in.
pub async fn with_passkey(app: &TestApp, name: &str, key: &mut Authenticator) -> Person {
    let person = app.signed_in(name).await;
    add(&person.browser, key).await.assert_status(201);
    person
}

/// Bytes as the database has them.
pub fn binary(bytes: &[u8]) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() }
}

/// A passkey with this id, as the database has it; nobody has its key.
pub fn stored_passkey(id: Binary) -> Document {
    let at = DateTime::from_millis(1_800_000_000_000);
    doc! {
        "id": id, "key": binary(&[0]), "counter": 0_i64, "uv": true, "be": false, "bs": false,
        "name": "stored", "created": at, "aaguid": binary(&[0; 16]),
    }
}

/// The path of a passkey.
pub fn path(passkey: &Value) -> String {
    format!("{PASSKEYS}/{}", passkey["id"].as_str().unwrap())
}

/// The list of passkeys.
pub async fn list(browser: &Browser) -> Vec<Value> {
    let answer = browser.get(PASSKEYS).await;
    answer.assert_status(200).json()["passkeys"].as_array().unwrap().clone()
}

//! Accounts as earlier versions stored them: their owners sign in with today's code.
//!
//! A fixture has what its owner knows beside the document. When the documents change,
//! `cargo test --test api write_a_fixture -- --ignored` writes one in today's form; it is kept under a name that says what
//! was new, and the earlier ones stay as they are.

use std::fs;
use std::path::PathBuf;

use bson::{Bson, Document};
use chrono::TimeDelta;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::harness::authenticator::{Authenticator, UV};
use crate::harness::{Browser, Person, Phone, TestApp};

#[derive(Serialize, Deserialize)]
struct Fixture {
    /// What the document has that earlier ones had not.
    about: String,
    /// Seconds that the clock has advanced since its beginning.
    advanced: i64,
    email: String,
    password: String,
    /// The token of a session.
    session: String,
    /// The secret of the authenticator app.
    secret: String,
    recovery_code: String,
    /// How many passkeys and trusted devices the account has.
    passkeys: usize,
    devices: usize,
    /// The account, as MongoDB's Extended JSON.
    document: Document,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/documents")
}

fn read(name: &str) -> Fixture {
    let path = folder().join(name).with_extension("json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Uses everything that an account had at its time, and what is new.
async fn assert_is_usable(name: &str) {
    let fixture = read(name);
    let app = TestApp::spawn().await;
    app.advance(TimeDelta::seconds(fixture.advanced));
    app.collection("users").await.insert_one(&fixture.document).await.unwrap();
    let (mut owner, phone) = (Person::new(&app, "ada"), Phone::typed(&fixture.secret));
    (owner.email, owner.password) = (fixture.email, fixture.password);

    let signed_in = app.browser();
    signed_in.set_cookie("twofold_session", &fixture.session);
    let me = signed_in.get("/api/auth/me").await.assert_status(200).json();
    let who = (&me["user"]["email"], &me["session"]["aal"]);
    assert_eq!(who, (&json!(owner.email), &json!("aal2")));
    for (list, count) in [("passkeys", fixture.passkeys), ("devices", fixture.devices)] {
        let found = signed_in.get(&format!("/api/auth/{list}")).await.assert_status(200).json();
        assert_eq!(found[list].as_array().unwrap().len(), count, "{name}: {found}");
    }
    let browser = sign_in(&app, &owner, &phone, &fixture.recovery_code).await;
    change_everything(&browser, &owner).await;
    signed_in.get("/api/auth/me").await.assert_status(401);
}

/// Signs in with a code, which works once, and with a recovery code.
async fn sign_in(app: &TestApp, owner: &Person, phone: &Phone, recovery_code: &str) -> Browser {
    app.advance(TimeDelta::minutes(1));
    let code = phone.code_at(app.clock.now());
    app.challenged(owner).await.validate(&code).await.assert_status(200);
    app.challenged(owner).await.validate(&code).await.assert_problem(400, "otp_already_used");
    let browser = app.challenged(owner).await;
    browser.validate(recovery_code).await.assert_status(200);
    let left = browser.get("/api/auth/otp/recovery-codes").await.assert_status(200).json();
    assert_eq!(left["remaining"], 9);
    browser
}

/// Changes the password, begins to add a passkey, and disables the authenticator.
async fn change_everything(browser: &Browser, owner: &Person) {
    let change =
        json!({ "current_password": owner.password, "new_password": "a saucer of marbles" });
    browser.put("/api/auth/password", change).await.assert_status(204);
    browser.post("/api/auth/passkeys/options", json!({})).await.assert_status(200);
    browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
    browser.get("/api/auth/me").await.assert_status(200);
}

#[tokio::test]
async fn an_account_of_the_first_version_is_usable() {
    assert_is_usable("1-first").await;
}

#[tokio::test]
async fn an_account_from_before_passkeys_and_devices_is_usable() {
    assert_is_usable("2-mail").await;
}

#[tokio::test]
async fn an_account_with_passkeys_and_devices_is_usable() {
    assert_is_usable("3-passkeys-and-devices").await;
}

#[tokio::test]
#[ignore = "writes a fixture in today's form"]
async fn write_a_fixture() {
    let app = TestApp::spawn().await;
    let begun = app.clock.now();
    let ada = app.signed_in("ada").await;
    let offer = ada.browser.post("/api/auth/otp/generate", json!({})).await;
    let secret = offer.assert_status(200).json()["base32"].as_str().unwrap().to_owned();
    let (phone, now) = (Phone::typed(&secret), || app.clock.now());
    let proof = json!({ "token": phone.code_at(now()) });
    let proved = ada.browser.post("/api/auth/otp/verify", proof).await.assert_status(200).json();
    app.advance(TimeDelta::seconds(30));
    let browser = app.challenged(&ada).await;
    let trust = json!({ "token": phone.code_at(now()), "remember_device": true });
    browser.post("/api/auth/otp/validate", trust).await.assert_status(200);
    let mut key = Authenticator::new();
    key.flags |= UV;
    let ada = ada.with_passkey(&app, &mut key).await;
    let fixture = Fixture {
        about: "Written by today's code.".to_owned(),
        advanced: (now() - begun).num_seconds(),
        email: ada.email.clone(),
        password: ada.password.clone(),
        session: browser.cookie("twofold_session").unwrap(),
        secret,
        recovery_code: proved["recovery_codes"][0].as_str().unwrap().to_owned(),
        passkeys: 1,
        devices: 1,
        document: Document::new(),
    };
    let mut json = serde_json::to_value(fixture).unwrap();
    json["document"] = extended(&Bson::Document(app.stored(&ada).await));
    fs::write(folder().join("today.json"), format!("{json:#}\n")).unwrap();
}

/// Extended JSON that keeps every type.
fn extended(value: &Bson) -> Value {
    match value {
        Bson::Document(document) => {
            document.iter().map(|(name, value)| (name.clone(), extended(value))).collect()
        }
        Bson::Array(elements) => elements.iter().map(extended).collect(),
        Bson::Binary(binary) => {
            json!({ "$binary": { "base64": BASE64.encode(&binary.bytes), "subType": "00" } })
        }
        Bson::Int64(number) => json!({ "$numberLong": number.to_string() }),
        other => serde_json::to_value(other).unwrap(),
    }
}

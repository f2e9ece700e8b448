//! Tokens for other services: issued, introspected, and asked for by proxies.

mod clients;
mod factors;
mod forward;
mod introspection;
mod issued;
mod keys;
mod proxies;
mod services;
mod settings;

use chrono::TimeDelta;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};

use crate::harness::{Answer, Browser, Call, Person, TestApp, output, program};

/// The service that most tests are about, and its secret.
pub const BILLING: (&str, &str) = ("billing", "billing-secret-of-thirty-two-chars");
/// Another one.
const REPORTS: (&str, &str) = ("reports", "reports-secret-of-thirty-two-chars");
/// The same two, as the setting has them.
pub const SERVICES: &str =
    "billing:billing-secret-of-thirty-two-chars, reports:reports-secret-of-thirty-two-chars";

/// A new signing key, as the setting has it.
pub fn signing_key() -> String {
    let made = output(program().args(["keys", "new", "--signing"]));
    assert!(made.status.success());
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

/// A service that issues tokens for two others.
pub async fn issuing() -> TestApp {
    issuing_with([]).await
}

async fn issuing_with<const N: usize>(settings: [(&str, &str); N]) -> TestApp {
    let key = signing_key();
    let tokens = [
        ("SIGNING_KEYS", key.as_str()),
        ("TOKEN_AUDIENCES", "billing,reports"),
        ("SERVICES", SERVICES),
    ];
    let all: Vec<(&str, &str)> = tokens.into_iter().chain(settings).collect();
    TestApp::with_all(&all).await
}

/// A token for [`BILLING`].
async fn token(browser: &Browser) -> String {
    let issued = browser.post("/api/auth/token", json!({ "audience": "billing" })).await;
    issued.assert_status(200).json()["token"].as_str().unwrap().to_owned()
}

/// A part of a token: its header or its claims.
fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

pub fn basic((name, secret): (&str, &str)) -> String {
    format!("Basic {}", BASE64.encode(format!("{name}:{secret}").as_bytes()))
}

/// An introspection request with this form.
pub fn question(form: &str) -> Call {
    let mut call = Call::new("POST", "/oauth/introspect")
        .header("content-type", "application/x-www-form-urlencoded");
    call.body = Some(form.as_bytes().to_vec());
    call
}

/// Asks as a service about a token.
async fn introspect(app: &TestApp, service: (&str, &str), token: &str) -> Answer {
    let call = question(&format!("token={token}")).header("authorization", &basic(service));
    app.browser().send(call).await
}

/// What a service learns about a token.
async fn learn(app: &TestApp, service: (&str, &str), token: &str) -> Value {
    let answer = introspect(app, service, token).await;
    assert_eq!(answer.assert_status(200).header("cache-control"), Some("no-store"));
    answer.json()
}

/// Asserts that a token is active.
async fn assert_active(app: &TestApp, token: &str) {
    assert_eq!(learn(app, BILLING, token).await["active"], true);
}

/// Asserts that a token is not active, and that nothing else is said about it.
async fn assert_inactive(app: &TestApp, token: &str) {
    let answer = introspect(app, BILLING, token).await;
    answer.assert_status(200);
    assert_eq!(String::from_utf8(answer.body).unwrap(), r#"{"active":false}"#);
}

/// Stores that a person's address is verified.
async fn verify_address(app: &TestApp, person: &Person) {
    let verified = app.operator(&["users", "verify-email", &person.email]);
    verified.assert_code(0);
}

/// The lifetime of a token.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

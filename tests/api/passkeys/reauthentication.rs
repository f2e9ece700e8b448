//! Passkeys for sensitive actions.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::verifying;
use crate::harness::authenticator::{Authenticator, BE, UV};
use crate::harness::{Answer, Browser, Person, TestApp, at_once, count};

async fn reauthenticate(browser: &Browser, form: Value) -> Answer {
    browser.post("/api/auth/reauthenticate", form).await
}

async fn stale(app: &TestApp, key: &mut Authenticator) -> Person {
    let ada = app.register("ada").await.with_passkey(app, key).await;
    app.advance(TimeDelta::minutes(20));
    let refused = ada.browser.post("/api/auth/otp/recovery-codes", json!({})).await;
    refused.assert_problem(403, "reauthentication_required");
    ada
}

async fn methods(app: &TestApp, person: &Person) -> Vec<String> {
    let stored = app.stored(person).await;
    let session = stored.get_array("sessions").unwrap()[0].as_document().unwrap();
    let methods = session.get_array("methods").unwrap();
    methods.iter().map(|method| method.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_passkey_that_verifies_its_user_is_enough() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = stale(&app, &mut key).await;
    let before = ada.browser.cookie("twofold_session");
    let passkey = key.get(&ada.browser.passkey_challenge().await);
    let answer = reauthenticate(&ada.browser, json!({ "passkey": passkey })).await;
    assert_eq!(answer.assert_status(200).json()["session"]["aal"], "aal2");
    assert_ne!(ada.browser.cookie("twofold_session"), before);
    assert_eq!(methods(&app, &ada).await, ["passkey"]);
    let renewed = ada.browser.post("/api/auth/otp/recovery-codes", json!({})).await;
    renewed.assert_status(200);
    let again = reauthenticate(&ada.browser, json!({ "passkey": passkey })).await;
    again.assert_problem(400, "passkey_invalid");
}

#[tokio::test]
async fn without_verification_now_or_at_registration_a_password_is_needed() {
    let app = TestApp::spawn().await;
    let mut key = Authenticator::new();
    let ada = stale(&app, &mut key).await;
    key.flags |= UV;
    let passkey = key.get(&ada.browser.passkey_challenge().await);
    let answer = reauthenticate(&ada.browser, json!({ "passkey": passkey })).await;
    answer.assert_problem(400, "passkey_invalid");
    let passkey = key.get(&ada.browser.passkey_challenge().await);
    let form = json!({ "password": ada.password, "passkey": passkey });
    reauthenticate(&ada.browser, form).await.assert_status(200);
    assert_eq!(methods(&app, &ada).await, ["pwd", "passkey"]);

    let mut second = verifying();
    let ada = ada.with_passkey(&app, &mut second).await;
    second.flags &= !UV;
    let passkey = second.get(&ada.browser.passkey_challenge().await);
    let answer = reauthenticate(&ada.browser, json!({ "passkey": passkey })).await;
    answer.assert_problem(400, "passkey_invalid");
}

#[tokio::test]
async fn a_password_alone_is_not_enough_and_something_must_be_sent() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = stale(&app, &mut key).await;
    let form = json!({ "password": ada.password });
    reauthenticate(&ada.browser, form).await.assert_problem(403, "otp_required");
    reauthenticate(&ada.browser, json!({})).await.assert_problem(422, "invalid_fields");
    let form = json!({ "token": ada.recovery_codes[0] });
    reauthenticate(&ada.browser, form).await.assert_problem(422, "invalid_fields");
    let form = json!({ "password": ada.password, "token": ada.recovery_codes[0] });
    reauthenticate(&ada.browser, form).await.assert_status(200);
}

#[tokio::test]
async fn an_account_without_a_passkey_has_no_right_one() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let form = json!({ "passkey": {} });
    for _ in 0..5 {
        reauthenticate(&ada.browser, form.clone()).await.assert_problem(400, "passkey_invalid");
    }
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn five_wrong_passkeys_end_the_session_with_and_without_the_password() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = stale(&app, &mut key).await;
    for number in 0..5 {
        let mut passkey = key.get(&ada.browser.passkey_challenge().await);
        passkey["response"]["signature"] = "AAAA".into();
        let mut form = json!({ "passkey": passkey });
        if number % 2 == 0 {
            form["password"] = ada.password.clone().into();
        }
        reauthenticate(&ada.browser, form).await.assert_problem(400, "passkey_invalid");
    }
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn of_thirty_uses_of_one_assertion_at_once_one_is_accepted() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    key.flags |= BE;
    let ada = stale(&app, &mut key).await;
    let passkey = key.get(&ada.browser.passkey_challenge().await);
    let calls = (0..30).map(|_| {
        let (browser, form) = (ada.browser.copy(), json!({ "passkey": passkey }));
        async move { reauthenticate(&browser, form).await }
    });
    assert_eq!(count(&at_once(calls).await, 200), 1);
}

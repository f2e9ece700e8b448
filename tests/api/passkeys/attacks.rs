//! Attacks on accounts with passkeys.

use chrono::TimeDelta;
use serde_json::json;

use super::sign_in::{answer, request_options};
use super::{PASSKEYS, add, creation_options, made_again, verifying, with_passkey};
use crate::harness::{Call, HeldWrite, Person, TestApp, until_in_time};

/// A bearer that switched an authenticator app on with the password alone, and a browser that its owner signed in
/// with a recovery code.
async fn half_enabled(app: &TestApp, name: &str) -> (Person, crate::harness::Browser) {
    let mut ada = app.register(name).await;
    let bearer = app.bearer(&ada).await;
    let on = bearer.put("/auth/otp/enable", json!({ "enabled": true })).await;
    let code = on.assert_status(200).json()["recovery_codes"][0].as_str().unwrap().to_owned();
    let browser = app.challenged(&ada).await;
    browser.validate(&code).await.assert_status(200);
    ada.browser = browser;
    (ada, bearer)
}

#[tokio::test]
async fn a_password_alone_does_not_get_the_secret_of_an_unconfirmed_app_beside_a_passkey() {
    let app = TestApp::spawn().await;
    let (ada, bearer) = half_enabled(&app, "ada").await;
    bearer.get("/auth/otp/generate").await.assert_status(200);
    add(&ada.browser, &mut verifying()).await.assert_status(201);
    let refused = bearer.get("/auth/otp/generate").await;
    refused.assert_problem(403, "reauthentication_required");
    ada.browser.get("/auth/otp/generate").await.assert_status(200);
    app.advance(TimeDelta::minutes(16));
    let stale = ada.browser.get("/auth/otp/generate").await;
    stale.assert_problem(403, "reauthentication_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_of_an_unconfirmed_app_overtaken_by_a_first_passkey_needs_a_second_factor() {
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |n| {
        let (ada, bearer) = half_enabled(&app, &format!("ada-{n}")).await;
        let mut key = verifying();
        let form = json!({ "credential": key.create(&creation_options(&ada.browser).await) });
        // The first update counts the change; the second one would remove the app.
        let write = HeldWrite::on_users(&app, "update", 1).await;
        let waiting =
            tokio::spawn(async move { bearer.post("/api/auth/otp/disable", json!({})).await });
        write.until_held().await;
        ada.browser.post(PASSKEYS, form).await.assert_status(201);
        let refused = write.answer(waiting).await?;
        refused.assert_problem(403, "reauthentication_required");
        ada.browser.get(PASSKEYS).await.assert_status(200);
        Some(())
    })
    .await;
}

#[tokio::test]
async fn a_passkey_does_not_forgive_wrong_passwords() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    let wrong =
        json!({ "current_password": "not the password", "new_password": "a saucer of marbles" });
    for round in 0..4 {
        let refused = ada.browser.put("/api/auth/password", wrong.clone()).await;
        refused.assert_problem(400, "incorrect_password");
        let passkey = key.get(&ada.browser.passkey_challenge().await);
        if round % 2 == 0 {
            ada.browser.submit_passkey(&passkey).await.assert_status(200);
        } else {
            let form = json!({ "passkey": passkey });
            ada.browser.post("/api/auth/reauthenticate", form).await.assert_status(200);
        }
    }
    let last = ada.browser.put("/api/auth/password", wrong).await;
    last.assert_problem(400, "incorrect_password");
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn an_id_that_spells_a_call_is_not_registered() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    for word in ["validate", "options1"] {
        let mut credential = key.credentials[0].clone();
        credential.id = data_encoding::BASE64URL_NOPAD.decode(word.as_bytes()).unwrap();
        let made = made_again(&mut key, &credential, &creation_options(&ada.browser).await);
        let refused = ada.browser.post(PASSKEYS, json!({ "credential": made })).await;
        refused.assert_problem(400, "passkey_invalid");
    }
}

#[tokio::test]
async fn an_assertion_that_was_refused_because_of_the_account_is_used_up() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    app.operator(&["users", "disable", &ada.email, "--yes"]).assert_code(0);
    let browser = app.browser();
    let credential = key.get(&request_options(&browser).await);
    answer(&browser, &credential).await.assert_problem(403, "account_disabled");
    app.operator(&["users", "enable", &ada.email]).assert_code(0);
    answer(&browser, &credential).await.assert_problem(400, "passkey_invalid");
    let call = Call::new("GET", "/api/auth/me");
    browser.send(call).await.assert_problem(401, "not_authenticated");
}

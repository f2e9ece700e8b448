//! What a login on a trusted device opens.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;

use super::{COOKIE, opens_a_session, with_cookie_of, with_device};
use crate::harness::{Call, TestApp};

#[tokio::test]
async fn a_password_on_a_trusted_device_opens_a_session_of_the_first_level() {
    let app = TestApp::spawn().await;
    let (ada, first) = with_device(&app, "ada").await;
    let browser = with_cookie_of(&app, &first);
    let answer = browser.log_in(&ada).await.assert_status(200).json();
    assert_eq!(answer["second_factor_required"], false);
    assert_eq!(answer["user"]["otp_enabled"], true);
    let me = browser.get("/api/auth/me").await.assert_status(200).json();
    assert_eq!(me["session"]["aal"], "aal1");
    browser.get("/api/auth/sessions").await.assert_status(200);
    let refused = browser.post("/api/auth/otp/generate", json!({})).await;
    refused.assert_problem(403, "reauthentication_required");
    let last = browser.get("/api/auth/events?limit=1").await.json()["events"][0]["kind"].clone();
    assert_eq!(last, "signed_in_on_trusted_device");
}

#[tokio::test]
async fn a_wrong_password_on_a_trusted_device_opens_nothing_and_spends_no_token() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    let token = device.cookie(COOKIE);
    let form = json!({ "email": ada.email, "password": "not the password" });
    let refused = device.post("/api/auth/login", form).await;
    refused.assert_problem(400, "incorrect_credentials");
    assert_eq!(device.cookie(COOKIE), token);
    assert!(opens_a_session(&device, &ada).await);
}

#[tokio::test]
async fn another_account_s_device_is_ignored_and_kept() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    let bea = app.register("bea").await.with_totp().await;
    let shared = with_cookie_of(&app, &device);
    let token = shared.cookie(COOKIE);
    assert!(!opens_a_session(&shared, &bea).await);
    assert_eq!(shared.cookie(COOKIE), token, "the cookie is still Ada's");
    assert!(opens_a_session(&shared, &ada).await);
}

#[tokio::test]
async fn the_basic_contract_ignores_devices() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    let call = Call::new("POST", "/auth/credentials").header("authorization", &ada.basic());
    let answer = with_cookie_of(&app, &device).send(call).await;
    assert_eq!(answer.json()["status"], 1);
}

#[tokio::test]
async fn a_login_on_a_trusted_device_does_not_clear_the_count_of_wrong_codes() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    let wrong = ada.phone().wrong_code_at(app.clock.now());
    app.challenged(&ada).await.validate(&wrong).await.assert_problem(400, "otp_invalid");
    assert!(opens_a_session(&device, &ada).await);
    let codes = app.stored(&ada).await.get_document("codes").unwrap().clone();
    assert_eq!(codes.get_i64("failed").unwrap(), 1);
    let (bea, device) = with_device(&app, "bea").await;
    app.lock_codes(&bea).await;
    assert!(opens_a_session(&device, &bea).await, "locked codes do not lock the device");
}

#[tokio::test]
async fn a_code_lifts_the_session_to_the_second_level_under_a_new_token() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    app.advance(TimeDelta::minutes(1));
    assert!(opens_a_session(&device, &ada).await);
    let before = device.copy();
    let session = device.get("/api/auth/me").await.json()["session"].clone();
    app.advance(TimeDelta::minutes(2));
    device.validate(&app.next_code(&ada)).await.assert_status(200);
    let lifted = device.get("/api/auth/me").await.assert_status(200).json()["session"].clone();
    assert_eq!((&lifted["aal"], &lifted["id"]), (&json!("aal2"), &session["id"]));
    before.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    device.post("/api/auth/otp/generate", json!({})).await.assert_status(200);
    // It is as fresh as its password: the code does not count as a sign-in.
    app.advance(TimeDelta::minutes(13));
    let stale = device.post("/api/auth/otp/generate", json!({})).await;
    stale.assert_problem(403, "reauthentication_required");
}

#[tokio::test]
async fn a_recovery_code_lifts_the_session_too() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    assert!(opens_a_session(&device, &ada).await);
    device.validate(&ada.recovery_codes[0]).await.assert_status(200);
    let session = device.get("/api/auth/me").await.assert_status(200).json()["session"].clone();
    assert_eq!(session["aal"], "aal2");
}

#[tokio::test]
async fn reauthenticating_with_a_code_makes_the_session_fresh_and_lifts_it() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    app.advance(TimeDelta::minutes(30));
    assert!(opens_a_session(&device, &ada).await);
    let form = json!({ "password": ada.password });
    let refused = device.post("/api/auth/reauthenticate", form).await;
    refused.assert_problem(403, "otp_required");
    let form = json!({ "password": ada.password, "token": app.next_code(&ada) });
    device.post("/api/auth/reauthenticate", form).await.assert_status(200);
    assert_eq!(device.get("/api/auth/me").await.json()["session"]["aal"], "aal2");
    device.post("/api/auth/otp/generate", json!({})).await.assert_status(200);
}

#[tokio::test]
async fn a_disabled_account_is_not_opened_by_a_device() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    app.operator(&["users", "disable", &ada.email, "--yes"]).assert_code(0);
    let refused = device.log_in(&ada).await;
    refused.assert_problem(403, "account_disabled");
}

#[tokio::test]
async fn only_the_digests_of_tokens_are_stored() {
    let app = TestApp::spawn().await;
    let (ada, device) = with_device(&app, "ada").await;
    assert!(opens_a_session(&device, &ada).await);
    let token = device.cookie(COOKIE).unwrap();
    let stored = app.collection("users").await.find_one(doc! {}).await.unwrap().unwrap();
    assert!(!format!("{stored:?}").contains(token.split_once('-').unwrap().1));
}

//! Login challenges: each opens one session at most.

use bson::{DateTime, doc};
use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{Call, HeldWrite, Phone, TestApp, until_in_time};

#[tokio::test]
async fn a_copied_login_cookie_opens_no_second_session() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    let copy = browser.copy();
    browser.validate(&app.next_code(&ada)).await.assert_status(200);
    copy.validate(&app.next_code(&ada)).await.assert_problem(401, "login_expired");

    let browser = app.challenged(&ada).await;
    let copy = browser.copy();
    browser.validate(&ada.recovery_codes[0]).await.assert_status(200);
    copy.validate(&ada.recovery_codes[1]).await.assert_problem(401, "login_expired");
    assert!(copy.cookie("twofold_session").is_none());
}

#[tokio::test]
async fn a_login_that_requires_a_code_ends_the_session_it_carried_and_no_other() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let elsewhere = app.challenged(&ada).await;
    elsewhere.validate(&ada.recovery_codes[0]).await.assert_status(200);
    let copy = ada.browser.copy();
    copy.get("/api/auth/me").await.assert_status(200);
    ada.browser.log_in(&ada).await.assert_status(200);
    copy.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    elsewhere.get("/api/auth/me").await.assert_status(200);
    assert_eq!(app.stored(&ada).await.get_array("sessions").unwrap().len(), 1);
}

#[tokio::test]
async fn a_challenge_of_a_disabled_account_takes_no_code() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    let now = DateTime::from_millis(app.clock.now().timestamp_millis());
    // Only the field, as an operator may write it: `users disable` ends challenges and sessions too.
    let users = app.collection("users").await;
    let disabled = doc! { "$set": { "disabled_at": now } };
    users.update_one(doc! { "email": &ada.email }, disabled).await.unwrap();
    let code = app.next_code(&ada);
    browser.validate(&code).await.assert_problem(401, "login_expired");
    browser.validate(&ada.recovery_codes[0]).await.assert_problem(401, "login_expired");
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");

    let enabled = doc! { "$unset": { "disabled_at": "" } };
    users.update_one(doc! { "email": &ada.email }, enabled).await.unwrap();
    browser.validate(&code).await.assert_status(200);
}

#[tokio::test]
async fn the_first_right_code_ends_every_other_login_under_way() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let on = json!({ "enabled": true });
    let enabled = ada.browser.put("/auth/otp/enable", on).await.assert_status(200).json();
    let recovery_code = enabled["recovery_codes"][0].as_str().unwrap().to_owned();
    let png = ada.browser.get("/auth/otp/generate").await.assert_status(200).body.clone();
    let (here, there) = (app.challenged(&ada).await, app.challenged(&ada).await);
    let code = Phone::pictured(&png).code_at(app.clock.now());
    here.validate(&code).await.assert_status(200);
    there.validate(&recovery_code).await.assert_problem(401, "login_expired");
}

#[tokio::test]
async fn an_expired_challenge_is_nobody() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    browser.get("/api/auth/me").await.assert_problem(403, "otp_required");
    app.advance(TimeDelta::minutes(5));
    browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn without_an_authenticator_no_code_of_any_kind_is_looked_at() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    for code in ["123456", "wrong-wrong-wrong"] {
        for _ in 0..6 {
            ada.browser.validate(code).await.assert_problem(401, "otp_not_verified");
        }
    }
    ada.browser.get("/api/auth/me").await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_code_overtaken_by_the_tenth_wrong_one_is_refused() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    until_in_time(async |n| {
        let ada = app.register(&format!("ada-{n}")).await.with_totp().await;
        let code = app.next_code(&ada);
        let wrong = ada.phone().wrong_code_at(app.clock.now());
        for _ in 0..9 {
            ada.browser.validate(&wrong).await.assert_problem(400, "otp_invalid");
        }
        let late = app.challenged(&ada).await;
        let held = HeldWrite::on_users(&app, "update", 1).await;
        let call = Call::new("POST", "/api/auth/otp/validate").json(&json!({ "token": code }));
        let browser = late.clone();
        let calling = tokio::spawn(async move { browser.send(call).await });
        held.until_held().await;
        ada.browser.validate(&wrong).await.assert_problem(400, "otp_invalid");
        held.answer(calling).await?.assert_problem(429, "too_many_attempts");
        assert!(late.cookie("twofold_session").is_none());
        Some(())
    })
    .await;
}

//! Recovery codes: for the day the phone is lost.

use serde_json::json;

use crate::harness::{Call, TestApp};

#[tokio::test]
async fn a_recovery_code_completes_a_login_once_in_any_case() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let typed = ada.recovery_codes[3].to_uppercase().replace('-', " ");
    let browser = app.challenged(&ada).await;
    browser.validate(&typed).await.assert_status(200);
    assert_eq!(browser.get("/api/auth/me").await.json()["session"]["aal"], "aal2");
    // It is fresh: a new authenticator can be enrolled at once.
    browser.post("/api/auth/otp/generate", json!({})).await.assert_status(200);
    app.challenged(&ada).await.validate(&typed).await.assert_problem(400, "otp_invalid");
    assert_eq!(app.stored(&ada).await.get_array("recovery").unwrap().len(), 9);
}

#[tokio::test]
async fn a_wrong_one_is_charged_to_its_challenge_and_not_to_the_account() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    for _ in 0..5 {
        browser.validate("wrong-wrong-wrong").await.assert_problem(400, "otp_invalid");
    }
    browser.validate(&ada.recovery_codes[0]).await.assert_problem(401, "login_expired");
    let codes = app.stored(&ada).await.get_document("codes").unwrap().clone();
    assert_eq!(codes.get_i64("failed").unwrap(), 0);
    for _ in 0..12 {
        let call = Call::new("POST", "/auth/credentials?otp=wrong-wrong");
        let refused = app.browser().send(call.header("authorization", &ada.basic())).await;
        assert_eq!(refused.json()["status"], 2);
    }
}

#[tokio::test]
async fn five_wrong_ones_within_a_session_end_it() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    for _ in 0..5 {
        ada.browser.validate("wrong-wrong-wrong").await.assert_problem(400, "otp_invalid");
    }
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn a_right_one_within_a_session_is_used_up_and_forgives_the_wrong_ones() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    for round in 0..2 {
        for _ in 0..4 {
            ada.browser.validate("wrong-wrong-wrong").await.assert_problem(400, "otp_invalid");
        }
        ada.browser.validate(&ada.recovery_codes[round]).await.assert_status(200);
    }
    app.challenged(&ada)
        .await
        .validate(&ada.recovery_codes[0])
        .await
        .assert_problem(400, "otp_invalid");
}

#[tokio::test]
async fn a_new_enrolment_replaces_them_and_disabling_drops_them() {
    let app = TestApp::spawn().await;
    let mut ada = app.register("ada").await.with_totp().await;
    let old = ada.recovery_codes[0].clone();
    ada.enrol_again().await;
    app.challenged(&ada).await.validate(&old).await.assert_problem(400, "otp_invalid");
    app.challenged(&ada).await.validate(&ada.recovery_codes[0]).await.assert_status(200);
    ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
    assert!(app.stored(&ada).await.get_array("recovery").unwrap().is_empty());
}

#[tokio::test]
async fn five_wrong_ones_beside_a_right_password_end_the_session() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let form = json!({ "password": ada.password, "token": "wrong-wrong-wrong" });
    for _ in 0..5 {
        let wrong = ada.browser.post("/api/auth/reauthenticate", form.clone()).await;
        wrong.assert_problem(400, "otp_invalid");
    }
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

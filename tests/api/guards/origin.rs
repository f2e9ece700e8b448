//! The origin check, where it is easy to forget.

use serde_json::json;

use crate::harness::{Call, TestApp};

const CLIENT: &str = "http://localhost:3000";
const STRANGER: &str = "http://evil.example";

#[tokio::test]
async fn a_foreign_page_cannot_act_with_a_login_cookie_alone() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    assert!(browser.cookie("twofold_session").is_none());
    let code = app.next_code(&ada);
    let validate = |origin: &str| {
        let call = Call::new("POST", "/api/auth/otp/validate").json(&json!({ "token": code }));
        browser.send(call.header("origin", origin))
    };
    validate(STRANGER).await.assert_problem(403, "origin_not_allowed");
    let logout = Call::new("POST", "/api/auth/logout").header("origin", STRANGER);
    browser.send(logout).await.assert_problem(403, "origin_not_allowed");
    validate(CLIENT).await.assert_status(200);
}

#[tokio::test]
async fn of_two_origins_both_must_be_known() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let revoke = |origins: [&str; 2]| {
        let call = Call::new("DELETE", "/api/auth/sessions");
        ada.browser.send(origins.into_iter().fold(call, |call, one| call.header("origin", one)))
    };
    revoke([CLIENT, STRANGER]).await.assert_problem(403, "origin_not_allowed");
    revoke([STRANGER, CLIENT]).await.assert_problem(403, "origin_not_allowed");
    revoke([CLIENT, CLIENT]).await.assert_status(204);
}

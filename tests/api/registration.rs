//! A stranger becomes a user.

use serde_json::json;

use crate::harness::TestApp;

#[tokio::test]
async fn a_stranger_registers_and_logs_in() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let browser = app.browser();
    let answer = browser.log_in(&ada).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["user"]["email"], json!(ada.email));
    assert!(browser.cookie("twofold_session").is_some());
}

#[tokio::test]
async fn an_enrolled_user_needs_a_code_to_log_in() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.browser();
    browser.log_in(&ada).await.assert_status(200);
    assert!(browser.cookie("twofold_session").is_none());
    browser.get("/api/auth/me").await.assert_problem(403, "otp_required");
    let code = app.next_code(&ada);
    browser.post("/api/auth/otp/validate", json!({ "token": code })).await.assert_status(200);
    assert_eq!(browser.get("/api/auth/me").await.json()["session"]["aal"], "aal2");
}

//! How a device becomes trusted.

use chrono::TimeDelta;
use serde_json::json;

use super::{COOKIE, devices, opens_a_session, trusted, validate_and_trust, with_device};
use crate::harness::TestApp;

#[tokio::test]
async fn a_device_is_trusted_after_a_code_if_that_is_asked_for() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    let answer = validate_and_trust(&app, &browser, &ada).await;
    let cookies = answer.assert_status(200).set_cookies();
    let device = cookies.iter().find(|line| line.starts_with("twofold_device=")).unwrap();
    assert!(device.starts_with("twofold_device=device-"));
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(device.contains(attribute), "{device}");
    }
    app.advance(TimeDelta::minutes(1));
    let other = app.challenged(&ada).await;
    other.validate(&app.next_code(&ada)).await.assert_status(200);
    assert!(other.cookie(COOKIE).is_none());
}

#[tokio::test]
async fn a_recovery_code_and_a_code_within_a_session_trust_no_device() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    let form = json!({ "token": ada.recovery_codes[0], "remember_device": true });
    browser.post("/api/auth/otp/validate", form).await.assert_status(200);
    assert!(browser.cookie(COOKIE).is_none());
    validate_and_trust(&app, &ada.browser, &ada).await.assert_status(200);
    assert!(ada.browser.cookie(COOKIE).is_none());
    assert!(devices(&ada.browser).await.is_empty());
}

#[tokio::test]
async fn a_wrong_code_trusts_no_device() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    let wrong = ada.phone().wrong_code_at(app.clock.now());
    let form = json!({ "token": wrong, "remember_device": true });
    browser.post("/api/auth/otp/validate", form).await.assert_problem(400, "otp_invalid");
    assert!(browser.cookie(COOKIE).is_none());
}

#[tokio::test]
async fn an_operator_can_switch_trusted_devices_off() {
    let app = TestApp::with([("DEVICE_LIFETIME", "0")]).await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    validate_and_trust(&app, &browser, &ada).await.assert_status(200);
    assert!(browser.cookie(COOKIE).is_none());

    let trusting = app.second_instance([]).await;
    let device = trusted(&trusting, &ada).await;
    let strict = app.browser();
    strict.set_cookie(COOKIE, &device.cookie(COOKIE).unwrap());
    assert!(!opens_a_session(&strict, &ada).await, "the setting holds for devices from before");
}

#[tokio::test]
async fn a_device_is_trusted_for_as_long_as_the_operator_says() {
    let app = TestApp::with([("DEVICE_LIFETIME", "7d")]).await;
    let (ada, device) = with_device(&app, "ada").await;
    app.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    let answer = device.log_in(&ada).await;
    let cookies = answer.assert_status(200).set_cookies();
    let line = cookies.iter().find(|line| line.starts_with("twofold_device=")).unwrap();
    assert!(line.contains("Max-Age=1"), "a login does not prolong the trust: {line}");
    device.get("/api/auth/me").await.assert_status(200);
    // The browser drops the cookie then; a client that keeps it is not trusted either.
    let kept = super::with_cookie_of(&app, &device);
    app.advance(TimeDelta::seconds(1));
    assert!(!opens_a_session(&kept, &ada).await);
}

#[tokio::test]
async fn of_eleven_devices_the_least_recently_used_one_goes() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let mut browsers = Vec::new();
    for _ in 0..10 {
        browsers.push(trusted(&app, &ada).await);
    }
    app.advance(TimeDelta::minutes(1));
    assert!(opens_a_session(&browsers[0], &ada).await, "the oldest is used again");
    let newest = trusted(&app, &ada).await;
    assert_eq!(devices(&newest).await.len(), 10);
    assert!(opens_a_session(&browsers[0], &ada).await);
    assert!(!opens_a_session(&browsers[1], &ada).await);
    assert!(opens_a_session(&browsers[2], &ada).await);
}

#[tokio::test]
async fn the_page_says_how_long_a_device_is_trusted() {
    let page = async |lifetime| {
        let app = TestApp::with([("DEVICE_LIFETIME", lifetime)]).await;
        let page = app.browser().get("/static/index.html").await;
        String::from_utf8(page.assert_status(200).body.clone()).unwrap()
    };
    assert!(page("7d").await.contains(r#" data-trust="7 days" "#));
    assert!(!page("0").await.contains("data-trust"));
}

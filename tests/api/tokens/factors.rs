//! Sessions of trusted devices and of passkeys: what other services and proxies learn about them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{BILLING, assert_active, assert_inactive, issuing, learn, part, token};
use crate::devices::{opens_a_session, with_cookie_of, with_device};
use crate::harness::{Browser, TestApp};
use crate::passkeys::sign_in::sign_in;
use crate::passkeys::{list, path, verifying, with_passkey};

/// The token of a browser's session.
fn session_token(browser: &Browser) -> String {
    browser.cookie("twofold_session").unwrap()
}

/// The level and the factors.
fn words(claims: &Value) -> (&str, Value) {
    (claims["acr"].as_str().unwrap(), claims["amr"].clone())
}

/// Asserts that a session is active for services at this level and with these factors: by its token, and by one that
/// is issued to it.
async fn assert_introspected(app: &TestApp, browser: &Browser, expected: (&str, Value)) {
    let described = learn(app, BILLING, &session_token(browser)).await;
    assert_eq!(words(&described), expected);
    let issued = token(browser).await;
    assert_eq!(words(&part(&issued, 1)), expected);
    let described_issued = learn(app, BILLING, &issued).await;
    assert_eq!(words(&described_issued), expected);
    for same in ["sub", "sid", "auth_time"] {
        assert_eq!(described_issued[same], described[same], "{same}");
    }
}

/// Asserts that a session passes a proxy at this level.
async fn assert_forwarded(browser: &Browser, level: &str) {
    let passed = browser.get("/api/auth/forward").await;
    assert_eq!(passed.assert_status(204).header("remote-aal"), Some(level));
    let strict = browser.get("/api/auth/forward?aal=2").await;
    if level == "aal2" {
        strict.assert_status(204);
    } else {
        strict.assert_problem(403, "aal2_required");
    }
}

/// A session that was opened by a password on a trusted device.
async fn on_trusted_device(app: &TestApp) -> (crate::harness::Person, Browser) {
    let (ada, first) = with_device(app, "ada").await;
    let browser = with_cookie_of(app, &first);
    app.advance(TimeDelta::minutes(1));
    assert!(opens_a_session(&browser, &ada).await);
    (ada, browser)
}

#[tokio::test]
async fn a_session_of_a_trusted_device_is_introspected_as_one_of_a_password() {
    let app = issuing().await;
    let (ada, browser) = on_trusted_device(&app).await;
    assert_introspected(&app, &browser, ("aal1", json!(["pwd"]))).await;

    // A code lifts the session; what was issued before says what was true then.
    let (session, issued) = (session_token(&browser), token(&browser).await);
    browser.validate(&app.next_code(&ada)).await.assert_status(200);
    assert_introspected(&app, &browser, ("aal2", json!(["pwd", "otp", "mfa"]))).await;
    assert_inactive(&app, &session).await;
    assert_eq!(words(&learn(&app, BILLING, &issued).await), ("aal1", json!(["pwd"])));
}

#[tokio::test]
async fn a_session_of_a_trusted_device_passes_a_proxy_that_asks_for_no_second_factor() {
    let app = issuing().await;
    let (ada, browser) = on_trusted_device(&app).await;
    assert_forwarded(&browser, "aal1").await;
    browser.validate(&app.next_code(&ada)).await.assert_status(200);
    assert_forwarded(&browser, "aal2").await;
}

#[tokio::test]
async fn sessions_of_passkeys_are_introspected_with_their_factors_and_end_with_the_passkey() {
    let app = issuing().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    let (second, alone) = (app.challenged(&ada).await, app.browser());
    assert_inactive(&app, &second.cookie("twofold_login").unwrap()).await;
    second.use_passkey(&mut key).await.assert_status(200);
    sign_in(&alone, &mut key).await.assert_status(200);
    let by_both = ("aal2", json!(["pwd", "pop", "mfa"]));
    assert_introspected(&app, &ada.browser, by_both.clone()).await;
    assert_introspected(&app, &second, by_both).await;
    assert_introspected(&app, &alone, ("aal2", json!(["pop", "user", "mfa"]))).await;

    let ended =
        [session_token(&second), token(&second).await, session_token(&alone), token(&alone).await];
    let own = token(&ada.browser).await;
    let passkey = path(&list(&ada.browser).await[0]);
    ada.browser.delete(&passkey).await.assert_status(204);
    for token in &ended {
        assert_inactive(&app, token).await;
    }
    assert_active(&app, &own).await;
    assert_introspected(&app, &ada.browser, ("aal1", json!(["pwd"]))).await;
}

#[tokio::test]
async fn sessions_of_passkeys_pass_every_proxy_and_a_login_without_its_passkey_none() {
    let app = issuing().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    let (second, alone) = (app.challenged(&ada).await, app.browser());
    second.get("/api/auth/forward").await.assert_problem(401, "not_authenticated");
    second.use_passkey(&mut key).await.assert_status(200);
    sign_in(&alone, &mut key).await.assert_status(200);
    for browser in [&ada.browser, &second, &alone] {
        assert_forwarded(browser, "aal2").await;
    }
}

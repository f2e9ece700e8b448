//! How long a session lasts, and how long it is fresh.

use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{Answer, Call, TestApp};

#[tokio::test]
async fn a_session_ends_an_hour_after_its_last_use_and_a_day_after_its_login() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    for _ in 0..24 {
        app.advance(TimeDelta::minutes(59));
        ada.browser.get("/api/auth/me").await.assert_status(200);
        app.until_seen(&ada).await;
    }
    app.advance(TimeDelta::minutes(25));
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");

    ada.browser.log_in(&ada).await.assert_status(200);
    app.advance(TimeDelta::minutes(60));
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

/// The `Max-Age` of a cookie that an answer sets.
#[track_caller]
fn max_age(answer: &Answer, cookie: &str) -> i64 {
    let of_cookie = |line: &&&str| line.starts_with(&format!("{cookie}="));
    let set = answer.assert_status(200).set_cookies();
    let line = set.iter().find(of_cookie).unwrap();
    line.split("; ").find_map(|part| part.strip_prefix("Max-Age=")).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_cookie_expires_with_its_session() {
    for (lifetime, seconds) in [("24h", 24 * 3_600), ("90m", 90 * 60)] {
        let settings = [("SESSION_IDLE", lifetime), ("SESSION_LIFETIME", lifetime)];
        let app = TestApp::with(settings).await;
        let ada = app.register("ada").await;
        assert_eq!(max_age(&ada.browser.log_in(&ada).await, "twofold_session"), seconds);
        let password = json!({ "password": ada.password });
        let renewed = ada.browser.post("/api/auth/reauthenticate", password).await;
        assert_eq!(max_age(&renewed, "twofold_session"), seconds);
        app.advance(TimeDelta::seconds(seconds - 1));
        ada.browser.get("/api/auth/me").await.assert_status(200);
        app.advance(TimeDelta::seconds(1));
        ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");

        let eve = app.register("eve").await.with_totp().await;
        let browser = app.browser();
        assert_eq!(max_age(&browser.log_in(&eve).await, "twofold_login"), 300);
        app.advance(TimeDelta::seconds(299));
        let code = eve.phone().code_at(app.clock.now());
        assert_eq!(max_age(&browser.validate(&code).await, "twofold_session"), seconds);
    }
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    assert_eq!(max_age(&ada.browser.log_in(&ada).await, "twofold_session"), 24 * 3_600);
}

#[tokio::test]
async fn bearer_tokens_have_lifetimes_of_their_own() {
    let app = TestApp::with([("TOKEN_IDLE", "10m")]).await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let call = Call::new("POST", "/auth/credentials").header("authorization", &ada.basic());
    let token = app.browser().send(call).await.json()["token"].as_str().unwrap().to_owned();
    app.advance(TimeDelta::minutes(10));
    app.browser().bearer(&token).get("/whoami").await.assert_problem(401, "not_authenticated");
    ada.browser.get("/whoami").await.assert_status(200);
}

#[tokio::test]
async fn sensitive_calls_want_a_young_authentication_and_reauthenticating_makes_one() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = ada.browser.clone();
    let before = browser.get("/api/auth/me").await.json()["session"].clone();
    app.advance(TimeDelta::minutes(15));
    let stale = browser.post("/api/auth/otp/generate", json!({})).await;
    stale
        .assert_problem(403, "reauthentication_required")
        .assert_detail("Please log in again to do this.");
    // A code alone makes nothing fresh.
    browser.validate(&app.next_code(&ada)).await.assert_status(200);
    browser
        .post("/api/auth/otp/disable", json!({}))
        .await
        .assert_problem(403, "reauthentication_required");

    let old = browser.cookie("twofold_session").unwrap();
    let factors = json!({ "password": ada.password, "token": app.next_code(&ada) });
    let renewed = browser.post("/api/auth/reauthenticate", factors).await;
    let session = renewed.assert_status(200).json()["session"].clone();
    assert!(renewed.json().get("token").is_none());
    assert_eq!(session["id"], before["id"]);
    assert_ne!(browser.cookie("twofold_session").unwrap(), old);
    app.browser().bearer(&old).get("/whoami").await.assert_status(401);
    browser.post("/api/auth/otp/generate", json!({})).await.assert_status(200);

    // The absolute lifetime runs from the re-authentication.
    for _ in 0..24 {
        app.advance(TimeDelta::minutes(59));
        browser.get("/api/auth/me").await.assert_status(200);
        app.until_seen(&ada).await;
    }
}

#[tokio::test]
async fn reauthenticating_takes_every_factor() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = ada.browser.clone();
    let alone = json!({ "password": ada.password });
    browser.post("/api/auth/reauthenticate", alone).await.assert_problem(403, "otp_required");
    let wrong = json!({ "password": "not the password", "token": app.next_code(&ada) });
    for _ in 0..4 {
        browser
            .post("/api/auth/reauthenticate", wrong.clone())
            .await
            .assert_problem(400, "incorrect_password");
    }
    let right = json!({ "password": ada.password, "token": ada.recovery_codes[0] });
    browser.post("/api/auth/reauthenticate", right).await.assert_status(200);
    for _ in 0..5 {
        browser
            .post("/api/auth/reauthenticate", wrong.clone())
            .await
            .assert_problem(400, "incorrect_password");
    }
    browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    // The email's own waits were not consulted.
    app.browser().log_in(&ada).await.assert_status(200);
}

#[tokio::test]
async fn a_bearer_gets_its_new_token_in_the_body_and_no_cookie() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let call = Call::new("POST", "/auth/credentials").header("authorization", &ada.basic());
    let token = app.browser().send(call).await.json()["token"].as_str().unwrap().to_owned();
    let bearer = app.browser().bearer(&token);
    let renewed =
        bearer.post("/api/auth/reauthenticate", json!({ "password": ada.password })).await;
    assert!(renewed.assert_status(200).set_cookies().is_empty());
    let renewed = renewed.json()["token"].as_str().unwrap().to_owned();
    bearer.get("/whoami").await.assert_status(401);
    app.browser().bearer(&renewed).get("/whoami").await.assert_status(200);
}

#[tokio::test]
async fn use_is_recorded_at_most_once_a_minute() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let login = app.clock.now();
    app.advance(TimeDelta::seconds(59));
    for _ in 0..5 {
        ada.browser.get("/api/auth/me").await.assert_status(200);
    }
    assert_eq!(app.last_seen(&ada).await, login);
    app.advance(TimeDelta::seconds(1));
    ada.browser.get("/api/auth/me").await.assert_status(200);
    app.until_seen(&ada).await;
}

//! The password step: what it opens, and what it ends.

use serde_json::json;

use crate::harness::{Browser, Call, Person, TestApp};

async fn bearer_token(app: &TestApp, person: &Person) -> String {
    let call = Call::new("POST", "/auth/credentials").header("authorization", &person.basic());
    app.browser().send(call).await.json()["token"].as_str().unwrap().to_owned()
}

async fn is_signed_in(app: &TestApp, token: &str) -> bool {
    app.browser().bearer(token).get("/whoami").await.status == 200
}

#[tokio::test]
async fn a_right_password_sets_one_cookie_and_expires_the_other() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let answer = ada.browser.log_in(&ada).await;
    let cookies = answer.assert_status(200).set_cookies();
    assert_eq!(cookies.len(), 2);
    assert!(
        cookies[0].starts_with("twofold_session=") && cookies[1].starts_with("twofold_login=;")
    );
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookies[0].contains(attribute));
    }
    let user = answer.json()["user"].clone();
    let mut fields: Vec<&String> = user.as_object().unwrap().keys().collect();
    fields.sort();
    let expected = [
        "created_at",
        "email",
        "email_verified",
        "id",
        "name",
        "otp_auth_url",
        "otp_base32",
        "otp_enabled",
        "otp_verified",
        "second_factors",
        "updated_at",
    ];
    assert_eq!(fields, expected);
    assert!(user["id"].as_str().unwrap().len() == 24 && user["otp_base32"].is_null());

    let bea = app.register("bea").await.with_totp().await;
    let answer = app.browser().log_in(&bea).await;
    let cookies = answer.set_cookies();
    assert!(
        cookies[0].starts_with("twofold_login=") && cookies[1].starts_with("twofold_session=;")
    );
    assert_eq!(answer.json()["user"]["otp_enabled"], true);
}

#[tokio::test]
async fn a_login_ends_what_it_carried_whosever_it_was() {
    let app = TestApp::spawn().await;
    let (ada, bea) = (app.register("ada").await, app.register("bea").await);
    let browser = app.browser();
    browser.log_in(&ada).await.assert_status(200);
    let first = browser.cookie("twofold_session").unwrap();
    browser.log_in(&ada).await.assert_status(200);
    let second = browser.cookie("twofold_session").unwrap();
    assert!(!is_signed_in(&app, &first).await && is_signed_in(&app, &second).await);
    assert_eq!(app.stored(&ada).await.get_array("sessions").unwrap().len(), 1);
    browser.log_in(&bea).await.assert_status(200);
    assert!(!is_signed_in(&app, &second).await);
    assert!(app.stored(&ada).await.get_array("sessions").unwrap().is_empty());
}

#[tokio::test]
async fn a_refused_login_ends_nothing_and_sets_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let wrong = json!({ "email": ada.email, "password": "not the password" });
    let refused = ada.browser.post("/api/auth/login", wrong).await;
    assert!(refused.assert_status(400).set_cookies().is_empty());
    ada.browser.get("/api/auth/me").await.assert_status(200);
}

#[tokio::test]
async fn a_login_carrying_a_challenge_or_a_bearer_token_ends_it() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.browser();
    browser.log_in(&ada).await.assert_status(200);
    let carried: Browser = browser.copy();
    browser.log_in(&ada).await.assert_status(200);
    assert_eq!(app.stored(&ada).await.get_array("challenges").unwrap().len(), 1);
    carried.validate(&app.next_code(&ada)).await.assert_problem(401, "login_expired");

    let bea = app.register("bea").await;
    let token = bearer_token(&app, &bea).await;
    let browser = app.browser();
    browser.set_cookie("twofold_session", &token);
    browser.log_in(&bea).await.assert_status(200);
    assert!(!is_signed_in(&app, &token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_ends_no_session() {
    let app = TestApp::spawn().await;
    let (ada, bea) = (app.signed_in("ada").await, app.register("bea").await);
    app.operator(&["users", "disable", &bea.email, "--yes"]).assert_code(0);
    ada.browser.log_in(&bea).await.assert_problem(403, "account_disabled");
    ada.browser.get("/api/auth/me").await.assert_status(200);
}

#[tokio::test]
async fn a_planted_session_is_not_the_one_that_a_login_opens() {
    let app = TestApp::spawn().await;
    let (ada, eve) = (app.register("ada").await.with_totp().await, app.register("eve").await);
    eve.browser.log_in(&eve).await.assert_status(200);
    let planted = eve.browser.cookie("twofold_session").unwrap();
    let victim = app.browser();
    victim.set_cookie("twofold_session", &planted);
    victim.log_in(&ada).await.assert_status(200);
    let challenge = victim.cookie("twofold_login").unwrap();
    victim.validate(&app.next_code(&ada)).await.assert_status(200);
    assert!(victim.cookie("twofold_login").is_none());
    let session = victim.cookie("twofold_session").unwrap();
    assert!(session != planted && session != challenge);
    assert!(!is_signed_in(&app, &planted).await);
}

#[tokio::test]
async fn an_account_has_twenty_sessions_fifty_tokens_and_twenty_challenges_at_most() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let mut sessions = Vec::new();
    // All at one instant: the new one must not be the one that goes.
    for _ in 0..25 {
        let browser = app.browser();
        browser.log_in(&ada).await.assert_status(200);
        sessions.push(browser.cookie("twofold_session").unwrap());
        assert!(is_signed_in(&app, sessions.last().unwrap()).await);
    }
    let mut tokens = Vec::new();
    for _ in 0..55 {
        tokens.push(bearer_token(&app, &ada).await);
        assert!(is_signed_in(&app, tokens.last().unwrap()).await);
    }
    let stored = app.stored(&ada).await;
    assert_eq!(stored.get_array("sessions").unwrap().len(), 20);
    assert_eq!(stored.get_array("tokens").unwrap().len(), 50);

    let bea = app.register("bea").await.with_totp().await;
    let mut browsers = Vec::new();
    for _ in 0..21 {
        app.advance(chrono::TimeDelta::seconds(1));
        let browser = app.browser();
        browser.log_in(&bea).await.assert_status(200);
        browsers.push(browser);
    }
    assert_eq!(app.stored(&bea).await.get_array("challenges").unwrap().len(), 20);
    let code = app.next_code(&bea);
    browsers[0].validate(&code).await.assert_problem(401, "login_expired");
    browsers[1].validate(&code).await.assert_status(200);
}

#[tokio::test]
async fn the_least_recently_seen_session_makes_room() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let mut browsers = Vec::new();
    for _ in 0..20 {
        let browser = app.browser();
        browser.log_in(&ada).await.assert_status(200);
        browsers.push(browser);
    }
    app.advance(chrono::TimeDelta::minutes(2));
    browsers[0].get("/whoami").await.assert_status(200);
    app.until_seen(&ada).await;
    app.browser().log_in(&ada).await.assert_status(200);
    browsers[0].get("/whoami").await.assert_status(200);
    browsers[1].get("/whoami").await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn a_challenge_lasts_five_minutes() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    for (seconds, status) in [(299, 200), (300, 401)] {
        let browser = app.browser();
        browser.log_in(&ada).await.assert_status(200);
        app.advance(chrono::TimeDelta::seconds(seconds));
        let code = ada.phone().code_at(app.clock.now());
        browser.validate(&code).await.assert_status(status);
    }
}

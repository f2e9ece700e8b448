//! Of several sessions or logins of one account, what concerns one leaves the others alone.

use bson::{DateTime, doc};
use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{Answer, Browser, TestApp, at_once, count, until};

async fn reauthenticate(browser: &Browser, password: &str, code: &str) -> Answer {
    let form = json!({ "password": password, "token": code });
    browser.post("/api/auth/reauthenticate", form).await
}

#[tokio::test]
async fn wrong_passwords_end_the_session_or_token_they_were_given_in_and_no_other() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let (first, second) = (app.challenged(&ada).await, app.challenged(&ada).await);
    let (one, other) = (app.bearer(&ada).await, app.bearer(&ada).await);
    for (guessing, left) in [(&second, &first), (&other, &one)] {
        for _ in 0..5 {
            let form = json!({ "password": "not the password" });
            let wrong = guessing.post("/api/auth/reauthenticate", form).await;
            wrong.assert_problem(400, "incorrect_password");
        }
        guessing.get("/whoami").await.assert_problem(401, "not_authenticated");
        left.get("/whoami").await.assert_status(200);
    }
}

#[tokio::test]
async fn a_session_that_ends_by_its_failures_leaves_one_whose_last_try_is_being_checked() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let (checked, guessing) = (app.challenged(&ada).await, app.challenged(&ada).await);
    let users = app.collection("users").await;
    let now = DateTime::from_millis(app.clock.now().timestamp_millis());
    let counted = doc! { "$set": { "sessions.0.failed": 5_i64, "sessions.0.tried": now } };
    users.update_one(doc! { "email": &ada.email }, counted).await.unwrap();
    let form = json!({ "password": "not the password" });
    let waits = checked.post("/api/auth/reauthenticate", form.clone()).await;
    waits.assert_problem(429, "too_many_attempts");
    for _ in 0..5 {
        let wrong = guessing.post("/api/auth/reauthenticate", form.clone()).await;
        wrong.assert_problem(400, "incorrect_password");
    }
    guessing.get("/whoami").await.assert_problem(401, "not_authenticated");
    checked.get("/whoami").await.assert_status(200);
}

#[tokio::test]
async fn a_try_that_is_taken_back_is_taken_back_in_its_own_session() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let other = app.challenged(&ada).await;
    other.validate(&ada.recovery_codes[0]).await.assert_status(200);
    let wrong = ada.phone().wrong_code_at(app.clock.now());
    for _ in 0..3 {
        let guess = reauthenticate(&ada.browser, "not the password", &wrong).await;
        guess.assert_problem(400, "incorrect_password");
    }
    // The password is right, so this costs the session nothing.
    for _ in 0..6 {
        reauthenticate(&other, &ada.password, &wrong).await.assert_problem(400, "otp_invalid");
    }
    for _ in 0..2 {
        let guess = reauthenticate(&ada.browser, "not the password", &wrong).await;
        guess.assert_problem(400, "incorrect_password");
    }
    ada.browser.get("/whoami").await.assert_problem(401, "not_authenticated");
    other.get("/whoami").await.assert_status(200);
}

#[tokio::test]
async fn a_recovery_code_forgets_the_tries_of_its_own_session_and_of_no_other() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let other = app.challenged(&ada).await;
    other.validate(&ada.recovery_codes[0]).await.assert_status(200);
    for browser in [&ada.browser, &other] {
        for _ in 0..4 {
            browser.validate("wrong-wrong-wrong").await.assert_problem(400, "otp_invalid");
        }
    }
    other.validate(&ada.recovery_codes[1]).await.assert_status(200);
    for browser in [&ada.browser, &other] {
        browser.validate("wrong-wrong-wrong").await.assert_problem(400, "otp_invalid");
    }
    ada.browser.get("/whoami").await.assert_problem(401, "not_authenticated");
    other.get("/whoami").await.assert_status(200);
}

#[tokio::test]
async fn using_one_session_keeps_no_other_alive() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let (first, second) = (app.challenged(&ada).await, app.challenged(&ada).await);
    app.advance(TimeDelta::minutes(59));
    second.get("/whoami").await.assert_status(200);
    let now = DateTime::from_millis(app.clock.now().timestamp_millis());
    let users = app.collection("users").await;
    until("the use of a session is recorded", async || {
        users.count_documents(doc! { "sessions.seen": now }).await.unwrap() == 1
    })
    .await;
    app.advance(TimeDelta::minutes(2));
    first.get("/whoami").await.assert_problem(401, "not_authenticated");
    second.get("/whoami").await.assert_status(200);
}

#[tokio::test]
async fn logging_out_of_one_login_under_way_leaves_the_others() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let (one, other) = (app.challenged(&ada).await, app.challenged(&ada).await);
    one.post("/api/auth/logout", json!({})).await.assert_status(204);
    other.validate(&app.next_code(&ada)).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_forty_logins_at_once_twenty_have_a_challenge_at_most() {
    let app = TestApp::with([("TRUSTED_PROXIES", "127.0.0.1"), ("HASH_QUEUE", "1000")]).await;
    let ada = app.register("ada").await.with_totp().await;
    for _ in 0..15 {
        app.challenged(&ada).await;
    }
    let answers = at_once((0..40).map(|n| {
        let browser = app.browser().always("x-forwarded-for", &format!("192.0.2.{n}"));
        let ada = ada.clone();
        async move { browser.log_in(&ada).await }
    }))
    .await;
    assert!(count(&answers, 200) > 0);
    assert_eq!(count(&answers, 200) + count(&answers, 503), 40);
    assert!(app.stored(&ada).await.get_array("challenges").unwrap().len() <= 20);
}

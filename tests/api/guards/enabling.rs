//! Enabling and disabling the second factor: what ends with it, and what it leaves.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    Answer, Browser, Call, HeldWrite, Person, Phone, TestApp, at_once, count, until_in_time,
};

async fn enable(browser: Browser) -> Answer {
    browser.put("/auth/otp/enable", json!({ "enabled": true })).await
}

async fn assert_ended(browsers: &[&Browser]) {
    for browser in browsers {
        browser.get("/whoami").await.assert_problem(401, "not_authenticated");
    }
}

#[tokio::test]
async fn enabling_by_the_basic_contract_ends_every_other_session_and_token() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let (here, there) = (app.browser(), app.browser());
    here.log_in(&ada).await.assert_status(200);
    there.log_in(&ada).await.assert_status(200);
    let token = app.bearer(&ada).await;
    enable(here.clone()).await.assert_status(200);
    assert_ended(&[&there, &token]).await;
    here.get("/whoami").await.assert_status(200);

    let bea = app.register("bea").await;
    bea.browser.log_in(&bea).await.assert_status(200);
    let (token, other) = (app.bearer(&bea).await, app.bearer(&bea).await);
    enable(token.clone()).await.assert_status(200);
    assert_ended(&[&bea.browser, &other]).await;
    token.get("/whoami").await.assert_status(200);
}

#[tokio::test]
async fn confirming_ends_every_other_session_and_token() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let token = app.bearer(&ada).await;
    let ada = ada.with_totp().await;
    assert_ended(&[&token]).await;
    ada.browser.get("/whoami").await.assert_status(200);
}

#[tokio::test]
async fn disabling_ends_every_token_and_every_login_under_way() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let late = app.challenged(&ada).await;
    let code = app.next_code(&ada);
    let token = app.bearer_with(&ada, &code).await;
    token.get("/whoami").await.assert_status(200);
    ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
    assert_ended(&[&token]).await;
    late.validate(&app.next_code(&ada)).await.assert_problem(401, "login_expired");
}

#[tokio::test]
async fn disabling_forgets_wrong_codes() {
    let app = TestApp::spawn().await;
    let mut ada = app.register("ada").await.with_totp().await;
    app.lock_codes(&ada).await;
    ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
    ada.enrol_again().await;
    app.challenged(&ada).await.validate(&app.next_code(&ada)).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_that_enable_at_once_one_gets_recovery_codes_and_these_work() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let answers = at_once((0..10).map(|_| enable(ada.browser.copy()))).await;
    assert_eq!(count(&answers, 200), 10);
    let sets: Vec<Value> =
        answers.iter().map(|answer| answer.json()["recovery_codes"].clone()).collect();
    let [codes] = sets.iter().filter_map(Value::as_array).collect::<Vec<_>>()[..] else {
        panic!("not one set of recovery codes: {sets:?}");
    };
    app.challenged(&ada).await.validate(codes[0].as_str().unwrap()).await.assert_status(200);
}

#[tokio::test]
async fn calls_that_change_nothing_spend_no_budget_of_changes() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    for _ in 0..101 {
        ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
        let codes = ada.browser.post("/api/auth/otp/recovery-codes", json!({})).await;
        codes.assert_problem(409, "otp_not_enabled");
    }
    for _ in 0..101 {
        enable(ada.browser.clone()).await.assert_status(200);
    }
}

#[tokio::test]
async fn a_new_authenticator_ends_logins_under_way_and_forgets_wrong_codes() {
    let app = TestApp::spawn().await;
    let mut ada = app.register("ada").await.with_totp().await;
    let wrong = ada.phone().wrong_code_at(app.clock.now());
    for _ in 0..9 {
        ada.browser.validate(&wrong).await.assert_problem(400, "otp_invalid");
    }
    let late = app.challenged(&ada).await;
    ada.enrol_again().await;
    late.validate(&app.next_code(&ada)).await.assert_problem(401, "login_expired");
    let codes = app.stored(&ada).await.get_document("codes").unwrap().clone();
    assert_eq!(codes.get_i64("failed").unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_first_codes_at_once_neither_ends_the_token_of_the_other() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    until_in_time(async |n| {
        let ada = app.register(&format!("ada-{n}")).await;
        ada.browser.log_in(&ada).await.assert_status(200);
        enable(ada.browser.clone()).await.assert_status(200);
        let png = ada.browser.get("/auth/otp/generate").await.assert_status(200).body.clone();
        let phone = Phone::pictured(&png);
        let code = |steps: i64| phone.code_at(app.clock.now() + TimeDelta::seconds(30 * steps));
        let call = Call::new("POST", &format!("/auth/credentials?otp={}", code(1)));
        let call = call.header("authorization", &ada.basic());
        let held = HeldWrite::on_users(&app, "update", 1).await;
        let browser = app.browser();
        let calling = tokio::spawn(async move { browser.send(call).await });
        held.until_held().await;
        let first = app.bearer_with(&ada, &code(0)).await;
        let second = held.answer(calling).await?.assert_status(200).json();
        let second = app.browser().bearer(second["token"].as_str().unwrap());
        for token in [first, second] {
            token.get("/whoami").await.assert_status(200);
        }
        Some(())
    })
    .await;
}

/// Asserts that a call moved the account's `updated_at` to now.
async fn assert_updated(app: &TestApp, person: &Person, what: &str) {
    let stored = app.stored(person).await.get_datetime("updated_at").unwrap().timestamp_millis();
    assert_eq!(stored, app.clock.now().timestamp_millis(), "{what}");
    app.advance(TimeDelta::seconds(30));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_credentials_is_when_the_account_was_updated() {
    let app = TestApp::spawn().await;
    let mut ada = app.register("ada").await;
    app.advance(TimeDelta::seconds(30));
    ada = ada.with_totp().await;
    assert_updated(&app, &ada, "verify").await;
    let browser = ada.browser.clone();
    browser.post("/api/auth/otp/recovery-codes", json!({})).await.assert_status(200);
    assert_updated(&app, &ada, "new recovery codes").await;
    let change = json!({ "current_password": ada.password, "new_password": "a saucer of marbles" });
    browser.put("/api/auth/password", change).await.assert_status(204);
    assert_updated(&app, &ada, "a new password").await;
    browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
    assert_updated(&app, &ada, "disable").await;
    enable(browser.clone()).await.assert_status(200);
    assert_updated(&app, &ada, "enable").await;
    let png = browser.get("/auth/otp/generate").await.assert_status(200).body.clone();
    ada.password = "a saucer of marbles".to_owned();
    let code = Phone::pictured(&png).code_at(app.clock.now());
    app.challenged(&ada).await.validate(&code).await.assert_status(200);
    assert_updated(&app, &ada, "the first right code").await;

    let before = app.stored(&ada).await.get_datetime("updated_at").copied().unwrap();
    app.operator(&["users", "reset-otp", &ada.email, "--yes"]).assert_code(0);
    // The command has the system's clock.
    assert_ne!(app.stored(&ada).await.get_datetime("updated_at").copied().unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_written_is_answered_even_if_the_account_cannot_be_read_again() {
    let (_mongod, app) = HeldWrite::app().await;
    let ada = app.signed_in("ada").await;
    let code = Phone::enrolling(&ada.browser).await.code_at(app.clock.now());
    let refusing = HeldWrite::refusing_all_but_first(&app.database_url, "find").await;
    let form = json!({ "token": code });
    let confirmed = ada.browser.post("/api/auth/otp/verify", form).await;
    refusing.release().await;
    let confirmed = confirmed.assert_status(200).json();
    assert_eq!(confirmed["recovery_codes"].as_array().unwrap().len(), 10);
    let user = async || {
        let mut user = ada.browser.get("/api/auth/me").await.json()["user"].clone();
        // Only `me` has it.
        user.as_object_mut().unwrap().remove("pending_email");
        user
    };
    assert_eq!(confirmed["user"], user().await);

    app.advance(TimeDelta::seconds(1));
    let refusing = HeldWrite::refusing_all_but_first(&app.database_url, "find").await;
    let disabled = ada.browser.post("/api/auth/otp/disable", json!({})).await;
    refusing.release().await;
    assert_eq!(disabled.assert_status(200).json()["user"], user().await);
}

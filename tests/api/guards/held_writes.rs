//! What changes between a flow's read and its write: the write's filter holds what was read.

use serde_json::json;
use tokio::task::JoinHandle;

use crate::harness::{Answer, Browser, Call, HeldCall, HeldWrite, Person, TestApp};

async fn app_with_held_writes() -> (local_mongod::Mongod, TestApp) {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    (mongod, app)
}

/// Begins a call and returns once its write has arrived at the database, and is held there.
async fn held(app: &TestApp, browser: &Browser, call: Call) -> JoinHandle<Answer> {
    let write = HeldWrite::next(&app.database_url, "update").await;
    let browser = browser.clone();
    let calling = tokio::spawn(async move { browser.send(call).await });
    write.until_held().await;
    calling
}

fn login(person: &Person) -> Call {
    let form = json!({ "email": person.email, "password": person.password });
    Call::new("POST", "/api/auth/login").json(&form)
}

async fn signed_in(app: &TestApp, name: &str) -> Person {
    let person = app.register(name).await;
    person.browser.log_in(&person).await.assert_status(200);
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_overtaken_by_enabling_owes_a_code() {
    let (_mongod, app) = app_with_held_writes().await;
    let on = json!({ "enabled": true });
    let ada = signed_in(&app, "ada").await;
    let late = app.browser();
    let waiting = held(&app, &late, login(&ada)).await;
    ada.browser.put("/auth/otp/enable", on.clone()).await.assert_status(200);
    waiting.await.unwrap().assert_status(200);
    assert!(late.cookie("twofold_session").is_none() && late.cookie("twofold_login").is_some());

    let bea = signed_in(&app, "bea").await;
    let basic = Call::new("POST", "/auth/credentials").header("authorization", &bea.basic());
    let waiting = held(&app, &app.browser(), basic).await;
    bea.browser.put("/auth/otp/enable", on).await.assert_status(200);
    assert_eq!(waiting.await.unwrap().assert_status(401).json()["status"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_overtaken_by_disabling_owes_no_code() {
    let (_mongod, app) = app_with_held_writes().await;
    let ada = app.register("ada").await.with_totp().await;
    let late = app.browser();
    let waiting = held(&app, &late, login(&ada)).await;
    ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
    waiting.await.unwrap().assert_status(200);
    assert!(late.cookie("twofold_login").is_none());
    late.get("/api/auth/me").await.assert_status(200);

    let bea = app.register("bea").await.with_totp().await;
    let late = app.browser();
    let waiting = held(&app, &late, login(&bea)).await;
    app.operator(&["users", "reset-otp", &bea.email, "--yes"]).assert_code(0);
    waiting.await.unwrap().assert_status(200);
    assert!(late.cookie("twofold_login").is_none());
    late.get("/api/auth/me").await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_overtaken_by_a_new_password_or_by_the_operator_opens_nothing() {
    let (_mongod, app) = app_with_held_writes().await;
    let ada = signed_in(&app, "ada").await;
    let waiting = held(&app, &app.browser(), login(&ada)).await;
    let change = json!({ "current_password": ada.password, "new_password": "a saucer of marbles" });
    let changed = ada.browser.put("/api/auth/password", change).await;
    changed.assert_status(204);
    waiting.await.unwrap().assert_problem(400, "incorrect_credentials");

    let bea = app.register("bea").await;
    let waiting = held(&app, &app.browser(), login(&bea)).await;
    app.operator(&["users", "disable", &bea.email, "--yes"]).assert_code(0);
    waiting.await.unwrap().assert_problem(403, "account_disabled");
    assert!(app.stored(&bea).await.get_array("sessions").unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_are_not_renewed_for_an_authenticator_that_was_just_disabled() {
    let (_mongod, app) = app_with_held_writes().await;
    let ada = app.register("ada").await.with_totp().await;
    let renew = Call::new("POST", "/api/auth/otp/recovery-codes");
    let waiting = held(&app, &ada.browser.copy(), renew).await;
    ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
    waiting.await.unwrap().assert_problem(409, "otp_not_enabled");
    assert!(app.stored(&ada).await.get_array("recovery").unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_that_is_renewed_at_login_does_not_bring_a_changed_password_back() {
    let (_mongod, app) = app_with_held_writes().await;
    let dearer = app.second_instance([("HASH_ITERATIONS", "2")]).await;
    let mut ada = signed_in(&app, "ada").await;
    // The login writes two things at a time: the new hash of the old password, and the session.
    let writes = HeldWrite::next_of(&app.database_url, "update", 2).await;
    let (browser, person) = (dearer.browser(), ada.clone());
    let waiting = tokio::spawn(async move { browser.log_in(&person).await });
    writes.until_held().await;
    let change = json!({ "current_password": ada.password, "new_password": "a saucer of marbles" });
    ada.browser.put("/api/auth/password", change).await.assert_status(204);
    let changed = app.stored(&ada).await.get_str("password").unwrap().to_owned();
    writes.until_done().await;
    waiting.await.unwrap().assert_problem(400, "incorrect_credentials");
    assert_eq!(app.stored(&ada).await.get_str("password").unwrap(), changed);
    ada.password = "a saucer of marbles".to_owned();
    app.browser().log_in(&ada).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_beside_a_password_that_was_just_changed_opens_nothing() {
    let (_mongod, app) = app_with_held_writes().await;
    let ada = app.register("ada").await.with_totp().await;
    let codes = [app.next_code(&ada), ada.recovery_codes[0].clone()];
    let mut person = ada.clone();
    for (number, code) in codes.into_iter().enumerate() {
        let call = Call::new("POST", &format!("/auth/credentials?otp={code}"));
        let call = call.header("authorization", &person.basic());
        let waiting = held(&app, &app.browser(), call).await;
        let new = format!("a saucer of marbles {number}");
        let change = json!({ "current_password": person.password, "new_password": new });
        ada.browser.put("/api/auth/password", change).await.assert_status(204);
        assert_eq!(waiting.await.unwrap().assert_status(401).json()["status"], 3);
        person.password = new;
    }
    assert!(app.stored(&ada).await.get_array("tokens").unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_whose_carried_cookie_is_logged_out_meanwhile_opens_what_it_says() {
    let (_mongod, app) = app_with_held_writes().await;
    let logout = || Call::new("POST", "/api/auth/logout");
    let ada = app.register("ada").await.with_totp().await;
    let browser = app.challenged(&ada).await;
    let carried = browser.copy();
    let waiting = held(&app, &browser, login(&ada)).await;
    carried.send(logout()).await.assert_status(204);
    waiting.await.unwrap().assert_status(200);
    browser.validate(&app.next_code(&ada)).await.assert_status(200);

    let bea = signed_in(&app, "bea").await;
    let carried = bea.browser.copy();
    let waiting = held(&app, &bea.browser, login(&bea)).await;
    carried.send(logout()).await.assert_status(204);
    waiting.await.unwrap().assert_status(200);
    bea.browser.get("/api/auth/me").await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_enrolment_begins_in_a_session_that_came_to_owe_a_code_meanwhile() {
    let app = TestApp::spawn().await;
    let ada = signed_in(&app, "ada").await;
    app.set_last_seen_back(&ada).await;
    let call = ("POST", "/api/auth/otp/generate", &json!({}));
    let held = HeldCall::begin(&app, &ada.browser, call).await;
    app.until_seen(&ada).await;
    let on = json!({ "enabled": true });
    ada.browser.put("/auth/otp/enable", on).await.assert_status(200);
    assert_eq!(held.finish().await, 403);
    assert!(!app.stored(&ada).await.contains_key("pending"));
}

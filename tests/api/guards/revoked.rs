//! A session that was revoked between a request's read and its write must not complete the request.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    Answer, Browser, Call, HeldCall, HeldWrite, Person, Phone, TestApp, until_tried,
};
use crate::overtaken::slow_to_hash;

/// Somebody with two sessions, the first of them in their own browser.
async fn signed_in_twice(app: &TestApp, name: &str) -> (Person, Browser) {
    let ada = app.register(name).await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let elsewhere = app.browser();
    elsewhere.log_in(&ada).await.assert_status(200);
    (ada, elsewhere)
}

/// The same, with an authenticator app.
async fn with_totp_signed_in_twice(app: &TestApp, name: &str) -> (Person, Browser) {
    let ada = app.register(name).await.with_totp().await;
    let elsewhere = app.challenged(&ada).await;
    elsewhere.validate(&ada.recovery_codes[0]).await.assert_status(200);
    (ada, elsewhere)
}

async fn session_id(browser: &Browser) -> String {
    let session = browser.get("/api/auth/me").await.assert_status(200).json()["session"].clone();
    session["id"].as_str().unwrap().to_owned()
}

async fn revoke(by: &Browser, id: &str) {
    by.delete(&format!("/api/auth/sessions/{id}")).await.assert_status(204);
}

fn change(person: &Person) -> Value {
    json!({ "current_password": person.password, "new_password": "a saucer of marbles" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_while_it_changes_the_password_changes_nothing() {
    let app = slow_to_hash().await;
    let (ada, elsewhere) = signed_in_twice(&app, "ada").await;
    let id = session_id(&ada.browser).await;
    let (browser, form) = (ada.browser.copy(), change(&ada));
    let changing = tokio::spawn(async move { browser.put("/api/auth/password", form).await });
    until_tried(&app, &ada).await;
    revoke(&elsewhere, &id).await;
    changing.await.unwrap().assert_problem(401, "not_authenticated");
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    elsewhere.get("/api/auth/me").await.assert_status(200);
    app.browser().log_in(&ada).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_while_it_deletes_the_account_deletes_nothing() {
    let app = slow_to_hash().await;
    let (ada, elsewhere) = signed_in_twice(&app, "ada").await;
    let id = session_id(&ada.browser).await;
    let call = Call::new("DELETE", "/api/auth/account").json(&json!({ "password": ada.password }));
    let browser = ada.browser.copy();
    let deleting = tokio::spawn(async move { browser.send(call).await });
    until_tried(&app, &ada).await;
    revoke(&elsewhere, &id).await;
    deleting.await.unwrap().assert_problem(401, "not_authenticated");
    elsewhere.get("/api/auth/me").await.assert_status(200);
}

/// What a person's account is, without what a revocation changes.
async fn account_without_sessions(app: &TestApp, person: &Person) -> bson::Document {
    let mut stored = app.stored(person).await;
    for name in ["sessions", "tokens"] {
        stored.remove(name);
    }
    stored
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_before_the_body_arrived_changes_nothing() {
    let app = TestApp::spawn().await;
    let on = json!({ "enabled": true });
    let calls = [
        ("PUT", "/auth/otp/enable", on),
        ("POST", "/api/auth/otp/generate", json!({})),
        ("PUT", "/api/auth/password", json!(null)),
        ("POST", "/api/auth/otp/verify", json!("right")),
        ("POST", "/api/auth/otp/verify", json!("wrong")),
        ("DELETE", "/api/auth/account", json!(null)),
        ("POST", "/api/auth/reauthenticate", json!(null)),
    ];
    for (number, (method, path, body)) in calls.into_iter().enumerate() {
        let (ada, elsewhere) = signed_in_twice(&app, &format!("ada-{number}")).await;
        let body = match path {
            "/api/auth/password" => change(&ada),
            "/api/auth/otp/verify" => {
                let phone = enrolling(&ada.browser).await;
                let right = phone.code_at(app.clock.now());
                let wrong = phone.wrong_code_at(app.clock.now());
                json!({ "token": if body == "right" { right } else { wrong } })
            }
            "/api/auth/account" | "/api/auth/reauthenticate" => json!({ "password": ada.password }),
            _ => body,
        };
        assert_revoked_while_held(&app, (&ada, &elsewhere), (method, path, &body)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_before_its_code_or_its_disabling_arrived_changes_nothing() {
    let app = TestApp::spawn().await;
    for (number, path) in
        ["/api/auth/otp/disable", "/api/auth/otp/validate", "/api/auth/otp/validate"]
            .into_iter()
            .enumerate()
    {
        let (ada, elsewhere) = with_totp_signed_in_twice(&app, &format!("ada-{number}")).await;
        let code = match number {
            1 => app.next_code(&ada),
            _ => ada.phone().wrong_code_at(app.clock.now()),
        };
        let body = json!({ "token": code });
        assert_revoked_while_held(&app, (&ada, &elsewhere), ("POST", path, &body)).await;
    }
}

/// Revokes a person's first session between the head and the body of one of its calls.
async fn assert_revoked_while_held(
    app: &TestApp,
    (ada, elsewhere): (&Person, &Browser),
    call: (&str, &str, &Value),
) {
    let id = session_id(&ada.browser).await;
    app.set_last_seen_back(ada).await;
    let held = HeldCall::begin(app, &ada.browser, call).await;
    app.until_seen(ada).await;
    let before = account_without_sessions(app, ada).await;
    revoke(elsewhere, &id).await;
    assert_eq!(held.finish().await, 401, "{call:?}");
    assert_eq!(account_without_sessions(app, ada).await, before, "{call:?} wrote something");
    elsewhere.get("/api/auth/me").await.assert_status(200);
}

/// The app that a browser begins to enrol.
async fn enrolling(browser: &Browser) -> Phone {
    let offer = browser.post("/api/auth/otp/generate", json!({})).await.json();
    Phone::typed(offer["base32"].as_str().unwrap())
}

/// Revokes a person's session while the last write of one of its calls is on its way.
async fn revoked_while_written(
    app: &TestApp,
    (ada, elsewhere): (&Person, &Browser),
    call: Call,
    counts_first: bool,
) -> Answer {
    let id = session_id(&ada.browser).await;
    let first = if counts_first { None } else { Some(hold_update(app).await) };
    let browser = ada.browser.copy();
    let calling = tokio::spawn(async move { browser.send(call).await });
    let write = match first {
        Some(write) => write,
        None => {
            // The hash takes longer than it takes to see that the try was counted.
            until_tried(app, ada).await;
            hold_update(app).await
        }
    };
    write.until_held().await;
    revoke(elsewhere, &id).await;
    calling.await.unwrap()
}

async fn hold_update(app: &TestApp) -> HeldWrite {
    HeldWrite::next(&app.database_url, "update").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_just_before_a_write_for_it_changes_nothing() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    let (ada, elsewhere) = with_totp_signed_in_twice(&app, "ada").await;
    let codes = Call::new("POST", "/api/auth/otp/recovery-codes");
    let refused = revoked_while_written(&app, (&ada, &elsewhere), codes, false).await;
    refused.assert_problem(401, "not_authenticated");
    assert_eq!(app.stored(&ada).await.get_array("recovery").unwrap().len(), 9);

    app.advance(TimeDelta::seconds(30));
    let (eve, here) = signed_in_twice(&app, "eve").await;
    let others = Call::new("DELETE", "/api/auth/sessions");
    let refused = revoked_while_written(&app, (&eve, &here), others, false).await;
    refused.assert_problem(401, "not_authenticated");
    here.get("/api/auth/me").await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_just_before_the_new_password_is_written_changes_nothing() {
    let mongod = HeldWrite::mongod().await;
    let slow = [("HASH_THREADS", "1"), ("HASH_MEMORY_KIB", "131072"), ("HASH_ITERATIONS", "12")];
    let app = TestApp::on(&mongod.uri(), slow).await;
    let (ada, elsewhere) = signed_in_twice(&app, "ada").await;
    let call = Call::new("PUT", "/api/auth/password").json(&change(&ada));
    let refused = revoked_while_written(&app, (&ada, &elsewhere), call, true).await;
    refused.assert_problem(401, "not_authenticated");
    elsewhere.get("/api/auth/me").await.assert_status(200);
    app.browser().log_in(&ada).await.assert_status(200);
}

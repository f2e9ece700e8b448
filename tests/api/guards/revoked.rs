//! A session that was revoked before a request's read, or between its read and its write, must not complete
//! the request.

use bson::{Document, doc};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    Answer, Browser, Call, HeldCall, HeldFinds, HeldWrite, Person, Phone, TestApp, reads_begun,
    until_in_time, until_reads_begun,
};

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

/// What a person's account is, without what a revocation changes.
async fn account_without_sessions(app: &TestApp, person: &Person) -> Document {
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
                let phone = Phone::enrolling(&ada.browser).await;
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

/// Makes a call in a person's session, and takes the session out of the database while a command of
/// the call is held back.
async fn assert_revoked_in_time(
    app: &TestApp,
    person: &Person,
    call: Call,
    held: HeldWrite,
) -> Option<()> {
    let browser = person.browser.copy();
    let calling = tokio::spawn(async move { browser.send(call).await });
    held.until_held().await;
    // The first session is the person's own. Not by the service, whose commands may be held back too.
    let revoked = doc! { "$pop": { "sessions": -1 } };
    let users = app.collection("users").await;
    users.update_one(doc! { "email": &person.email }, revoked).await.unwrap();
    let answer = held.answer(calling).await;
    held.release().await;
    answer?.assert_problem(401, "not_authenticated");
    Some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_just_before_a_write_for_it_changes_nothing() {
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |n| {
        let (ada, _) = with_totp_signed_in_twice(&app, &format!("ada-{n}")).await;
        let codes = Call::new("POST", "/api/auth/otp/recovery-codes");
        let held = HeldWrite::on_users(&app, "update", 1).await;
        assert_revoked_in_time(&app, &ada, codes, held).await?;
        assert_eq!(app.stored(&ada).await.get_array("recovery").unwrap().len(), 9);
        Some(())
    })
    .await;
    until_in_time(async |n| {
        let (eve, here) = signed_in_twice(&app, &format!("eve-{n}")).await;
        let others = Call::new("DELETE", "/api/auth/sessions");
        let held = HeldWrite::on_users(&app, "update", 1).await;
        assert_revoked_in_time(&app, &eve, others, held).await?;
        here.get("/api/auth/me").await.assert_status(200);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_while_its_password_change_is_hashed_or_written_changes_nothing() {
    let (_mongod, app) = HeldWrite::app().await;
    // The account is read when the call arrives, and again once the new password is hashed. The
    // first write counts the try, the second is the change.
    for command in ["find", "update"] {
        until_in_time(async |n| {
            let (ada, elsewhere) = signed_in_twice(&app, &format!("ada-{command}-{n}")).await;
            let call = Call::new("PUT", "/api/auth/password").json(&change(&ada));
            let held = HeldWrite::all_but_first(&app.database_url, command).await;
            assert_revoked_in_time(&app, &ada, call, held).await?;
            ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
            elsewhere.get("/api/auth/me").await.assert_status(200);
            app.browser().log_in(&ada).await.assert_status(200);
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_while_its_deletion_is_written_deletes_nothing() {
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |n| {
        let (ada, elsewhere) = signed_in_twice(&app, &format!("ada-{n}")).await;
        let form = json!({ "password": ada.password });
        let call = Call::new("DELETE", "/api/auth/account").json(&form);
        let held = HeldWrite::next(&app.database_url, "delete").await;
        assert_revoked_in_time(&app, &ada, call, held).await?;
        elsewhere.get("/api/auth/me").await.assert_status(200);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_before_a_request_began_is_not_accepted_by_it() {
    // Every worker reads on its own, and gets some of them.
    let late_requests = 4 * std::thread::available_parallelism().unwrap().get();
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |n| {
        let ada = app.signed_in(&format!("ada-{n}")).await;
        let me = || {
            let browser = ada.browser.copy();
            tokio::spawn(async move { browser.get("/api/auth/me").await })
        };
        let begun = reads_begun(&app).await;
        let held = HeldFinds::begin(&app).await;
        let early = me();
        held.until_held().await;
        let revoked = doc! { "$pop": { "sessions": -1 } };
        let users = app.collection("users").await;
        users.update_one(doc! { "email": &ada.email }, revoked).await.unwrap();
        let late: Vec<_> = (0..late_requests).map(|_| me()).collect();
        until_reads_begun(&app, begun + 1 + late_requests).await;
        held.release().await;
        let is_in_time = |answer: &Answer| answer.status != 503;
        let early = early.await.unwrap();
        let late: Vec<_> = join_all(late).await.into_iter().map(Result::unwrap).collect();
        if !is_in_time(&early) || !late.iter().all(is_in_time) {
            return None;
        }
        early.assert_status(200);
        for answer in late {
            answer.assert_problem(401, "not_authenticated");
        }
        Some(())
    })
    .await;
}

//! What changes between a flow's read and its write: the write's filter holds what was read.

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::harness::{Answer, Browser, Call, HeldCall, HeldWrite, Person, TestApp, until_in_time};

/// A call whose write has arrived at the database, and is held there.
struct Overtaken(HeldWrite, JoinHandle<Answer>);

impl Overtaken {
    async fn begin(app: &TestApp, browser: &Browser, call: Call) -> Self {
        Self::begin_with("update", app, browser, call).await
    }

    async fn begin_with(command: &str, app: &TestApp, browser: &Browser, call: Call) -> Self {
        let write = HeldWrite::on_users(app, command, 1).await;
        let browser = browser.clone();
        let calling = tokio::spawn(async move { browser.send(call).await });
        write.until_held().await;
        Self(write, calling)
    }

    async fn answer(self) -> Option<Answer> {
        self.0.answer(self.1).await
    }
}

pub fn login(person: &Person) -> Call {
    let form = json!({ "email": person.email, "password": person.password });
    Call::new("POST", "/api/auth/login").json(&form)
}

fn change(person: &Person, new: &str) -> Value {
    json!({ "current_password": person.password, "new_password": new })
}

async fn with_totp(app: &TestApp, name: &str, attempt: usize) -> Person {
    app.register(&format!("{name}-{attempt}")).await.with_totp().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_overtaken_by_enabling_requires_a_code() {
    let (_mongod, app) = HeldWrite::app().await;
    let on = json!({ "enabled": true });
    until_in_time(async |n| {
        let (ada, late) = (app.signed_in(&format!("ada-{n}")).await, app.browser());
        let waiting = Overtaken::begin(&app, &late, login(&ada)).await;
        ada.browser.put("/auth/otp/enable", on.clone()).await.assert_status(200);
        waiting.answer().await?.assert_status(200);
        assert!(late.cookie("twofold_session").is_none());
        assert!(late.cookie("twofold_login").is_some());
        Some(())
    })
    .await;
    until_in_time(async |n| {
        let bea = app.signed_in(&format!("bea-{n}")).await;
        let basic = Call::new("POST", "/auth/credentials").header("authorization", &bea.basic());
        let waiting = Overtaken::begin(&app, &app.browser(), basic).await;
        bea.browser.put("/auth/otp/enable", on.clone()).await.assert_status(200);
        assert_eq!(waiting.answer().await?.assert_status(401).json()["status"], 1);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_overtaken_by_disabling_requires_no_code() {
    let (_mongod, app) = HeldWrite::app().await;
    for by_operator in [false, true] {
        until_in_time(async |n| {
            let (ada, late) = (with_totp(&app, &format!("{by_operator}"), n).await, app.browser());
            let waiting = Overtaken::begin(&app, &late, login(&ada)).await;
            if by_operator {
                app.operator(&["users", "reset-otp", &ada.email, "--yes"]).assert_code(0);
            } else {
                ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
            }
            waiting.answer().await?.assert_status(200);
            assert!(late.cookie("twofold_login").is_none());
            late.get("/api/auth/me").await.assert_status(200);
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_overtaken_by_a_new_password_or_by_the_operator_opens_nothing() {
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |n| {
        let ada = app.signed_in(&format!("ada-{n}")).await;
        let waiting = Overtaken::begin(&app, &app.browser(), login(&ada)).await;
        let new = change(&ada, "a saucer of marbles");
        ada.browser.put("/api/auth/password", new).await.assert_status(204);
        waiting.answer().await?.assert_problem(400, "incorrect_credentials");
        Some(())
    })
    .await;
    until_in_time(async |n| {
        let bea = app.register(&format!("bea-{n}")).await;
        let waiting = Overtaken::begin(&app, &app.browser(), login(&bea)).await;
        app.operator(&["users", "disable", &bea.email, "--yes"]).assert_code(0);
        waiting.answer().await?.assert_problem(403, "account_disabled");
        assert!(app.stored(&bea).await.get_array("sessions").unwrap().is_empty());
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_are_not_renewed_for_an_authenticator_that_was_just_disabled() {
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |n| {
        let ada = with_totp(&app, "ada", n).await;
        let renew = Call::new("POST", "/api/auth/otp/recovery-codes");
        let waiting = Overtaken::begin(&app, &ada.browser.copy(), renew).await;
        ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
        waiting.answer().await?.assert_problem(409, "otp_not_enabled");
        assert!(app.stored(&ada).await.get_array("recovery").unwrap().is_empty());
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_that_is_renewed_at_login_does_not_bring_a_changed_password_back() {
    let (_mongod, app) = HeldWrite::app().await;
    let dearer = app.second_instance([("HASH_ITERATIONS", "2")]).await;
    until_in_time(async |n| {
        let mut ada = app.signed_in(&format!("ada-{n}")).await;
        // The login writes two things at a time: the new hash of the old password, and the session.
        let writes = HeldWrite::on_users(&app, "update", 2).await;
        let (browser, person) = (dearer.browser(), ada.clone());
        let waiting = tokio::spawn(async move { browser.log_in(&person).await });
        writes.until_held().await;
        let new = change(&ada, "a saucer of marbles");
        ada.browser.put("/api/auth/password", new).await.assert_status(204);
        let answer = writes.answer(waiting).await;
        writes.until_done().await;
        answer?.assert_problem(400, "incorrect_credentials");
        app.browser().log_in(&ada).await.assert_problem(400, "incorrect_credentials");
        ada.password = "a saucer of marbles".to_owned();
        app.browser().log_in(&ada).await.assert_status(200);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_beside_a_password_that_was_just_changed_opens_nothing() {
    let (_mongod, app) = HeldWrite::app().await;
    for is_recovery_code in [false, true] {
        until_in_time(async |n| {
            let ada = with_totp(&app, &format!("{is_recovery_code}"), n).await;
            let code =
                if is_recovery_code { ada.recovery_codes[0].clone() } else { app.next_code(&ada) };
            let call = Call::new("POST", &format!("/auth/credentials?otp={code}"));
            let call = call.header("authorization", &ada.basic());
            let waiting = Overtaken::begin(&app, &app.browser(), call).await;
            let new = change(&ada, "a saucer of marbles");
            ada.browser.put("/api/auth/password", new).await.assert_status(204);
            assert_eq!(waiting.answer().await?.assert_status(401).json()["status"], 3);
            assert!(app.stored(&ada).await.get_array("tokens").unwrap().is_empty());
            let recorded = ada.browser.get("/api/auth/events").await.assert_status(200).json();
            assert!(!recorded.to_string().contains("signed_in_with_bearer"), "{recorded}");
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_whose_carried_cookie_is_logged_out_before_its_write_opens_what_it_says() {
    let (_mongod, app) = HeldWrite::app().await;
    let logout = || Call::new("POST", "/api/auth/logout");
    until_in_time(async |n| {
        let ada = with_totp(&app, "ada", n).await;
        let browser = app.challenged(&ada).await;
        let carried = browser.copy();
        let waiting = Overtaken::begin(&app, &browser, login(&ada)).await;
        carried.send(logout()).await.assert_status(204);
        waiting.answer().await?.assert_status(200);
        browser.validate(&app.next_code(&ada)).await.assert_status(200);
        Some(())
    })
    .await;
    until_in_time(async |n| {
        let bea = app.signed_in(&format!("bea-{n}")).await;
        let carried = bea.browser.copy();
        let waiting = Overtaken::begin(&app, &bea.browser, login(&bea)).await;
        carried.send(logout()).await.assert_status(204);
        waiting.answer().await?.assert_status(200);
        bea.browser.get("/api/auth/me").await.assert_status(200);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_enrolment_begins_in_a_session_that_lacks_the_second_factor_by_then() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    app.set_last_seen_back(&ada).await;
    let call = ("POST", "/api/auth/otp/generate", &json!({}));
    let held = HeldCall::begin(&app, &ada.browser, call).await;
    app.until_seen(&ada).await;
    let on = json!({ "enabled": true });
    ada.browser.put("/auth/otp/enable", on).await.assert_status(200);
    assert_eq!(held.finish().await, 403);
    assert!(!app.stored(&ada).await.contains_key("pending"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_in_a_session_that_disabled_two_factor_by_then_costs_no_try() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    app.set_last_seen_back(&ada).await;
    let body = json!({ "token": ada.recovery_codes[0] });
    let held = HeldCall::begin(&app, &ada.browser, ("POST", "/api/auth/otp/validate", &body)).await;
    app.until_seen(&ada).await;
    ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
    assert_eq!(held.finish().await, 401);
    let stored = app.stored(&ada).await;
    let session = stored.get_array("sessions").unwrap()[0].as_document().unwrap();
    assert_eq!(session.get_i64("failed").unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_overtaken_by_the_end_of_its_login_opens_nothing_though_another_login_is_under_way()
{
    let (_mongod, app) = HeldWrite::app().await;
    for (kind, status) in [("right", 200), ("recovery", 200), ("wrong", 400)] {
        until_in_time(async |n| {
            let ada = with_totp(&app, kind, n).await;
            let (browser, other) = (app.challenged(&ada).await, app.challenged(&ada).await);
            let code = match kind {
                "right" => app.next_code(&ada),
                "recovery" => ada.recovery_codes[0].clone(),
                _ => "wrong-wrong-wrong".to_owned(),
            };
            let (carried, form) = (browser.copy(), json!({ "token": code }));
            let call = Call::new("POST", "/api/auth/otp/validate").json(&form);
            let waiting = Overtaken::begin(&app, &browser, call).await;
            carried.send(Call::new("POST", "/api/auth/logout")).await.assert_status(204);
            waiting.answer().await?.assert_problem(401, "login_expired");
            other.validate(&code).await.assert_status(status);
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_for_an_authenticator_that_was_just_disabled_is_not_counted() {
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |n| {
        let ada = with_totp(&app, "ada", n).await;
        let wrong = json!({ "token": ada.phone().wrong_code_at(app.clock.now()) });
        let call = Call::new("POST", "/api/auth/otp/validate").json(&wrong);
        // This write returns the count.
        let (command, browser) = ("findAndModify", ada.browser.copy());
        let waiting = Overtaken::begin_with(command, &app, &browser, call).await;
        ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
        waiting.answer().await?.assert_problem(401, "otp_not_verified");
        let codes = app.stored(&ada).await.get_document("codes").unwrap().clone();
        assert_eq!(codes.get_i64("failed").unwrap(), 0);
        Some(())
    })
    .await;
}

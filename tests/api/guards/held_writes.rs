//! What changes between a flow's read and its write: the write's filter holds what was read.

use bson::{Bson, DateTime};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::harness::{
    Answer, Browser, Call, HeldCall, HeldWrite, Person, TestApp, count, until_in_time,
};
use crate::passwords::from;

/// A call whose write has arrived at the database, and is held there.
struct Overtaken(HeldWrite, JoinHandle<Answer>);

impl Overtaken {
    async fn begin(app: &TestApp, browser: &Browser, call: Call) -> Self {
        let write = HeldWrite::next(&app.database_url, "update").await;
        let browser = browser.clone();
        let calling = tokio::spawn(async move { browser.send(call).await });
        write.until_held().await;
        Self(write, calling)
    }

    async fn answer(self) -> Option<Answer> {
        self.0.answer(self.1).await
    }
}

fn login(person: &Person) -> Call {
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
        let writes = HeldWrite::next_of(&app.database_url, "update", 2).await;
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
async fn two_logins_at_once_from_new_networks_onto_seven_leave_eight() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), [("TRUSTED_PROXIES", "127.0.0.1")]).await;
    until_in_time(async |n| {
        // The network of the registration is the seventh.
        let ada = app.register(&format!("ada-{n}")).await;
        for network in 1..7 {
            let browser = from(&app, &format!("192.0.2.{network}"));
            browser.log_in(&ada).await.assert_status(200);
        }
        log_in_at_once(&app, &ada, &["192.0.2.7", "192.0.2.8"]).await?;
        assert_eq!(app.stored(&ada).await.get_array("networks").unwrap().len(), 8);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_logins_at_once_from_one_new_network_record_it_once() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), [("TRUSTED_PROXIES", "127.0.0.1")]).await;
    // One or eight networks are known by then: the new one is added, or replaces the oldest.
    for (others, expected) in [(0, 2), (7, 8)] {
        until_in_time(async |n| {
            let ada = app.register(&format!("ada-{others}-{n}")).await;
            for network in 0..others {
                let browser = from(&app, &format!("198.51.100.{network}"));
                browser.log_in(&ada).await.assert_status(200);
            }
            app.advance(TimeDelta::seconds(1));
            log_in_at_once(&app, &ada, &["192.0.2.1"; 5]).await?;
            let networks = app.stored(&ada).await.get_array("networks").unwrap().clone();
            let now = DateTime::from_millis(app.clock.now().timestamp_millis());
            let is_new =
                |network: &&Bson| network.as_document().unwrap().get("at") == Some(&now.into());
            assert_eq!((networks.len(), networks.iter().filter(is_new).count()), (expected, 1));
            Some(())
        })
        .await;
    }
}

/// Logs a person in from these addresses, so that every login has read the account before one is written.
async fn log_in_at_once(app: &TestApp, person: &Person, addresses: &[&str]) -> Option<()> {
    let logins = i32::try_from(addresses.len()).unwrap();
    let writes = HeldWrite::next_of(&app.database_url, "update", logins).await;
    let callings: Vec<_> = addresses
        .iter()
        .map(|address| {
            let (browser, call) = (from(app, address), login(person));
            tokio::spawn(async move { browser.send(call).await })
        })
        .collect();
    writes.until_held().await;
    let is_in_time = writes.is_held();
    let answers: Vec<Answer> = join_all(callings).await.into_iter().map(Result::unwrap).collect();
    writes.release().await;
    if !is_in_time || count(&answers, 503) > 0 {
        return None;
    }
    for answer in &answers {
        answer.assert_status(200);
    }
    Some(())
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

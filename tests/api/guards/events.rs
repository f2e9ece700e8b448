//! Events that no other test looks for.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{
    Call, HeldWrite, Person, Phone, TestApp, at_once, count, until, until_in_time,
};

async fn until_recorded(app: &TestApp, kind: &str, expected: u64) {
    let events = app.collection("security_events").await;
    until(&format!("{expected} of {kind} are recorded"), async || {
        events.count_documents(doc! { "kind": kind }).await.unwrap() >= expected
    })
    .await;
    assert_eq!(events.count_documents(doc! { "kind": kind }).await.unwrap(), expected, "{kind}");
}

#[tokio::test]
async fn a_wrong_first_code_is_recorded() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let phone = Phone::enrolling(&ada.browser).await;
    let wrong = json!({ "token": phone.wrong_code_at(app.clock.now()) });
    ada.browser.post("/api/auth/otp/verify", wrong).await.assert_problem(400, "otp_invalid");
    let expected = ["wrong_code", "enrolment_begun", "signed_in_with_password", "registered"];
    app.assert_events(&ada.browser, &expected).await;
}

#[tokio::test]
async fn enabling_by_the_basic_contract_and_its_first_code_are_recorded_with_what_they_ended() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    app.bearer(&ada).await.get("/whoami").await.assert_status(200);
    let on = json!({ "enabled": true });
    ada.browser.put("/auth/otp/enable", on).await.assert_status(200);
    let png = ada.browser.get("/auth/otp/generate").await.assert_status(200).body.clone();
    let browser = app.challenged(&ada).await;
    browser.validate(&Phone::pictured(&png).code_at(app.clock.now())).await.assert_status(200);
    let expected = [
        "signed_in_with_code",
        "sessions_ended_by_change",
        "enrolment_confirmed",
        "sessions_ended_by_change",
        "authenticator_enabled",
        "signed_in_with_bearer",
        "signed_in_with_password",
        "registered",
    ];
    app.assert_events(&browser, &expected).await;
}

#[tokio::test]
async fn a_change_that_finds_only_expired_sessions_ended_none() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    app.challenged(&ada).await;
    app.advance(TimeDelta::hours(1));
    let ada = ada.with_totp().await;
    // Its login expires too.
    app.challenged(&ada).await;
    app.advance(TimeDelta::minutes(5));
    ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
    let expected = [
        "authenticator_disabled",
        "enrolment_confirmed",
        "enrolment_begun",
        "signed_in_with_password",
        "signed_in_with_password",
        "registered",
    ];
    app.assert_events(&ada.browser, &expected).await;
}

#[tokio::test]
async fn a_first_code_beside_a_password_is_recorded_with_the_session_it_ended() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let on = json!({ "enabled": true });
    ada.browser.put("/auth/otp/enable", on).await.assert_status(200);
    let png = ada.browser.get("/auth/otp/generate").await.assert_status(200).body.clone();
    let code = Phone::pictured(&png).code_at(app.clock.now());
    let bearer = app.bearer_with(&ada, &code).await;
    let expected = [
        "signed_in_with_bearer",
        "sessions_ended_by_change",
        "enrolment_confirmed",
        "authenticator_enabled",
        "signed_in_with_password",
        "registered",
    ];
    app.assert_events(&bearer, &expected).await;
}

#[tokio::test]
async fn a_wrong_recovery_code_is_recorded_as_a_code() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    ada.browser.validate("wrong-wrong-wrong").await.assert_problem(400, "otp_invalid");
    let recorded = [
        "wrong_code",
        "enrolment_confirmed",
        "enrolment_begun",
        "signed_in_with_password",
        "registered",
    ];
    app.assert_events(&ada.browser, &recorded).await;
}

#[tokio::test]
async fn ending_one_s_own_session_is_recorded_as_signing_out() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let own = ada.browser.get("/api/auth/me").await.assert_status(200).json();
    let id = own["session"]["id"].as_str().unwrap();
    ada.browser.delete(&format!("/api/auth/sessions/{id}")).await.assert_status(204);
    ada.browser.log_in(&ada).await.assert_status(200);
    let recorded =
        ["signed_in_with_password", "signed_out", "signed_in_with_password", "registered"];
    app.assert_events(&ada.browser, &recorded).await;
}

#[tokio::test]
async fn a_replacement_is_recorded_with_what_it_ended() {
    let app = TestApp::spawn().await;
    let mut ada = app.register("ada").await.with_totp().await;
    app.challenged(&ada).await;
    ada.enrol_again().await;
    let recorded = [
        "sessions_ended_by_change",
        "authenticator_replaced",
        "enrolment_begun",
        "enrolment_confirmed",
        "enrolment_begun",
        "signed_in_with_password",
        "registered",
    ];
    app.assert_events(&ada.browser, &recorded).await;
}

#[tokio::test]
async fn disabling_is_recorded_with_what_it_ended() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    app.challenged(&ada).await.validate(&ada.recovery_codes[0]).await.assert_status(200);
    ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200);
    let recorded = [
        "sessions_ended_by_change",
        "authenticator_disabled",
        "signed_in_with_recovery_code",
        "recovery_code_used",
        "enrolment_confirmed",
        "enrolment_begun",
        "signed_in_with_password",
        "registered",
    ];
    app.assert_events(&ada.browser, &recorded).await;
}

#[tokio::test]
async fn a_deletion_by_its_owner_is_recorded() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let call = Call::new("DELETE", "/api/auth/account").json(&json!({ "password": ada.password }));
    ada.browser.send(call).await.assert_status(204);
    until_recorded(&app, "account_deleted", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_uses_of_one_recovery_code_at_once_one_is_recorded_as_its_use() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let mut browsers = Vec::new();
    for _ in 0..20 {
        browsers.push(app.challenged(&ada).await);
    }
    let answers = at_once(browsers.into_iter().map(|browser| {
        let code = ada.recovery_codes[0].clone();
        async move { browser.validate(&code).await }
    }))
    .await;
    assert_eq!(count(&answers, 200), 1);
    until_recorded(&app, "wrong_code", 19).await;
    until_recorded(&app, "recovery_code_used", 1).await;
    until_recorded(&app, "signed_in_with_recovery_code", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_exists_already_keeps_none_of_its_batch_from_being_written() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    let ada = app.signed_in("ada").await;
    app.assert_events(&ada.browser, &["signed_in_with_password", "registered"]).await;
    let guess = async |password: &str| {
        let form = json!({ "password": password });
        ada.browser.post("/api/auth/reauthenticate", form).await
    };
    // While the first is being written, the others are collected for one write.
    app.advance(TimeDelta::seconds(1));
    let first = HeldWrite::next(&app.database_url, "insert").await;
    guess("not the password").await.assert_problem(400, "incorrect_password");
    first.until_held().await;
    guess("not the password").await.assert_problem(400, "incorrect_password");
    app.advance(TimeDelta::seconds(1));
    guess(&ada.password).await.assert_status(200);
    let recorded = ["reauthenticated", "wrong_password", "signed_in_with_password", "registered"];
    app.assert_events(&ada.browser, &recorded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_end_a_session_at_once_one_is_recorded() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    until_in_time(async |n| {
        let ada = app.signed_in(&format!("ada-{n}")).await;
        let other = app.challenged(&ada).await;
        let ended = other.get("/api/auth/me").await.assert_status(200).json();
        let path = format!("/api/auth/sessions/{}", ended["session"]["id"].as_str().unwrap());
        let _both_read_before_either_writes = HeldWrite::on_users(&app, "update", 2).await;
        let answers = at_once((0..2).map(|_| {
            let (browser, path) = (ada.browser.copy(), path.clone());
            async move { browser.delete(&path).await }
        }))
        .await;
        if count(&answers, 503) > 0 {
            return None;
        }
        assert_eq!(recorded(&ada, "session_ended").await, 1);
        Some(())
    })
    .await;
}

/// How many events of a kind a person's account has.
async fn recorded(person: &Person, kind: &str) -> usize {
    let events = person.browser.get("/api/auth/events").await.assert_status(200).json();
    events["events"].as_array().unwrap().iter().filter(|event| event["kind"] == kind).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_disable_at_once_one_is_recorded() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    until_in_time(async |n| {
        let ada = app.register(&format!("ada-{n}")).await.with_totp().await;
        let _both_read_before_either_writes = HeldWrite::on_users(&app, "update", 2).await;
        let answers = at_once((0..2).map(|_| {
            let browser = ada.browser.copy();
            async move { browser.post("/api/auth/otp/disable", json!({})).await }
        }))
        .await;
        if count(&answers, 503) > 0 {
            return None;
        }
        assert_eq!(count(&answers, 200), 2);
        assert_eq!(recorded(&ada, "authenticator_disabled").await, 1);
        Some(())
    })
    .await;
}

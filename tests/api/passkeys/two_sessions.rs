//! Sessions of one account that add passkeys at the same time.

use bson::{DateTime, Document, doc};
use serde_json::json;

use super::{OPTIONS, PASSKEYS, add, binary, creation_options, list};
use crate::harness::authenticator::Authenticator;
use crate::harness::{Browser, Call, HeldWrite, Person, TestApp, at_once, count, until_in_time};

/// Another session of somebody with an authenticator app.
async fn another_session(app: &TestApp, ada: &Person) -> Browser {
    let browser = app.challenged(ada).await;
    browser.validate(&app.next_code(ada)).await.assert_status(200);
    browser
}

/// Which challenges the account waits for.
async fn enrolments(app: &TestApp, ada: &Person) -> Vec<Document> {
    let stored = app.stored(ada).await;
    let enrolments = stored.get_array("enrolments").unwrap();
    enrolments.iter().map(|one| one.as_document().unwrap().clone()).collect()
}

/// The entry of a session that does not exist.
fn entry(number: u8, until: i64) -> Document {
    let (session, until) = (format!("other-{number}"), DateTime::from_millis(until));
    doc! { "digest": binary(&[number; 32]), "until": until, "session": session }
}

#[tokio::test]
async fn each_session_has_a_challenge_of_its_own() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let other = another_session(&app, &ada).await;
    let mut key = Authenticator::new();
    let [first, second] = [creation_options(&ada.browser).await, creation_options(&other).await];
    for (browser, options) in [(&ada.browser, first), (&other, second)] {
        let form = json!({ "credential": key.create(&options) });
        browser.post(PASSKEYS, form).await.assert_status(201);
    }
    assert_eq!(list(&other).await.len(), 2);
    assert!(enrolments(&app, &ada).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_four_sessions_that_add_a_tenth_passkey_at_once_one_does() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let mut key = Authenticator::new();
    for _ in 0..9 {
        add(&ada.browser, &mut key).await.assert_status(201);
    }
    let mut calls = Vec::new();
    for _ in 0..4 {
        let browser = another_session(&app, &ada).await;
        let form = json!({ "credential": key.create(&creation_options(&browser).await) });
        calls.push(async move { browser.post(PASSKEYS, form).await });
    }
    let answers = at_once(calls).await;
    assert_eq!(count(&answers, 201), 1);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.assert_problem(409, "too_many_passkeys");
    }
    assert_eq!(list(&ada.browser).await.len(), 10);
}

#[tokio::test]
async fn an_account_keeps_twenty_challenges_and_a_further_one_replaces_the_oldest() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let now = app.clock.now().timestamp_millis();
    let others: Vec<_> = (0..20).map(|n| entry(n, now + i64::from((n + 7) % 20))).collect();
    let users = app.collection("users").await;
    users.update_one(doc! {}, doc! { "$set": { "enrolments": others } }).await.unwrap();
    for _ in 0..2 {
        add(&ada.browser, &mut Authenticator::new()).await.assert_status(201);
        ada.browser.send(Call::new("POST", OPTIONS)).await.assert_status(200);
        let left = enrolments(&app, &ada).await;
        assert_eq!(left.len(), 20);
        assert!(left.iter().all(|one| one.get_str("session").unwrap() != "other-13"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_asks_twice_at_the_same_time_has_one_challenge() {
    let (_mongod, app) = HeldWrite::app().await;
    for asked_before in [false, true] {
        until_in_time(async |n| {
            let ada = app.signed_in(&format!("ada-{asked_before}-{n}")).await;
            if asked_before {
                creation_options(&ada.browser).await;
            }
            let held = HeldWrite::on_users(&app, "update", 1).await;
            let browser = ada.browser.copy();
            let asking = async move { browser.send(Call::new("POST", OPTIONS)).await };
            let meanwhile = async || {
                creation_options(&ada.browser).await;
            };
            let last = held.around(asking, meanwhile).await?.assert_status(200).json();
            assert_eq!(enrolments(&app, &ada).await.len(), 1);
            let form = json!({ "credential": Authenticator::new().create(&last) });
            ada.browser.post(PASSKEYS, form).await.assert_status(201);
            Some(())
        })
        .await;
    }
}

//! Sign-ins with a passkey at the same time, and replays.

use bson::{Document, doc};
use chrono::TimeDelta;
use serde_json::json;

use super::sign_in::{COOKIE, answer, request_options, sign_in};
use super::{verifying, with_passkey};
use crate::harness::authenticator::Authenticator;
use crate::harness::{Answer, HeldWrite, TestApp, at_once, count, until_in_time};

fn session_of(answer: &Answer) -> bool {
    answer.set_cookies().iter().any(|line| line.starts_with("twofold_session=session-"))
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_uses_of_one_assertion_at_once_open_one_session() {
    let app = TestApp::spawn().await;
    for counts in [false, true] {
        let mut key = Authenticator { counts, ..verifying() };
        let ada = with_passkey(&app, &format!("ada-{counts}"), &mut key).await;
        let browser = app.browser();
        let credential = key.get(&request_options(&browser).await);
        let answers = at_once((0..30).map(|_| {
            let (browser, credential) = (browser.copy(), credential.clone());
            async move { answer(&browser, &credential).await }
        }))
        .await;
        assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 29));
        let sessions = app.stored(&ada).await.get_array("sessions").unwrap().len();
        assert_eq!(sessions, 2, "the one that added the passkey, and one more");
    }
}

#[tokio::test]
async fn an_assertion_replayed_after_twenty_others_is_refused() {
    let app = TestApp::spawn().await;
    for counts in [false, true] {
        let mut key = Authenticator { counts, ..verifying() };
        let ada = with_passkey(&app, &format!("ada-{counts}"), &mut key).await;
        let browser = app.browser();
        let credential = key.get(&request_options(&browser).await);
        let cookie = browser.cookie(COOKIE).unwrap();
        answer(&browser, &credential).await.assert_status(200);
        for _ in 0..20 {
            sign_in(&app.browser(), &mut key).await.assert_status(200);
        }
        let thief = app.browser();
        thief.set_cookie(COOKIE, &cookie);
        answer(&thief, &credential).await.assert_problem(400, "passkey_invalid");
        // A replay is not a sign of a copied key.
        let events = ada.browser.get("/api/auth/events?limit=100").await.json();
        assert!(!events.to_string().contains("passkey_counter_refused"));
    }
}

#[tokio::test]
async fn at_fifty_sign_ins_in_five_minutes_further_ones_wait_until_some_expire() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    for number in 0..50 {
        sign_in(&app.browser(), &mut key).await.assert_status(200);
        app.advance(TimeDelta::seconds(i64::from(number < 2)));
    }
    let browser = app.browser();
    let credential = key.get(&request_options(&browser).await);
    assert_eq!(answer(&browser, &credential).await.retry_after(), 298);
    // The account is still signed in to with a password, and a wrong answer is still a wrong one.
    answer(&browser, &json!({})).await.assert_problem(400, "passkey_invalid");
    app.advance(TimeDelta::seconds(298));
    answer(&browser, &credential).await.assert_status(200);
    assert_eq!(app.stored(&ada).await.get_array("spent").unwrap().len(), 50);
    // Another one expires a second later.
    let late = app.browser();
    let again = key.get(&request_options(&late).await);
    assert_eq!(answer(&late, &again).await.retry_after(), 1);
    app.advance(TimeDelta::seconds(1));
    answer(&late, &again).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_opened_only_if_what_was_read_still_holds() {
    let (_mongod, app) = HeldWrite::app().await;
    let users = app.collection("users").await;
    let now = bson::DateTime::from_millis(app.clock.now().timestamp_millis());
    let live = bson::DateTime::from_millis(now.timestamp_millis() + 100_000);
    let spent = |n: u8| doc! { "digest": super::binary(&[n; 32]), "until": live };
    let fifty: Vec<Document> = (0..50).map(spent).collect();
    let cases = [
        (doc! { "$set": { "disabled_at": now } }, 403, "account_disabled"),
        (doc! { "$set": { "password": "!" } }, 400, "passkey_invalid"),
        (doc! { "$set": { "passkeys.0.counter": 9_i64 } }, 400, "passkey_invalid"),
        (doc! { "$unset": { "passkeys": "" } }, 400, "passkey_invalid"),
        (doc! { "$set": { "spent": fifty } }, 429, "too_many_attempts"),
    ];
    for (number, (change, status, code)) in cases.into_iter().enumerate() {
        until_in_time(async |n| {
            let mut key = Authenticator { counts: true, ..verifying() };
            let ada = with_passkey(&app, &format!("ada-{number}-{n}"), &mut key).await;
            let browser = app.browser();
            let credential = key.get(&request_options(&browser).await);
            let held = HeldWrite::on_users(&app, "update", 1).await;
            let (late, signed) = (browser.clone(), credential.clone());
            let calling = tokio::spawn(async move { answer(&late, &signed).await });
            held.until_held().await;
            let this = doc! { "email": &ada.email };
            users.update_one(this, change.clone()).await.unwrap();
            held.answer(calling).await?.assert_problem(status, code);
            assert!(browser.cookie("twofold_session").is_none());
            assert_eq!(app.stored(&ada).await.get_array("sessions").unwrap().len(), 1);
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sign_ins_at_once_do_not_both_use_the_place_of_one_expired_challenge() {
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |n| {
        let mut key = verifying();
        let ada = with_passkey(&app, &format!("ada-{n}"), &mut key).await;
        sign_in(&app.browser(), &mut key).await.assert_status(200);
        app.advance(TimeDelta::minutes(5));
        let held = HeldWrite::on_users(&app, "update", 2).await;
        let mut calling = Vec::new();
        for _ in 0..2 {
            let browser = app.browser();
            let credential = key.get(&request_options(&browser).await);
            calling.push(tokio::spawn(async move { answer(&browser, &credential).await }));
        }
        held.until_held().await;
        let is_held = held.is_held();
        for one in calling {
            let answered = one.await.unwrap();
            if !is_held || answered.status == 503 {
                return None;
            }
            assert!(session_of(answered.assert_status(200)));
        }
        assert_eq!(app.stored(&ada).await.get_array("spent").unwrap().len(), 2);
        Some(())
    })
    .await;
}

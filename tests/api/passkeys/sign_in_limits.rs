//! What keeps a passkey from signing in, and what a sign-in counts for.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;

use super::sign_in::{answer, request_options, sign_in};
use super::{add, verifying, with_passkey};
use crate::email::Mailed;
use crate::harness::TestApp;
use crate::harness::authenticator::Authenticator;

#[tokio::test]
async fn a_disabled_account_is_told_only_to_whoever_has_its_passkey() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    let browser = app.browser();
    let credential = key.get(&request_options(&browser).await);
    let disable = doc! { "$currentDate": { "disabled_at": true }, "$inc": { "epoch": 1_i64 } };
    let this = doc! { "email": &ada.email };
    app.collection("users").await.update_one(this, disable).await.unwrap();
    answer(&browser, &credential).await.assert_problem(403, "account_disabled");
    let mut evil = Authenticator { origin: "https://evil.example".to_owned(), ..key };
    sign_in(&app.browser(), &mut evil).await.assert_problem(400, "passkey_invalid");
}

#[tokio::test]
async fn an_address_that_must_be_verified_is_sent_a_new_link() {
    let mailed = Mailed::with([("REQUIRE_VERIFIED_EMAIL", "true")]).await;
    let ada = mailed.verified("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let mut key = verifying();
    add(&ada.browser, &mut key).await.assert_status(201);
    mailed.next(&ada, "notice-factor_added").await;
    sign_in(&mailed.app.browser(), &mut key).await.assert_status(200);
    let unverified = doc! { "$set": { "email_verified": false } };
    let users = mailed.app.collection("users").await;
    users.update_one(doc! { "email": &ada.email }, unverified).await.unwrap();
    mailed.app.advance(TimeDelta::minutes(1));
    let refused = sign_in(&mailed.app.browser(), &mut key).await;
    refused.assert_problem(403, "email_not_verified");
    mailed.next(&ada, "verify").await;
}

#[tokio::test]
async fn after_this_wasnt_me_no_passkey_opens_a_session() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let mut key = verifying();
    add(&ada.browser, &mut key).await.assert_status(201);
    mailed.next(&ada, "notice-factor_added").await;
    // As the link leaves it: without a password until a new one is set.
    let secured = doc! { "$set": { "password": "!" } };
    let users = mailed.app.collection("users").await;
    users.update_one(doc! { "email": &ada.email }, secured).await.unwrap();
    sign_in(&mailed.app.browser(), &mut key).await.assert_problem(400, "passkey_invalid");
}

#[tokio::test]
async fn wrong_answers_are_counted_for_their_network() {
    let app = TestApp::with([("NETWORK_FAILURES", "3")]).await;
    let mut key = verifying();
    with_passkey(&app, "ada", &mut key).await;
    for _ in 0..5 {
        sign_in(&app.browser(), &mut key).await.assert_status(200);
    }
    let browser = app.browser();
    for _ in 0..3 {
        answer(&browser, &json!({})).await.assert_problem(400, "passkey_invalid");
    }
    answer(&browser, &json!({})).await.assert_problem(429, "too_many_attempts");
    sign_in(&browser, &mut key).await.assert_problem(429, "too_many_attempts");
}

#[tokio::test]
async fn a_sign_in_from_a_new_network_is_recorded() {
    let app = TestApp::with([("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let mut key = verifying();
    with_passkey(&app, "ada", &mut key).await;
    let browser = app.browser().always("x-forwarded-for", "192.0.2.1");
    sign_in(&browser, &mut key).await.assert_status(200);
    sign_in(&browser, &mut key).await.assert_status(200);
    let events = browser.get("/api/auth/events?limit=100").await.json();
    assert_eq!(events.to_string().matches("\"new_network\"").count(), 1);
}

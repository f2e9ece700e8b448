//! The guards of the writes, each of which a race would pass without it.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;

use super::verifying;
use crate::email::Mailed;
use crate::harness::authenticator::{Authenticator, BE};
use crate::harness::{HeldWrite, TestApp, at_once, count, until_in_time};

const NEW: &str = "a saucer of marbles";
const ASK: &str = "/api/auth/passkeys/challenge";

#[tokio::test]
async fn of_ten_logins_that_a_key_and_its_copies_sign_with_one_counter_one_succeeds() {
    let app = TestApp::spawn().await;
    let mut key = Authenticator::new();
    let ada = app.register("ada").await.with_passkey(&app, &mut key).await;
    key.counts = true;
    let mut answers = Vec::new();
    for _ in 0..10 {
        let browser = app.challenged(&ada).await;
        let credential = key.clone().get(&browser.passkey_challenge().await);
        answers.push((browser, credential));
    }
    let calls = answers
        .into_iter()
        .map(|(browser, credential)| async move { browser.submit_passkey(&credential).await });
    assert_eq!(count(&at_once(calls).await, 200), 1);
}

#[tokio::test]
async fn of_thirty_uses_in_one_session_one_is_accepted() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    // Its counter says nothing.
    key.flags |= BE;
    let ada = app.register("ada").await.with_passkey(&app, &mut key).await;
    let credential = key.get(&ada.browser.passkey_challenge().await);
    let calls = (0..30).map(|_| {
        let (browser, credential) = (ada.browser.copy(), credential.clone());
        async move { browser.submit_passkey(&credential).await }
    });
    assert_eq!(count(&at_once(calls).await, 200), 1);
}

#[tokio::test]
async fn an_answer_overtaken_by_a_new_challenge_of_its_login_is_refused() {
    let (_mongod, app) = HeldWrite::app().await;
    let mut key = verifying();
    let ada = app.register("ada").await.with_passkey(&app, &mut key).await;
    until_in_time(async |_| {
        let browser = app.challenged(&ada).await;
        let credential = key.clone().get(&browser.passkey_challenge().await);
        let held = HeldWrite::on_users(&app, "update", 1).await;
        let calling = tokio::spawn({
            let browser = browser.copy();
            async move { browser.submit_passkey(&credential).await }
        });
        held.until_held().await;
        browser.passkey_challenge().await;
        held.answer(calling).await?.assert_problem(400, "passkey_invalid");
        Some(())
    })
    .await;
}

#[tokio::test]
async fn an_answer_overtaken_by_a_new_challenge_of_its_link_is_refused() {
    let mongod = HeldWrite::mongod().await;
    let mailed = Mailed::on(&mongod.uri()).await;
    let mut key = verifying();
    let ada = mailed.verified("ada").await.with_passkey(&mailed.app, &mut key).await;
    mailed.app.advance(TimeDelta::seconds(1));
    ada.browser.post("/api/auth/otp/recovery-codes", json!({})).await.assert_status(200);
    let notice = mailed.next(&ada, "notice-recovery_codes_renewed").await;
    mailed.app.advance(TimeDelta::seconds(1));
    let mail = mailed.forgot(&ada).await;
    let (reset, secure) = (mail.token_for("reset"), notice.token_for("secure"));
    let reset = ("password/reset", json!({ "token": reset, "new_password": NEW }));
    let secure = ("secure", json!({ "token": secure }));
    for (path, mut form) in [reset, secure] {
        let (browser, path) = (mailed.app.browser(), format!("/api/auth/{path}"));
        let token = form["token"].clone();
        let ask = async || {
            let asked = browser.post(ASK, json!({ "token": token })).await;
            asked.assert_status(200).json()
        };
        until_in_time(async |_| {
            let mut form = form.clone();
            form["passkey"] = key.clone().get(&ask().await);
            let held = HeldWrite::next(&mongod.uri(), "update").await;
            let (sender, path) = (browser.copy(), path.clone());
            let calling = tokio::spawn(async move { sender.post(&path, form).await });
            held.until_held().await;
            ask().await;
            held.answer(calling).await?.assert_problem(400, "passkey_invalid");
            Some(())
        })
        .await;
        form["passkey"] = key.get(&ask().await);
        browser.post(&path, form).await.assert_status(204);
        if path.ends_with("reset") {
            mailed.next(&ada, "notice-password_reset").await;
        }
    }
}

#[tokio::test]
async fn removing_the_app_overtaken_by_a_new_passkey_keeps_the_recovery_codes() {
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |attempt| {
        let ada = app.register(&format!("ada{attempt}")).await.with_totp().await;
        let held = HeldWrite::on_users(&app, "update", 1).await;
        let calling = tokio::spawn({
            let browser = ada.browser.copy();
            async move { browser.post("/api/auth/otp/disable", json!({})).await }
        });
        held.until_held().await;
        let ada = ada.with_passkey(&app, &mut verifying()).await;
        held.answer(calling).await?.assert_status(200);
        let stored = app.stored(&ada).await;
        assert!(!stored.contains_key("totp"));
        assert_eq!(stored.get_array("recovery").unwrap().len(), 10);
        Some(())
    })
    .await;
}

#[tokio::test]
async fn a_session_without_the_second_factor_of_its_account_is_not_fresh() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let users = app.collection("users").await;
    let reduced = doc! { "$set": { "sessions.0.methods": ["pwd"] } };
    users.update_one(doc! { "email": &ada.email }, reduced).await.unwrap();
    let off = ada.browser.post("/api/auth/otp/disable", json!({})).await;
    off.assert_problem(403, "reauthentication_required");
}

#[tokio::test]
async fn a_passkey_that_is_added_while_its_owner_says_this_was_not_me_does_not_stay() {
    let mongod = HeldWrite::mongod().await;
    let mailed = Mailed::on(&mongod.uri()).await;
    until_in_time(async |attempt| {
        let ada = mailed.verified(&format!("ada{attempt}")).await;
        ada.browser.log_in(&ada).await.assert_status(200);
        let ada = ada.with_passkey(&mailed.app, &mut verifying()).await;
        mailed.app.advance(TimeDelta::seconds(1));
        let form = json!({ "current_password": ada.password, "new_password": "the thief's own" });
        ada.browser.put("/api/auth/password", form).await.assert_status(204);
        let notice = mailed.next(&ada, "notice-password_changed").await;
        mailed.app.advance(TimeDelta::seconds(1));
        let form = json!({ "token": notice.token_for("secure"), "code": ada.recovery_codes[0] });
        // It puts a job into the outbox first.
        let held = HeldWrite::next(&mongod.uri(), "update").await;
        let calling = tokio::spawn({
            let browser = mailed.app.browser();
            async move { browser.post("/api/auth/secure", form).await }
        });
        held.until_held().await;
        let ada = ada.with_passkey(&mailed.app, &mut verifying()).await;
        held.answer(calling).await?.assert_status(204);
        let stored = mailed.app.stored(&ada).await;
        assert_eq!(stored.get_array("passkeys").unwrap().len(), 1);
        Some(())
    })
    .await;
}

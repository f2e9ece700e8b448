//! Notices to the owner of an account.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;

use super::Mailed;
use crate::harness::until;

#[tokio::test]
async fn an_unverified_address_gets_no_notice() {
    let mailed = Mailed::spawn().await;
    let (ada, _) = mailed.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let change = json!({ "current_password": ada.password, "new_password": "a saucer of marbles" });
    ada.browser.put("/api/auth/password", change).await.assert_status(204);
    let events = mailed.app.collection("security_events").await;
    let changed = doc! { "kind": "password_changed" };
    let recorded = async || events.count_documents(changed.clone()).await.unwrap() == 1;
    until("the event is written", recorded).await;
    let outbox = mailed.app.collection("outbox").await;
    let empty = async || outbox.count_documents(doc! {}).await.unwrap() == 0;
    until("the outbox is empty", empty).await;
    assert_eq!(mailed.smtp.waiting(), 0);
}

#[tokio::test]
async fn a_right_password_without_its_factor_causes_a_notice_once_the_challenge_has_expired() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    let thief = mailed.app.browser();
    thief.log_in(&ada).await.assert_status(200);
    // The owner's own login is completed, and says nothing.
    mailed.app.advance(TimeDelta::seconds(31));
    let owner = mailed.app.browser();
    owner.log_in(&ada).await.assert_status(200);
    owner.validate(&mailed.app.next_code(&ada)).await.assert_status(200);
    mailed.app.advance(TimeDelta::minutes(6));
    mailed.next(&ada, "notice-second_factor_missing").await;
    let outbox = mailed.app.collection("outbox").await;
    let empty = async || outbox.count_documents(doc! {}).await.unwrap() == 0;
    until("the outbox is empty", empty).await;
    assert_eq!(mailed.smtp.waiting(), 0);
}

#[tokio::test]
async fn a_new_network_causes_a_notice_but_not_the_first() {
    let mailed = Mailed::with([("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let ada = mailed.verified("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let elsewhere = mailed.app.browser().always("x-forwarded-for", "198.51.100.7");
    elsewhere.log_in(&ada).await.assert_status(200);
    mailed.next(&ada, "notice-new_network").await;
    elsewhere.log_in(&ada).await.assert_status(200);
    assert_eq!(mailed.smtp.waiting(), 0);
}

#[tokio::test]
async fn notices_of_one_kind_are_five_an_hour_and_those_about_the_password_are_never_merged() {
    let mailed = Mailed::spawn().await;
    let mut ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    for _ in 0..8 {
        let renewed = ada.browser.post("/api/auth/otp/recovery-codes", json!({})).await;
        renewed.assert_status(200);
    }
    for number in 0..6 {
        let new = format!("a saucer of marbles {number}");
        let change = json!({ "current_password": ada.password, "new_password": new });
        ada.browser.put("/api/auth/password", change).await.assert_status(204);
        ada.password = new;
    }
    let (mut changed, mut renewed) = (0, 0);
    while changed < 6 {
        match mailed.smtp.next_to(&ada.email).await.kind().as_str() {
            "notice-password_changed" => changed += 1,
            "notice-recovery_codes_renewed" => renewed += 1,
            other => panic!("{other}"),
        }
    }
    assert!((1..=5).contains(&renewed), "{renewed}");
}

#[tokio::test]
async fn a_notice_says_nothing_that_a_caller_chose() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await;
    let browser = ada.browser.always("user-agent", "visit http://evil.example now");
    browser.log_in(&ada).await.assert_status(200);
    let ask = json!({ "email": "thief@evil.example", "password": ada.password });
    browser.put("/api/auth/email", ask).await.assert_status(202);
    let notice = mailed.next(&ada, "notice-email_change_requested").await;
    assert!(!notice.raw.contains("evil.example"));
}

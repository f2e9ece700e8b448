//! Links that verify, disown and reset, and asking for them.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;

use super::{By, assert_outcome, overtake, press, set};
use crate::email::{Mailed, forgot};
use crate::harness::{HeldWrite, Person, Received, overtaken, until, until_begun, until_in_time};

/// Somebody signed in, with the mail of the registration, whose next mails are within no limit.
async fn signed_in(mailed: &Mailed, name: &str) -> (Person, Received) {
    let (person, mail) = mailed.register(name).await;
    mailed.app.advance(TimeDelta::seconds(61));
    person.browser.log_in(&person).await.assert_status(200);
    (person, mail)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_overtaken_by_another_write_is_decided_again() {
    let (_mongod, mailed) = Mailed::held([]).await;
    for (by, status) in
        [(By::Password, 204), (By::Disabling, 400), (By::Address, 400), (By::NewerVerify, 400)]
    {
        until_in_time(async |n| {
            let (ada, mail) = signed_in(&mailed, &format!("{by:?}-{n}").to_lowercase()).await;
            let call = press(&mailed, "email/verify", mail.token_for("verify"));
            let act = async || overtake(&mailed, &ada, by).await;
            assert_outcome(&overtaken(&mailed.app, "update", call, act).await?, status);
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disowning_overtaken_by_another_write_is_decided_again() {
    let (_mongod, mailed) = Mailed::held([]).await;
    for (by, status) in
        [(By::Password, 204), (By::Disabling, 400), (By::Verified, 400), (By::NewerVerify, 400)]
    {
        until_in_time(async |n| {
            let (ada, mail) = signed_in(&mailed, &format!("{by:?}-{n}").to_lowercase()).await;
            let call = press(&mailed, "email/disown", mail.token_for("disown"));
            let act = async || overtake(&mailed, &ada, by).await;
            assert_outcome(&overtaken(&mailed.app, "delete", call, act).await?, status);
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_overtaken_by_another_write_sets_no_password() {
    let (_mongod, mailed) = Mailed::held([]).await;
    for by in [By::Password, By::Disabling, By::Address, By::NewerReset] {
        until_in_time(async |n| {
            let (ada, _) = signed_in(&mailed, &format!("{by:?}-{n}").to_lowercase()).await;
            let mail = mailed.forgot(&ada).await;
            mailed.app.advance(TimeDelta::seconds(61));
            let call = set(&mailed, mail.token_for("reset"), None);
            let act = async || overtake(&mailed, &ada, by).await;
            assert_outcome(&overtaken(&mailed.app, "update", call, act).await?, 400);
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_overtaken_by_a_change_of_the_address_sets_no_password() {
    let (_mongod, mailed) = Mailed::held([]).await;
    until_in_time(async |n| {
        let (ada, _) = signed_in(&mailed, &format!("ada-{n}")).await;
        let new = format!("ada-{n}@new.example");
        let ask = json!({ "email": new, "password": ada.password });
        ada.browser.put("/api/auth/email", ask).await.assert_status(202);
        let confirm = mailed.smtp.next_to(&new).await.token_for("confirm-email").to_owned();
        let mail = mailed.forgot(&ada).await;
        let call = set(&mailed, mail.token_for("reset"), None);
        let act = async || {
            press(&mailed, "email/confirm", &confirm).await.assert_status(200);
        };
        assert_outcome(&overtaken(&mailed.app, "update", call, act).await?, 400);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_expires_while_its_password_is_hashed_sets_none() {
    let slow = [("HASH_THREADS", "1"), ("HASH_MEMORY_KIB", "131072"), ("HASH_ITERATIONS", "12")];
    let mailed = Mailed::with(slow).await;
    let (ada, _) = mailed.register("ada").await;
    let mail = mailed.forgot(&ada).await;
    let calling = tokio::spawn(set(&mailed, mail.token_for("reset"), None));
    // The first was that of the registration.
    until_begun(&mailed.app, 2).await;
    mailed.app.advance(TimeDelta::minutes(30));
    assert!(!calling.is_finished(), "the password was hashed before the link expired");
    calling.await.unwrap().assert_problem(400, "mail_token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_link_is_stored_for_an_address_verified_or_an_account_disabled_meanwhile() {
    let (_mongod, mailed) = Mailed::held([]).await;
    let has = async |person: &Person, kind: &str| {
        let stored = mailed.app.stored(person).await;
        stored.get_document("mail").unwrap().contains_key(kind)
    };
    until_in_time(async |n| {
        let (ada, mail) = signed_in(&mailed, &format!("ada-{n}")).await;
        let browser = ada.browser.copy();
        let call = async move { browser.post("/api/auth/email/verification", json!({})).await };
        let act = async || {
            press(&mailed, "email/verify", mail.token_for("verify")).await.assert_status(204);
        };
        overtaken(&mailed.app, "update", call, act).await?.assert_status(202);
        assert!(!has(&ada, "verify").await && !has(&ada, "disown").await);
        Some(())
    })
    .await;
    until_in_time(async |n| {
        let (eve, _) = signed_in(&mailed, &format!("eve-{n}")).await;
        let held = HeldWrite::nth(&mailed.app, ("users", "update"), 1).await;
        forgot(&mailed.app.browser(), &eve.email).await.assert_status(202);
        held.until_held().await;
        overtake(&mailed, &eve, By::Disabling).await;
        let is_in_time = held.is_held();
        // The link would be stored before the job is due.
        let outbox = mailed.app.collection("outbox").await;
        held.until_done().await;
        mailed.app.advance(TimeDelta::seconds(11));
        let is_empty = async || outbox.count_documents(doc! {}).await.unwrap() == 0;
        until("the job is dropped", is_empty).await;
        assert!(!is_in_time || !has(&eve, "reset_known").await);
        is_in_time.then_some(())
    })
    .await;
}

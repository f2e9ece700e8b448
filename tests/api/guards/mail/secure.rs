//! "This wasn't me".

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;

use super::{
    By, WRONG_RECOVERY, assert_outcome, change_password, edit, locked_now, overtake, press,
};
use crate::email::Mailed;
use crate::harness::{Answer, Person, overtaken, until_in_time};

fn secure(
    mailed: &Mailed,
    token: &str,
    code: &str,
) -> impl Future<Output = Answer> + Send + 'static + use<> {
    let browser = mailed.app.browser();
    let form = json!({ "token": token, "code": code });
    async move { browser.post("/api/auth/secure", form).await }
}

/// Changes the password as a thief would; the token of the owner's notice. The password is changed back.
async fn stolen(mailed: &Mailed, owner: &Person) -> String {
    mailed.app.advance(TimeDelta::seconds(31));
    change_password(owner).await;
    let notice = mailed.next(owner, "notice-password_changed").await;
    let form = json!({ "current_password": "plum tractor 2", "new_password": owner.password });
    owner.browser.put("/api/auth/password", form).await.assert_status(204);
    mailed.next(owner, "notice-password_changed").await;
    notice.token_for("secure").to_owned()
}

async fn signed_in(mailed: &Mailed, name: &str) -> Person {
    let person = mailed.verified(name).await;
    person.browser.log_in(&person).await.assert_status(200);
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_overtaken_by_another_write_is_decided_again() {
    let (_mongod, mailed) = Mailed::held([]).await;
    for (by, status) in [(By::Password, 204), (By::Disabling, 400), (By::Address, 400)] {
        until_in_time(async |n| {
            let name = format!("{by:?}-{n}").to_lowercase();
            let ada = signed_in(&mailed, &name).await;
            let call = press(&mailed, "secure", &stolen(&mailed, &ada).await);
            let act = async || {
                overtake(&mailed, &ada, by).await;
                if matches!(by, By::Address) {
                    // As every change of the address does.
                    let users = mailed.app.collection("users").await;
                    let moved = doc! { "email": format!("moved-{}", ada.email) };
                    let raised = doc! { "$inc": { "epoch": 1_i64 } };
                    users.update_one(moved, raised).await.unwrap();
                }
            };
            assert_outcome(&overtaken(&mailed.app, "update", call, act).await?, status);
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_links_of_two_events_at_once_the_later_event_s_ends_the_other() {
    let (_mongod, mailed) = Mailed::held([]).await;
    until_in_time(async |n| {
        let ada = signed_in(&mailed, &format!("ada-{n}")).await;
        let (first, second) = (stolen(&mailed, &ada).await, stolen(&mailed, &ada).await);
        let call = press(&mailed, "secure", &first);
        let act = async || {
            press(&mailed, "secure", &second).await.assert_status(204);
        };
        assert_outcome(&overtaken(&mailed.app, "update", call, act).await?, 400);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_that_a_thief_renews_meanwhile_are_removed() {
    let (_mongod, mailed) = Mailed::held([]).await;
    until_in_time(async |n| {
        let ada = mailed.with_totp(&format!("ada-{n}")).await;
        let token = stolen(&mailed, &ada).await;
        mailed.app.advance(TimeDelta::seconds(1));
        let code = ada.phone().code_at(mailed.app.clock.now());
        let call = secure(&mailed, &token, &code);
        let act = async || {
            let renewed = ada.browser.post("/api/auth/otp/recovery-codes", json!({})).await;
            renewed.assert_status(200);
        };
        overtaken(&mailed.app, "update", call, act).await?.assert_status(204);
        assert!(mailed.app.stored(&ada).await.get_array("recovery").unwrap().is_empty());
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_factor_is_refused_if_five_wrong_ones_ended_the_links_of_its_event() {
    let (_mongod, mailed) = Mailed::held([]).await;
    until_in_time(async |n| {
        let ada = mailed.with_totp(&format!("ada-{n}")).await;
        let token = stolen(&mailed, &ada).await;
        let call = secure(&mailed, &token, &ada.recovery_codes[0]);
        let act = async || {
            for _ in 0..5 {
                let wrong = secure(&mailed, &token, WRONG_RECOVERY).await;
                wrong.assert_problem(400, "otp_invalid");
            }
        };
        assert_outcome(&overtaken(&mailed.app, "update", call, act).await?, 400);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_is_not_counted_at_a_link_that_ended_or_while_codes_are_locked() {
    let (_mongod, mailed) = Mailed::held([]).await;
    for is_locked in [false, true] {
        until_in_time(async |n| {
            let ada = mailed.with_totp(&format!("ada-{is_locked}-{n}")).await;
            let token = stolen(&mailed, &ada).await;
            let wrong = ada.phone().wrong_code_at(mailed.app.clock.now());
            let call = secure(&mailed, &token, &wrong);
            let act = async || {
                if is_locked {
                    edit(&mailed, &ada, locked_now(&mailed, 10)).await;
                } else {
                    overtake(&mailed, &ada, By::Disabling).await;
                }
            };
            let answer = overtaken(&mailed.app, "findAndModify", call, act).await?;
            if is_locked {
                answer.assert_problem(429, "too_many_attempts");
            } else {
                assert_outcome(&answer, 400);
            }
            let stored = mailed.app.stored(&ada).await;
            let failed = stored.get_document("mail").and_then(|mail| mail.get_document("codes"));
            let failed = failed.and_then(|codes| codes.get_i64("failed")).unwrap_or_default();
            assert_eq!(failed, if is_locked { 10 } else { 0 });
            assert!(!stored.to_string().contains("secure_tries"), "{stored}");
            Some(())
        })
        .await;
    }
}

//! Second factors at links.

use bson::{DateTime, doc};
use chrono::TimeDelta;

use super::{By, WRONG_RECOVERY, assert_outcome, edit, locked_now, overtake, set};
use crate::email::Mailed;
use crate::harness::{overtaken, until_in_time};

#[tokio::test(flavor = "multi_thread")]
async fn a_factor_used_at_a_login_resets_nothing_at_the_same_time() {
    let (_mongod, mailed) = Mailed::held([]).await;
    for is_recovery in [false, true] {
        until_in_time(async |n| {
            let ada = mailed.with_totp(&format!("{is_recovery}-{n}")).await;
            let mail = mailed.forgot(&ada).await;
            let login = mailed.app.challenged(&ada).await;
            let next = mailed.app.next_code(&ada);
            let code = if is_recovery { &ada.recovery_codes[0] } else { &next };
            let call = set(&mailed, mail.token_for("reset"), Some(code));
            let act = async || {
                login.validate(code).await.assert_status(200);
            };
            let answer = overtaken(&mailed.app, "update", call, act).await?;
            answer.assert_problem(400, "otp_invalid");
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_code_at_a_link_is_refused_if_codes_were_locked_before_its_write() {
    let (_mongod, mailed) = Mailed::held([]).await;
    let earlier = |minutes| {
        let at = mailed.app.clock.now() - TimeDelta::minutes(minutes);
        DateTime::from_millis(at.timestamp_millis())
    };
    // Without wrong codes, with some, and after a lock that is over.
    let before = [(0_i64, earlier(0)), (9, earlier(0)), (10, earlier(20)), (19, earlier(0))];
    for (failed, at) in before {
        until_in_time(async |n| {
            let ada = mailed.with_totp(&format!("ada-{failed}-{n}")).await;
            if failed > 0 {
                let counted = doc! { "mail.codes": { "failed": failed, "at": at } };
                edit(&mailed, &ada, counted).await;
            }
            let mail = mailed.forgot(&ada).await;
            let code = mailed.app.next_code(&ada);
            let call = set(&mailed, mail.token_for("reset"), Some(&code));
            let locked = locked_now(&mailed, if failed > 10 { 20 } else { 10 });
            let act = async || edit(&mailed, &ada, locked).await;
            let answer = overtaken(&mailed.app, "update", call, act).await?;
            answer.assert_problem(429, "too_many_attempts");
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_factor_is_refused_if_five_wrong_ones_ended_its_link_before_its_write() {
    let (_mongod, mailed) = Mailed::held([]).await;
    until_in_time(async |n| {
        let ada = mailed.with_totp(&format!("ada-{n}")).await;
        let mail = mailed.forgot(&ada).await;
        let token = mail.token_for("reset");
        let call = set(&mailed, token, Some(&ada.recovery_codes[0]));
        let act = async || {
            for _ in 0..5 {
                let wrong = set(&mailed, token, Some(WRONG_RECOVERY)).await;
                wrong.assert_problem(400, "otp_invalid");
            }
        };
        assert_outcome(&overtaken(&mailed.app, "update", call, act).await?, 400);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_factor_at_a_link_that_ended_meanwhile_is_not_counted() {
    let (_mongod, mailed) = Mailed::held([]).await;
    for by in [By::Password, By::Disabling, By::NewerReset] {
        until_in_time(async |n| {
            let ada = mailed.with_totp(&format!("{by:?}-{n}").to_lowercase()).await;
            let mail = mailed.forgot(&ada).await;
            mailed.app.advance(TimeDelta::seconds(61));
            let wrong = ada.phone().wrong_code_at(mailed.app.clock.now());
            let call = set(&mailed, mail.token_for("reset"), Some(&wrong));
            let act = async || overtake(&mailed, &ada, by).await;
            assert_outcome(&overtaken(&mailed.app, "findAndModify", call, act).await?, 400);
            let stored = mailed.app.stored(&ada).await;
            let of_mail = stored.get_document("mail").unwrap();
            assert!(!of_mail.contains_key("codes"), "{of_mail}");
            if let Ok(newer) = of_mail.get_document("reset_known") {
                assert_eq!(newer.get_i64("tries").unwrap(), 0);
            }
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_is_not_counted_if_codes_at_links_were_locked_meanwhile() {
    let (_mongod, mailed) = Mailed::held([]).await;
    until_in_time(async |n| {
        let ada = mailed.with_totp(&format!("ada-{n}")).await;
        let mail = mailed.forgot(&ada).await;
        let wrong = ada.phone().wrong_code_at(mailed.app.clock.now());
        let call = set(&mailed, mail.token_for("reset"), Some(&wrong));
        let act = async || edit(&mailed, &ada, locked_now(&mailed, 10)).await;
        let answer = overtaken(&mailed.app, "findAndModify", call, act).await?;
        answer.assert_problem(429, "too_many_attempts");
        let link = mailed.app.stored(&ada).await.get_document("mail").unwrap().clone();
        assert_eq!(link.get_document("codes").unwrap().get_i64("failed").unwrap(), 10);
        assert_eq!(link.get_document("reset_known").unwrap().get_i64("tries").unwrap(), 0);
        Some(())
    })
    .await;
}

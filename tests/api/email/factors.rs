//! Second factors at links: their own budget, and factors that are used at a login at the same time.

use bson::Document;
use chrono::TimeDelta;

use super::{Mailed, forgot, reset};
use crate::harness::{Answer, Browser, Person, at_once, count};

const NEW: &str = "a saucer of marbles";

/// The counts of wrong codes in a row: at logins, and at links.
async fn counts(mailed: &Mailed, person: &Person) -> (i64, i64) {
    let stored = mailed.app.stored(person).await;
    let failed = |of: &Document| {
        let codes = of.get_document("codes");
        codes.and_then(|codes| codes.get_i64("failed")).unwrap_or_default()
    };
    (failed(&stored), stored.get_document("mail").map(failed).unwrap_or_default())
}

/// Locks codes at links by ten wrong ones, five at each of two links.
async fn lock_links(mailed: &Mailed, person: &Person) {
    let browser = mailed.app.browser();
    for _ in 0..2 {
        let mail = mailed.forgot(person).await;
        let wrong = person.phone().wrong_code_at(browser.service_time());
        for _ in 0..5 {
            let answer = reset(&browser, mail.token_for("reset"), NEW, Some(&wrong)).await;
            answer.assert_problem(400, "otp_invalid");
        }
        mailed.app.advance(TimeDelta::seconds(61));
    }
    while mailed.smtp.waiting() > 0 {
        mailed.next(person, "notice-codes_locked").await;
    }
}

/// The token of a new link that resets a person's password. Notices are skipped.
async fn link(mailed: &Mailed, person: &Person) -> String {
    forgot(&mailed.app.browser(), &person.email).await.assert_status(202);
    loop {
        let mail = mailed.smtp.next_to(&person.email).await;
        if mail.kind() == "reset" {
            return mail.token_for("reset").to_owned();
        }
    }
}

async fn log_in_with(mailed: &Mailed, person: &Person, code: &str) -> Answer {
    mailed.app.challenged(person).await.validate(code).await
}

#[tokio::test]
async fn wrong_codes_at_links_count_at_no_login_and_lock_none() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.with_totp("ada").await;
    lock_links(&mailed, &ada).await;
    assert_eq!(counts(&mailed, &ada).await, (0, 10));
    let token = link(&mailed, &ada).await;
    let (browser, code) = (mailed.app.browser(), mailed.app.next_code(&ada));
    let locked = reset(&browser, &token, NEW, Some(&code)).await;
    assert!(locked.retry_after() > 0);
    // The same code signs in, which does not unlock links, nor does a recovery code at a login.
    log_in_with(&mailed, &ada, &code).await.assert_status(200);
    log_in_with(&mailed, &ada, &ada.recovery_codes[0]).await.assert_status(200);
    assert_eq!(counts(&mailed, &ada).await, (0, 10));
    let code = mailed.app.next_code(&ada);
    reset(&browser, &token, NEW, Some(&code)).await.assert_problem(429, "too_many_attempts");
    // A recovery code works at a link, and unlocks them.
    reset(&browser, &token, NEW, Some(&ada.recovery_codes[1])).await.assert_status(204);
    assert_eq!(counts(&mailed, &ada).await, (0, 0));
}

#[tokio::test]
async fn wrong_codes_at_logins_count_at_no_link_and_lock_none() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.with_totp("ada").await;
    mailed.app.lock_codes(&ada).await;
    assert_eq!(counts(&mailed, &ada).await, (10, 0));
    let token = link(&mailed, &ada).await;
    let (browser, wrong) =
        (mailed.app.browser(), ada.phone().wrong_code_at(ada.browser.service_time()));
    let code = mailed.app.next_code(&ada);
    log_in_with(&mailed, &ada, &code).await.assert_problem(429, "too_many_attempts");
    reset(&browser, &token, NEW, Some(&wrong)).await.assert_problem(400, "otp_invalid");
    assert_eq!(counts(&mailed, &ada).await, (10, 1));
    // A right code at a link clears the count of links only.
    reset(&browser, &token, NEW, Some(&code)).await.assert_status(204);
    assert_eq!(counts(&mailed, &ada).await, (10, 0));
    let mut ada = ada.clone();
    ada.password = NEW.to_owned();
    let code = mailed.app.next_code(&ada);
    log_in_with(&mailed, &ada, &code).await.assert_problem(429, "too_many_attempts");
    mailed.app.advance(TimeDelta::seconds(61));
    let token = link(&mailed, &ada).await;
    reset(&browser, &token, NEW, Some(&ada.recovery_codes[0])).await.assert_status(204);
    assert_eq!(counts(&mailed, &ada).await, (10, 0), "a recovery code at a link");
}

#[tokio::test]
async fn a_lock_of_codes_at_links_ends_after_15_minutes() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.with_totp("ada").await;
    lock_links(&mailed, &ada).await;
    // A minute has passed since the last wrong code.
    mailed.app.advance(TimeDelta::minutes(14) - TimeDelta::seconds(2));
    let token = link(&mailed, &ada).await;
    let (browser, code) = (mailed.app.browser(), ada.phone().code_at(ada.browser.service_time()));
    assert_eq!(reset(&browser, &token, NEW, Some(&code)).await.retry_after(), 1);
    mailed.app.advance(TimeDelta::seconds(1));
    let code = ada.phone().code_at(ada.browser.service_time());
    reset(&browser, &token, NEW, Some(&code)).await.assert_status(204);
}

async fn use_at(browser: Browser, token: Option<String>, code: String) -> Answer {
    match token {
        Some(token) => reset(&browser, &token, NEW, Some(&code)).await,
        None => browser.validate(&code).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_at_a_login_and_at_a_link_at_once_succeeds_once() {
    let mailed = Mailed::spawn().await;
    for round in 0..10 {
        let ada = mailed.with_totp(&format!("ada-{round}")).await;
        let (token, login) = (link(&mailed, &ada).await, mailed.app.challenged(&ada).await);
        let code = mailed.app.next_code(&ada);
        let uses =
            [use_at(login, None, code.clone()), use_at(mailed.app.browser(), Some(token), code)];
        let answers = at_once(uses).await;
        assert_eq!(count(&answers, 200) + count(&answers, 204), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_uses_of_one_recovery_code_at_a_link_and_at_logins_succeed_once() {
    let mailed = Mailed::with([("HASH_QUEUE", "1000"), ("HASH_QUEUE_SHARE", "100")]).await;
    for round in 0..3 {
        let ada = mailed.with_totp(&format!("ada-{round}")).await;
        let (token, login) = (link(&mailed, &ada).await, mailed.app.challenged(&ada).await);
        let code = &ada.recovery_codes[0];
        let uses = (0..50).map(|n| {
            let token = (n % 2 == 0).then(|| token.clone());
            let browser = if token.is_some() { mailed.app.browser() } else { login.copy() };
            use_at(browser, token, code.clone())
        });
        let answers = at_once(uses).await;
        assert_eq!(count(&answers, 200) + count(&answers, 204), 1);
        assert_eq!(mailed.app.stored(&ada).await.get_array("recovery").unwrap().len(), 9);
    }
}

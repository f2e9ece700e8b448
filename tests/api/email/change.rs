//! Changing the address.

use bson::doc;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Mailed, me, reset, use_link};
use crate::harness::{Answer, Browser, Person, until};

const NEW: &str = "ada@new.example";
const CONFIRM: &str = "email/confirm";
const APPROVE: &str = "email/approve";

async fn ask(person: &Person, email: &str) -> Answer {
    let form = json!({ "email": email, "password": person.password });
    person.browser.put("/api/auth/email", form).await
}

/// Asks for a change of a verified address; the tokens that approve, undo and confirm it.
async fn asked(mailed: &Mailed, person: &Person, email: &str) -> (String, String, String) {
    ask(person, email).await.assert_status(202);
    let notice = mailed.next(person, "notice-email_change_requested").await;
    let confirm = mailed.smtp.next_to(email).await;
    assert_eq!(confirm.kind(), "change");
    let token = |page| notice.token_for(page).to_owned();
    (token("approve-email"), token("secure"), confirm.token_for("confirm-email").to_owned())
}

async fn signed_in(mailed: &Mailed, name: &str) -> Person {
    let person = mailed.verified(name).await;
    person.browser.log_in(&person).await.assert_status(200);
    person
}

async fn address(browser: &Browser) -> (Value, Value) {
    let user = me(browser).await;
    (user["email"].clone(), user["pending_email"].clone())
}

#[tokio::test]
async fn an_unverified_address_is_replaced_at_once_by_the_new_one() {
    let mailed = Mailed::spawn().await;
    let (person, first) = mailed.register("ada").await;
    person.browser.log_in(&person).await.assert_status(200);
    let answer = ask(&person, NEW).await;
    assert_eq!(answer.assert_status(202).json(), json!({ "email": NEW, "effective_at": null }));
    let pending = json!({ "email": NEW, "effective_at": null });
    assert_eq!(address(&person.browser).await, (json!(person.email), pending));
    let mail = mailed.smtp.next_to(NEW).await;
    let confirm = mail.token_for("confirm-email");
    let answer = use_link(&mailed.app.browser(), CONFIRM, confirm).await;
    assert_eq!(answer.assert_status(200).json(), json!({ "email": NEW, "effective_at": null }));
    assert_eq!(address(&person.browser).await, (json!(NEW), Value::Null));
    assert_eq!(me(&person.browser).await["email_verified"], true);
    // The links of the former address are dead, and it gets no notice.
    for (call, page) in [("email/verify", "verify"), ("email/disown", "disown")] {
        let answer = use_link(&mailed.app.browser(), call, first.token_for(page)).await;
        answer.assert_problem(400, "mail_token_invalid");
    }
    assert_eq!(mailed.smtp.next_to(NEW).await.kind(), "notice-email_changed");
}

#[tokio::test]
async fn an_approved_change_takes_effect_when_it_is_confirmed_and_sessions_stay() {
    let mailed = Mailed::spawn().await;
    let ada = signed_in(&mailed, "ada").await;
    let (approve, _, confirm) = asked(&mailed, &ada, NEW).await;
    let browser = mailed.app.browser();
    use_link(&browser, APPROVE, &approve).await.assert_status(204);
    use_link(&browser, APPROVE, &approve).await.assert_problem(400, "mail_token_invalid");
    assert_eq!(address(&ada.browser).await.0, json!(ada.email));
    let answer = use_link(&browser, CONFIRM, &confirm).await;
    assert_eq!(answer.assert_status(200).json()["effective_at"], Value::Null);
    assert_eq!(address(&ada.browser).await, (json!(NEW), Value::Null));
    let former = mailed.next(&ada, "notice-email_changed").await;
    assert!(former.links().is_empty(), "the former address cannot undo it");
    assert!(mailed.smtp.next_to(NEW).await.text.contains("#/secure?token="));
}

#[tokio::test]
async fn an_unapproved_change_waits_a_day_and_a_second_confirm_says_the_same() {
    let mailed = Mailed::spawn().await;
    let ada = signed_in(&mailed, "ada").await;
    let (_, _, confirm) = asked(&mailed, &ada, NEW).await;
    let browser = mailed.app.browser();
    let first = use_link(&browser, CONFIRM, &confirm).await.assert_status(200).json();
    mailed.app.advance(TimeDelta::hours(1));
    let second = use_link(&browser, CONFIRM, &confirm).await.assert_status(200).json();
    assert_eq!(first, second);
    assert!(first["effective_at"].is_string());
    let users = mailed.app.collection("users").await;
    let changed = doc! { "email": NEW };
    assert_eq!(users.count_documents(changed.clone()).await.unwrap(), 0);
    mailed.app.advance(TimeDelta::hours(23));
    let applied = async || users.count_documents(changed.clone()).await.unwrap() == 1;
    until("the change takes effect", applied).await;
    assert_eq!(mailed.next(&ada, "notice-email_changed").await.links().len(), 0);
}

#[tokio::test]
async fn approving_a_confirmed_change_applies_it() {
    let mailed = Mailed::spawn().await;
    let ada = signed_in(&mailed, "ada").await;
    let (approve, _, confirm) = asked(&mailed, &ada, NEW).await;
    let browser = mailed.app.browser();
    use_link(&browser, CONFIRM, &confirm).await.assert_status(200);
    use_link(&browser, APPROVE, &approve).await.assert_status(204);
    assert_eq!(address(&ada.browser).await, (json!(NEW), Value::Null));
}

#[tokio::test]
async fn without_a_delay_a_confirm_applies() {
    let mailed = Mailed::with([("EMAIL_CHANGE_DELAY", "0")]).await;
    let ada = signed_in(&mailed, "ada").await;
    let (_, _, confirm) = asked(&mailed, &ada, NEW).await;
    use_link(&mailed.app.browser(), CONFIRM, &confirm).await.assert_status(200);
    assert_eq!(address(&ada.browser).await, (json!(NEW), Value::Null));
}

#[tokio::test]
async fn a_taken_address_is_said_by_its_link_which_survives() {
    let mailed = Mailed::with([("EMAIL_CHANGE_DELAY", "0")]).await;
    let ada = signed_in(&mailed, "ada").await;
    let eve = mailed.verified("eve").await;
    let (_, _, confirm) = asked(&mailed, &ada, &eve.email).await;
    let browser = mailed.app.browser();
    use_link(&browser, CONFIRM, &confirm).await.assert_problem(409, "account_exists");
    eve.browser.log_in(&eve).await.assert_status(200);
    let delete = crate::harness::Call::new("DELETE", "/api/auth/account");
    let delete = delete.json(&json!({ "password": eve.password }));
    eve.browser.send(delete).await.assert_status(204);
    use_link(&browser, CONFIRM, &confirm).await.assert_status(200);
}

#[tokio::test]
async fn an_address_taken_while_it_waits_cancels_the_change() {
    let mailed = Mailed::spawn().await;
    let ada = signed_in(&mailed, "ada").await;
    let (_, _, confirm) = asked(&mailed, &ada, "eve@example.com").await;
    use_link(&mailed.app.browser(), CONFIRM, &confirm).await.assert_status(200);
    let _eve = mailed.register("eve").await;
    mailed.app.advance(TimeDelta::hours(24));
    mailed.next(&ada, "notice-email_change_cancelled").await;
}

#[tokio::test]
async fn a_wrong_password_is_charged_and_the_fifth_ends_the_session() {
    let mailed = Mailed::spawn().await;
    let ada = signed_in(&mailed, "ada").await;
    let mut wrong = ada.clone();
    wrong.password = "not the password".to_owned();
    for _ in 0..5 {
        ask(&wrong, NEW).await.assert_problem(400, "incorrect_password");
    }
    ask(&ada, NEW).await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn a_change_is_cancelled_by_its_owner() {
    let mailed = Mailed::spawn().await;
    let ada = signed_in(&mailed, "ada").await;
    let browser = mailed.app.browser();
    let (_, _, confirm) = asked(&mailed, &ada, NEW).await;
    for _ in 0..2 {
        ada.browser.delete("/api/auth/email/change").await.assert_status(204);
    }
    assert_eq!(address(&ada.browser).await.1, Value::Null);
    use_link(&browser, CONFIRM, &confirm).await.assert_problem(400, "mail_token_invalid");
    mailed.next(&ada, "notice-email_change_cancelled").await;
}

#[tokio::test]
async fn a_thief_who_changes_the_address_twice_does_not_cut_the_owner_off() {
    let mailed = Mailed::spawn().await;
    let ada = signed_in(&mailed, "ada").await;
    // The thief has the session and the password: each request causes a notice to the owner's address.
    let (_, secure, _) = asked(&mailed, &ada, "thief@one.example").await;
    mailed.app.advance(TimeDelta::minutes(2));
    let (_, _, confirm) = asked(&mailed, &ada, "thief@two.example").await;
    use_link(&mailed.app.browser(), CONFIRM, &confirm).await.assert_status(200);
    use_link(&mailed.app.browser(), "secure", &secure).await.assert_status(204);
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    let mut mail = mailed.smtp.next_to(&ada.email).await;
    while mail.kind() != "reset" {
        mail = mailed.smtp.next_to(&ada.email).await;
    }
    let browser = mailed.app.browser();
    let answer = reset(&browser, mail.token_for("reset"), "a saucer of marbles", None).await;
    answer.assert_status(204);
    // The confirmed change is gone as well.
    mailed.app.advance(TimeDelta::hours(25));
    let mut ada = ada.clone();
    ada.password = "a saucer of marbles".to_owned();
    browser.log_in(&ada).await.assert_status(200);
    assert_eq!(address(&browser).await, (json!(ada.email), Value::Null));
}

/// Asks for a change whose notice to the current address the mail server refuses with `answer`.
async fn asked_while_refusing(answer: &'static str) -> (Mailed, Person) {
    let mailed = Mailed::spawn().await;
    let ada = signed_in(&mailed, "ada").await;
    mailed.smtp.answer_for(&ada.email, "RCPT", Some(answer));
    ask(&ada, NEW).await.assert_status(202);
    (mailed, ada)
}

#[tokio::test]
async fn the_new_address_gets_no_link_before_the_notice_to_the_current_one_is_handed_over() {
    let (mailed, ada) = asked_while_refusing("451 later").await;
    let outbox = mailed.app.collection("outbox").await;
    for (tries, minutes) in [(1_i64, 1), (2, 5)] {
        let failed = doc! { "kind": "change", "tries": tries, "lease": { "$exists": false } };
        let is_failed = async || outbox.count_documents(failed.clone()).await.unwrap() == 1;
        until("an attempt failed", is_failed).await;
        assert_eq!(mailed.smtp.waiting(), 0, "the new address would accept it");
        if tries == 2 {
            mailed.smtp.answer_for(&ada.email, "RCPT", None);
        }
        mailed.app.advance(TimeDelta::minutes(minutes));
    }
    assert_eq!(mailed.smtp.next_to(NEW).await.kind(), "change");
    assert_eq!(mailed.smtp.waiting(), 1, "the notice arrived before");
    mailed.next(&ada, "notice-email_change_requested").await;
}

#[tokio::test]
async fn the_new_address_gets_its_link_if_the_current_one_refuses_the_notice_for_good() {
    let (mailed, ada) = asked_while_refusing("550 no such user").await;
    let mail = mailed.smtp.next_to(NEW).await;
    let confirm = mail.token_for("confirm-email");
    use_link(&mailed.app.browser(), CONFIRM, confirm).await.assert_status(200);
    assert!(address(&ada.browser).await.1["effective_at"].is_string(), "it still waits");
    let events = mailed.app.collection("security_events").await;
    let refused = doc! { "kind": "mail_not_delivered" };
    let recorded = async || events.count_documents(refused.clone()).await.unwrap() == 1;
    until("the refusal is recorded", recorded).await;
}

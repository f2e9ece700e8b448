//! Forgotten passwords.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;

use super::{Mailed, forgot, me, reset, use_link};
use crate::harness::{at_once, count, until};

const NEW: &str = "a saucer of marbles";

#[tokio::test]
async fn a_link_sets_a_new_password_once_ends_every_session_and_verifies() {
    let mailed = Mailed::spawn().await;
    let (mut person, _) = mailed.register("ada").await;
    person.browser.log_in(&person).await.assert_status(200);
    let mail = mailed.forgot(&person).await;
    let browser = mailed.app.browser();
    let token = mail.token_for("reset");
    reset(&browser, token, "short", None).await.assert_problem(422, "invalid_fields");
    let answer = reset(&browser, token, NEW, None).await;
    answer.assert_status(204);
    assert!(answer.set_cookies().is_empty(), "opens no session");
    reset(&browser, token, NEW, None).await.assert_problem(400, "mail_token_invalid");

    person.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    browser.log_in(&person).await.assert_problem(400, "incorrect_credentials");
    person.password = NEW.to_owned();
    browser.log_in(&person).await.assert_status(200);
    assert_eq!(me(&browser).await["email_verified"], true);
    mailed.next(&person, "notice-password_reset").await;
}

#[tokio::test]
async fn the_answer_is_the_same_for_an_unknown_a_disabled_and_a_known_address() {
    let mailed = Mailed::spawn().await;
    let (ada, _) = mailed.register("ada").await;
    let (eve, _) = mailed.register("eve").await;
    mailed.app.operator(&["users", "disable", &eve.email, "--yes"]).assert_code(0);
    let browser = mailed.app.browser();
    let mut bodies = Vec::new();
    for email in ["nobody@example.com", &eve.email, &ada.email] {
        bodies.push(forgot(&browser, email).await.assert_status(202).body.clone());
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    mailed.next(&ada, "reset").await;
    assert_eq!(mailed.smtp.waiting(), 0);
    forgot(&browser, "no address").await.assert_problem(422, "invalid_fields");
}

#[tokio::test]
async fn with_two_factors_a_mailbox_alone_opens_nothing() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    let mail = mailed.forgot(&ada).await;
    let (browser, token) = (mailed.app.browser(), mail.token_for("reset"));
    reset(&browser, token, NEW, None).await.assert_problem(403, "otp_required");
    let wrong = ada.phone().wrong_code_at(browser.service_time());
    reset(&browser, token, NEW, Some(&wrong)).await.assert_problem(400, "otp_invalid");
    // The step of the enrolment is used up.
    let used = ada.phone().code_at(browser.service_time());
    reset(&browser, token, NEW, Some(&used)).await.assert_problem(400, "otp_invalid");
    mailed.app.advance(TimeDelta::seconds(30));
    let code = ada.phone().code_at(browser.service_time());
    reset(&browser, token, NEW, Some(&code)).await.assert_status(204);
    // The code is used up for logins as well.
    let mut again = ada.clone();
    again.password = NEW.to_owned();
    browser.log_in(&again).await.assert_status(200);
    browser.validate(&code).await.assert_problem(400, "otp_already_used");
}

#[tokio::test]
async fn a_recovery_code_resets_and_is_used_up() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    let mail = mailed.forgot(&ada).await;
    let (browser, token) = (mailed.app.browser(), mail.token_for("reset"));
    reset(&browser, token, NEW, Some(&ada.recovery_codes[0])).await.assert_status(204);
    let users = mailed.app.collection("users").await;
    let account = users.find_one(doc! { "email": &ada.email }).await.unwrap().unwrap();
    assert_eq!(account.get_array("recovery").unwrap().len(), 9);
}

#[tokio::test]
async fn five_wrong_factors_end_a_link() {
    let mailed = Mailed::spawn().await;
    let ada = mailed.verified("ada").await.with_totp().await;
    mailed.next(&ada, "notice-factor_added").await;
    let mail = mailed.forgot(&ada).await;
    let (browser, token) = (mailed.app.browser(), mail.token_for("reset").to_owned());
    let wrong = ada.phone().wrong_code_at(browser.service_time());
    let calls = (0..20).map(|_| {
        let (browser, token, wrong) = (browser.clone(), token.clone(), wrong.clone());
        async move { reset(&browser, &token, NEW, Some(&wrong)).await }
    });
    let answers = at_once(calls).await;
    let tried = answers.iter().filter(|answer| answer.json()["code"] == "otp_invalid").count();
    assert_eq!(tried, 5);
    mailed.app.advance(TimeDelta::seconds(30));
    let code = ada.phone().code_at(browser.service_time());
    reset(&browser, &token, NEW, Some(&code)).await.assert_problem(400, "mail_token_invalid");
    browser.log_in(&ada).await.assert_status(200);
    browser.validate(&code).await.assert_status(200);
}

#[tokio::test]
async fn fifty_uses_of_one_link_at_once_set_one_password() {
    let mailed = Mailed::with([("HASH_QUEUE", "1000"), ("HASH_QUEUE_SHARE", "100")]).await;
    let (ada, _) = mailed.register("ada").await;
    let mail = mailed.forgot(&ada).await;
    let token = mail.token_for("reset").to_owned();
    let calls = (0..50).map(|number| {
        let (browser, token) = (mailed.app.browser(), token.clone());
        async move { reset(&browser, &token, &format!("{NEW} {number}"), None).await }
    });
    let answers = at_once(calls).await;
    assert_eq!(count(&answers, 204), 1);
}

#[tokio::test]
async fn a_password_change_ends_the_link() {
    let mailed = Mailed::spawn().await;
    let (ada, _) = mailed.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let mail = mailed.forgot(&ada).await;
    let change = json!({ "current_password": ada.password, "new_password": NEW });
    ada.browser.put("/api/auth/password", change).await.assert_status(204);
    let answer = reset(&mailed.app.browser(), mail.token_for("reset"), NEW, None).await;
    answer.assert_problem(400, "mail_token_invalid");
}

#[tokio::test]
async fn a_link_never_comes_alive_after_the_write_that_ended_it() {
    let mailed = Mailed::spawn().await;
    let (ada, _) = mailed.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    mailed.smtp.answer("RCPT", Some("451 later"));
    forgot(&mailed.app.browser(), &ada.email).await.assert_status(202);
    let outbox = mailed.app.collection("outbox").await;
    let waits =
        doc! { "kind": { "$regex": "^reset" }, "tries": 1_i64, "lease": { "$exists": false } };
    let tried = async || outbox.count_documents(waits.clone()).await.unwrap() == 1;
    until("the first attempt failed", tried).await;
    let change = json!({ "current_password": ada.password, "new_password": NEW });
    ada.browser.put("/api/auth/password", change).await.assert_status(204);
    mailed.smtp.answer("RCPT", None);
    mailed.app.advance(TimeDelta::minutes(2));
    let gone = async || outbox.count_documents(doc! {}).await.unwrap() == 0;
    until("the job is dropped", gone).await;
    assert_eq!(mailed.smtp.waiting(), 0);
}

#[tokio::test]
async fn a_squatter_with_a_second_factor_does_not_keep_the_address() {
    let mailed = Mailed::spawn().await;
    let (squatter, _) = mailed.register("owner").await;
    let squatter = squatter.with_totp().await;
    let mail = mailed.forgot(&squatter).await;
    let owner = mailed.app.browser();
    reset(&owner, mail.token_for("reset"), NEW, None).await.assert_problem(403, "otp_required");
    use_link(&owner, "email/disown", mail.token_for("disown")).await.assert_status(204);
    mailed.app.register("owner").await;
}

#[tokio::test]
async fn resets_asked_for_from_a_known_network_and_from_elsewhere_do_not_replace_each_other() {
    let mailed = Mailed::with([("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let (ada, _) = mailed.register("ada").await;
    let known = mailed.forgot(&ada).await;
    let stranger = mailed.app.browser().always("x-forwarded-for", "198.51.100.7");
    forgot(&stranger, &ada.email).await.assert_status(202);
    let unknown = mailed.next(&ada, "reset").await;
    assert_ne!(known.token_for("reset"), unknown.token_for("reset"));
    reset(&mailed.app.browser(), known.token_for("reset"), NEW, None).await.assert_status(204);
    let answer = reset(&stranger, unknown.token_for("reset"), NEW, None).await;
    answer.assert_problem(400, "mail_token_invalid");
}

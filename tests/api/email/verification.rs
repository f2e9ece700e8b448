//! Verifying an address, and disowning an account.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;

use super::{Mailed, me, use_link};
use crate::harness::{TestApp, at_once, count, until};

const VERIFY: &str = "email/verify";
const DISOWN: &str = "email/disown";
const AGAIN: &str = "/api/auth/email/verification";

#[tokio::test]
async fn without_mail_every_call_is_404_and_nothing_else_changes() {
    let app = TestApp::spawn().await;
    let person = app.register("ada").await;
    person.browser.log_in(&person).await.assert_status(200);
    let calls = [
        ("POST", "email/verification"),
        ("POST", "email/verify"),
        ("POST", "email/disown"),
        ("POST", "password/forgot"),
        ("POST", "password/reset"),
        ("PUT", "email"),
        ("POST", "email/confirm"),
        ("POST", "email/approve"),
        ("DELETE", "email/change"),
        ("POST", "secure"),
    ];
    for (method, path) in calls {
        for browser in [app.browser(), person.browser.clone()] {
            let call = crate::harness::Call::new(method, &format!("/api/auth/{path}"));
            browser.send(call.json(&json!({}))).await.assert_problem(404, "mail_not_available");
        }
    }
    assert_eq!(me(&person.browser).await["email_verified"], false);
    let account = app.collection("users").await.find_one(doc! {}).await.unwrap().unwrap();
    assert!(!account.contains_key("mail"));
}

#[tokio::test]
async fn a_registration_sends_both_links_and_the_first_verifies_once() {
    let mailed = Mailed::spawn().await;
    let (person, mail) = mailed.register("ada").await;
    person.browser.log_in(&person).await.assert_status(200);
    assert_eq!(me(&person.browser).await["email_verified"], false);

    let stranger = mailed.app.browser();
    let answer = use_link(&stranger, VERIFY, mail.token_for("verify")).await;
    answer.assert_status(204);
    assert!(answer.set_cookies().is_empty(), "opens no session");
    assert_eq!(me(&person.browser).await["email_verified"], true);
    for (call, page) in [(VERIFY, "verify"), (DISOWN, "disown")] {
        let answer = use_link(&stranger, call, mail.token_for(page)).await;
        answer.assert_problem(400, "mail_token_invalid");
    }
    person.browser.post(AGAIN, json!({})).await.assert_problem(409, "email_already_verified");
}

#[tokio::test]
async fn a_link_ends_after_a_day_and_a_new_one_replaces_it() {
    let mailed = Mailed::spawn().await;
    let (person, first) = mailed.register("ada").await;
    mailed.app.advance(TimeDelta::minutes(2));
    person.browser.log_in(&person).await.assert_status(200);
    person.browser.post(AGAIN, json!({})).await.assert_status(202);
    let second = mailed.next(&person, "verify").await;
    let browser = mailed.app.browser();
    use_link(&browser, VERIFY, first.token_for("verify"))
        .await
        .assert_problem(400, "mail_token_invalid");
    mailed.app.advance(TimeDelta::hours(24));
    use_link(&browser, VERIFY, second.token_for("verify"))
        .await
        .assert_problem(400, "mail_token_invalid");
}

#[tokio::test]
async fn an_address_gets_one_mail_a_minute_and_five_an_hour() {
    let mailed = Mailed::spawn().await;
    let (person, _) = mailed.register("ada").await;
    person.browser.log_in(&person).await.assert_status(200);
    // Within the minute of the registration's own mail.
    person.browser.post(AGAIN, json!({})).await.assert_status(202);
    for number in 0..6 {
        mailed.app.advance(TimeDelta::seconds(61));
        person.browser.post(AGAIN, json!({})).await.assert_status(202);
        if number < 4 {
            mailed.next(&person, "verify").await;
        }
    }
    let outbox = mailed.app.collection("outbox").await;
    let is_empty = async || outbox.count_documents(doc! {}).await.unwrap() == 0;
    until("the outbox is empty", is_empty).await;
    assert_eq!(mailed.smtp.waiting(), 0);
}

#[tokio::test]
async fn a_network_may_ask_thirty_times_an_hour() {
    let mailed = Mailed::spawn().await;
    let (person, _) = mailed.register("ada").await;
    person.browser.log_in(&person).await.assert_status(200);
    for _ in 0..30 {
        person.browser.post(AGAIN, json!({})).await.assert_status(202);
    }
    person.browser.post(AGAIN, json!({})).await.assert_problem(429, "too_many_attempts");
}

#[tokio::test]
async fn who_did_not_sign_up_deletes_the_account_unless_it_was_ever_verified() {
    let mailed = Mailed::spawn().await;
    let (squatter, mail) = mailed.register("squatter").await;
    squatter.browser.log_in(&squatter).await.assert_status(200);
    let owner = mailed.app.browser();
    let disown = mail.token_for("disown");
    use_link(&owner, VERIFY, disown).await.assert_problem(400, "mail_token_invalid");
    use_link(&owner, DISOWN, disown).await.assert_status(204);
    squatter.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    use_link(&owner, DISOWN, disown).await.assert_problem(400, "mail_token_invalid");
}

#[tokio::test]
async fn verifying_and_disowning_at_once_do_one_of_the_two() {
    let mailed = Mailed::spawn().await;
    for round in 0..5 {
        let (person, mail) = mailed.register(&format!("ada-{round}")).await;
        let verify = (mailed.app.browser(), mail.token_for("verify").to_owned());
        let disown = (mailed.app.browser(), mail.token_for("disown").to_owned());
        let (verified, disowned) = futures_util::future::join(
            use_link(&verify.0, VERIFY, &verify.1),
            use_link(&disown.0, DISOWN, &disown.1),
        )
        .await;
        assert_eq!([verified.status, disowned.status].iter().filter(|s| **s == 204).count(), 1);
        let users = mailed.app.collection("users").await;
        let found = users.find_one(doc! { "email": &person.email }).await.unwrap();
        assert_eq!(found.is_some(), verified.status == 204);
    }
}

#[tokio::test]
async fn one_link_used_by_many_at_once_verifies_once() {
    let mailed = Mailed::spawn().await;
    let (_, mail) = mailed.register("ada").await;
    let token = mail.token_for("verify").to_owned();
    let calls = (0..20).map(|_| {
        let (browser, token) = (mailed.app.browser(), token.clone());
        async move { use_link(&browser, VERIFY, &token).await }
    });
    let answers = at_once(calls).await;
    assert_eq!(count(&answers, 204), 1);
}

#[tokio::test]
async fn where_it_is_required_an_unverified_login_opens_nothing_and_gets_a_link() {
    let mailed = Mailed::with([("REQUIRE_VERIFIED_EMAIL", "true")]).await;
    let (person, _) = mailed.register("ada").await;
    mailed.app.advance(TimeDelta::minutes(2));
    let answer = person.browser.log_in(&person).await;
    answer.assert_problem(403, "email_not_verified");
    assert!(answer.set_cookies().is_empty());
    let mail = mailed.next(&person, "verify").await;
    let basic = crate::harness::Call::new("POST", "/auth/credentials");
    let basic = basic.header("authorization", &person.basic());
    let answer = mailed.app.browser().send(basic).await;
    assert_eq!((answer.status, answer.json()["status"].clone()), (401, json!(3)));

    let mut wrong = person.clone();
    wrong.password = "not the password".to_owned();
    person.browser.log_in(&wrong).await.assert_problem(400, "incorrect_credentials");
    use_link(&mailed.app.browser(), VERIFY, mail.token_for("verify")).await.assert_status(204);
    person.browser.log_in(&person).await.assert_status(200);
}

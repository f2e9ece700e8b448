//! What an operator sees of mail, and can do about it.

use bson::{DateTime, doc};
use serde_json::json;

use super::{Mailed, me, reset};
use crate::harness::{breached_list, until};

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_verifies_an_address_and_sees_what_waits() {
    let mailed = Mailed::spawn().await;
    let (ada, _) = mailed.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let shown = || mailed.app.operator(&["users", "show", &ada.email, "--json"]).json();
    assert_eq!(shown()["user"]["email_verified"], false);
    mailed.app.operator(&["users", "verify-email", &ada.email]).assert_code(0);
    assert_eq!(shown()["user"]["email_verified"], true);
    assert_eq!(me(&ada.browser).await["email_verified"], true);
    let events = ada.browser.get("/api/auth/events").await.json();
    let mut kinds = events["events"].as_array().unwrap().iter().map(|event| &event["kind"]);
    assert!(kinds.any(|kind| kind == "email_verified_by_operator"));
    let waiting = mailed.app.operator(&["mail", "--json"]).assert_code(0).json();
    assert_eq!(waiting, json!({ "waiting": 0, "oldest": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_later_does_not_wait() {
    let mailed = Mailed::spawn().await;
    // Of a kind that this version leaves alone. The command has the system's clock.
    let job =
        |key: &str, due: DateTime| doc! { "_id": key, "kind": "of a later version", "due": due };
    let (now, hour) = (DateTime::now().timestamp_millis(), 3_600_000);
    let at = DateTime::from_millis;
    let jobs = [job("a", at(now - hour)), job("b", at(now - 2 * hour)), job("c", at(now + hour))];
    mailed.app.collection("outbox").await.insert_many(jobs).await.unwrap();
    let waiting = mailed.app.operator(&["mail", "--json"]).assert_code(0).json();
    assert_eq!(waiting["waiting"], 2);
    let oldest: DateTime =
        DateTime::parse_rfc3339_str(waiting["oldest"].as_str().unwrap()).unwrap();
    assert_eq!(oldest.timestamp_millis() / 1000, (now - 2 * hour) / 1000);
}

#[tokio::test]
async fn mails_are_counted() {
    let mailed = Mailed::spawn().await;
    mailed.register("ada").await;
    mailed.smtp.answer("RCPT", Some("550 no such user"));
    mailed.app.register("eve").await;
    let counted = async || {
        let text = mailed.app.browser().get("/metrics").await.body;
        let text = String::from_utf8(text).unwrap();
        let has = |line: &str| text.lines().any(|found| found == line);
        has("twofold_mail_sent_total 1")
            && has("twofold_mail_failed_total 1")
            && has("twofold_mail_given_up_total 1")
    };
    until("the mails are counted", counted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breached_password_is_refused_and_the_link_stays_alive() {
    let breached = "correct horse battery staple";
    let list = breached_list("breached-reset", &[breached]);
    let mailed = Mailed::with([("BREACHED_PASSWORDS", &list)]).await;
    let (ada, _) = mailed.register("ada").await;
    let mail = mailed.forgot(&ada).await;
    let (browser, token) = (mailed.app.browser(), mail.token_for("reset"));
    let refused = reset(&browser, token, breached, None).await;
    refused.assert_problem(422, "invalid_fields");
    assert_eq!(refused.json()["errors"][0]["code"], "password_breached");
    reset(&browser, token, "a saucer of marbles", None).await.assert_status(204);
}

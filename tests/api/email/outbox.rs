//! The outbox: retries, leases, several instances, and a process that is killed.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;
use service_process::Service;
use twofold::Clock;

use super::{Mailed, use_link};
use crate::harness::{Browser, DROP, HANG, SmtpSink, TestApp, program, until};

#[tokio::test]
async fn a_mail_is_retried_after_1_5_15_and_60_minutes_with_the_same_link_and_then_given_up() {
    let mailed = Mailed::spawn().await;
    mailed.smtp.answer("RCPT", Some("451 later"));
    let ada = mailed.app.register("ada").await;
    let outbox = mailed.app.collection("outbox").await;
    for (tries, minutes) in [(1_i64, 1), (2, 5), (3, 15), (4, 60)] {
        let failed = doc! { "tries": tries, "lease": { "$exists": false } };
        let is_failed = async || outbox.count_documents(failed.clone()).await.unwrap() == 1;
        until("an attempt failed", is_failed).await;
        mailed.app.advance(TimeDelta::minutes(minutes));
    }
    let gone = async || outbox.count_documents(doc! {}).await.unwrap() == 0;
    until("it is given up", gone).await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let events = ada.browser.get("/api/auth/events").await.json();
    let kinds: Vec<_> = events["events"].as_array().unwrap().iter().map(|e| &e["kind"]).collect();
    assert!(kinds.iter().any(|kind| *kind == "mail_not_delivered"), "{kinds:?}");
}

#[tokio::test]
async fn a_refused_recipient_is_final_at_once() {
    let mailed = Mailed::spawn().await;
    mailed.smtp.answer("RCPT", Some("550 no such user"));
    mailed.app.register("ada").await;
    let events = mailed.app.collection("security_events").await;
    let given_up = doc! { "kind": "mail_not_delivered" };
    let told = async || events.count_documents(given_up.clone()).await.unwrap() == 1;
    until("it is given up", told).await;
    let outbox = mailed.app.collection("outbox").await;
    assert_eq!(outbox.count_documents(doc! {}).await.unwrap(), 0);
}

#[tokio::test]
async fn a_retry_carries_the_same_link() {
    let mailed = Mailed::spawn().await;
    mailed.smtp.answer("message", Some("451 later"));
    let ada = mailed.app.register("ada").await;
    let outbox = mailed.app.collection("outbox").await;
    let failed = doc! { "tries": 1_i64, "lease": { "$exists": false } };
    let is_failed = async || outbox.count_documents(failed.clone()).await.unwrap() == 1;
    until("an attempt failed", is_failed).await;
    mailed.smtp.answer("message", None);
    mailed.app.advance(TimeDelta::minutes(1));
    let mail = mailed.next(&ada, "verify").await;
    use_link(&mailed.app.browser(), "email/verify", mail.token_for("verify"))
        .await
        .assert_status(204);
}

#[tokio::test]
async fn two_instances_share_one_outbox_and_send_each_mail_once() {
    let mailed = Mailed::spawn().await;
    let url = mailed.smtp.url();
    let mail = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "no-reply@auth.example")];
    let _second = mailed.app.second_instance(mail).await;
    for number in 0..30 {
        mailed.app.register(&format!("person-{number}")).await;
    }
    let outbox = mailed.app.collection("outbox").await;
    let empty = async || outbox.count_documents(doc! {}).await.unwrap() == 0;
    until("the outbox is empty", empty).await;
    assert_eq!(mailed.smtp.waiting(), 30);
}

#[tokio::test]
async fn a_job_whose_instance_died_is_done_by_another_after_its_lease() {
    let mailed = Mailed::spawn().await;
    mailed.smtp.answer("RCPT", Some(DROP));
    let ada = mailed.app.register("ada").await;
    let outbox = mailed.app.collection("outbox").await;
    let failed = doc! { "tries": 1_i64, "lease": { "$exists": false } };
    let is_failed = async || outbox.count_documents(failed.clone()).await.unwrap() == 1;
    until("an attempt failed", is_failed).await;
    // As an instance leaves it that took the job and was killed.
    let now = bson::DateTime::from_millis(mailed.app.clock.now().timestamp_millis());
    let lease = now.timestamp_millis() + 60_000;
    let taken = doc! { "$set": { "due": now, "lease": bson::DateTime::from_millis(lease) } };
    outbox.update_one(doc! {}, taken).await.unwrap();
    mailed.smtp.answer("RCPT", None);
    mailed.app.advance(TimeDelta::seconds(59));
    mailed.app.register("eve").await;
    mailed.smtp.next_to("eve@example.com").await;
    assert_eq!(mailed.smtp.waiting(), 0, "the lease holds");
    mailed.app.advance(TimeDelta::seconds(1));
    mailed.next(&ada, "verify").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_an_instance_was_killed_over_is_sent_by_another() {
    let app = TestApp::with_clock(two_minutes_ahead(), []).await;
    let dying = SmtpSink::start().await;
    dying.answer("RCPT", Some(HANG));
    let mut command = program();
    command.envs([
        ("APP_ENV", "development"),
        ("PORT", "0"),
        ("SEALING_KEYS", TestApp::SEALING_KEYS),
        ("HASH_MEMORY_KIB", "64"),
        ("HASH_ITERATIONS", "1"),
        ("SMTP_URL", &dying.url()),
        ("MAIL_FROM", "no-reply@auth.example"),
        ("DATABASE_URL", &app.database_url),
        ("MONGO_INITDB_DATABASE", &app.database_name),
    ]);
    let service = Service::start(&mut command).await.unwrap();
    let browser = Browser::new(service.url(), Clock::system());
    let form =
        json!({ "name": "Ada", "email": "ada@example.com", "password": "plum velvet tractor" });
    browser.post("/api/auth/register", form).await.assert_status(201);
    dying.hung().await;
    drop(service);

    // The lease of the dead instance is over by this one's clock.
    let smtp = SmtpSink::start().await;
    let url = smtp.url();
    let mail = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "no-reply@auth.example")];
    let other = app.second_instance(mail).await;
    let mail = smtp.next_to("ada@example.com").await;
    use_link(&other.browser(), "email/verify", mail.token_for("verify")).await.assert_status(204);
}

fn two_minutes_ahead() -> Clock {
    Clock::settable(Clock::system().now() + TimeDelta::minutes(2))
}

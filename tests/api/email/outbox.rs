//! The outbox: retries, leases, several instances, and a process that is killed.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;
use sha2::{Digest, Sha256};
use twofold::{Clock, Moment};

use super::{Mailed, use_link};
use crate::harness::{Browser, DROP, HANG, SmtpSink, TestApp, until};

/// Waits until an attempt at the job of a kind failed, and returns when it is due again.
async fn failed(mailed: &Mailed, kind: &str, tries: i64) -> Moment {
    let outbox = mailed.app.collection("outbox").await;
    let waits = doc! { "kind": kind, "tries": tries, "lease": { "$exists": false } };
    let is_failed = async || outbox.count_documents(waits.clone()).await.unwrap() == 1;
    until("an attempt failed", is_failed).await;
    let job = outbox.find_one(waits).await.unwrap().unwrap();
    let due = job.get_datetime("due").unwrap().timestamp_millis();
    Moment::from_timestamp_millis(due).unwrap()
}

#[tokio::test]
async fn a_mail_is_retried_after_1_5_15_and_60_minutes_and_then_given_up() {
    let mailed = Mailed::spawn().await;
    let (app, person) = (&mailed.app, "ada@example.com");
    mailed.smtp.answer_for(person, "message", Some("451 later"));
    let ada = app.register("ada").await;
    let outbox = app.collection("outbox").await;
    for (tries, minutes) in [(1, 1), (2, 5), (3, 15), (4, 60)] {
        let due = failed(&mailed, "verify", tries).await;
        assert_eq!(due, app.clock.now() + TimeDelta::minutes(minutes), "after attempt {tries}");
        app.advance(TimeDelta::minutes(minutes) - TimeDelta::seconds(1));
        // What is due before is sent before: by now Ada's would have been taken.
        mailed.register(&format!("eve-{tries}")).await;
        assert_eq!(failed(&mailed, "verify", tries).await, due, "nothing happens before");
        assert_eq!(mailed.smtp.read_for(person).len(), usize::try_from(tries).unwrap());
        app.advance(TimeDelta::seconds(1));
    }
    let gone = async || outbox.count_documents(doc! {}).await.unwrap() == 0;
    until("it is given up", gone).await;
    assert_eq!(mailed.smtp.read_for(person).len(), 5);
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
    let is_recorded = async || events.count_documents(given_up.clone()).await.unwrap() == 1;
    until("it is given up", is_recorded).await;
    let outbox = mailed.app.collection("outbox").await;
    assert_eq!(outbox.count_documents(doc! {}).await.unwrap(), 0);
}

#[tokio::test]
async fn every_attempt_carries_the_links_whose_digests_the_account_has() {
    let mailed = Mailed::spawn().await;
    let (app, person) = (&mailed.app, "ada@example.com");
    mailed.smtp.answer_for(person, "message", Some("451 later"));
    let ada = app.register("ada").await;
    for (tries, minutes) in [(1, 1), (2, 5), (3, 15), (4, 60)] {
        failed(&mailed, "verify", tries).await;
        if tries == 4 {
            mailed.smtp.answer_for(person, "message", None);
        }
        app.advance(TimeDelta::minutes(minutes));
    }
    let mail = mailed.next(&ada, "verify").await;
    let stored = app.stored(&ada).await;
    let attempts = mailed.smtp.read_for(person);
    assert_eq!(attempts.len(), 5);
    for page in ["verify", "disown"] {
        let token = mail.token_for(page);
        assert!(attempts.iter().all(|attempt| attempt.token_for(page) == token), "{page}");
        let link = stored.get_document("mail").unwrap().get_document(page).unwrap();
        let digest = link.get_binary_generic("digest").unwrap();
        assert_eq!(digest.as_slice(), Sha256::digest(token).as_slice(), "{page}");
    }
    let browser = app.browser();
    use_link(&browser, "email/verify", mail.token_for("verify")).await.assert_status(204);
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
    failed(&mailed, "verify", 1).await;
    let outbox = mailed.app.collection("outbox").await;
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
    let url = dying.url();
    let settings = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "no-reply@auth.example")];
    let service = app.start_process(settings).await;
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

//! Jobs of the outbox.

use bson::spec::BinarySubtype;
use bson::{Binary, Bson, DateTime, doc};
use chrono::TimeDelta;

use crate::email::Mailed;
use crate::harness::{HeldWrite, until, until_in_time};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_replaced_or_taken_again_is_not_settled_by_who_took_it_before() {
    let (_mongod, mailed) = Mailed::held([]).await;
    let seed = Binary { subtype: BinarySubtype::Generic, bytes: vec![7; 16] };
    // Another job has another seed; the same one, taken by another instance, was tried once more.
    for (field, value) in [("seed", Bson::Binary(seed)), ("tries", Bson::Int64(3))] {
        for is_sent in [true, false] {
            until_in_time(async |n| {
                let name = format!("{field}-{is_sent}-{n}");
                let email = format!("{name}@example.com");
                mailed.smtp.answer_for(&email, "RCPT", Some("451 later"));
                mailed.app.register(&name).await;
                let outbox = mailed.app.collection("outbox").await;
                let waits = doc! { "tries": 1_i64, "lease": { "$exists": false } };
                let is_failed = async || outbox.count_documents(waits.clone()).await.unwrap() == 1;
                until("an attempt failed", is_failed).await;
                // What settles the job: it is removed, or returned to be tried again.
                let command = if is_sent { "delete" } else { "update" };
                let held = HeldWrite::nth(&mailed.app, ("outbox", command), 1).await;
                if is_sent {
                    mailed.smtp.answer_for(&email, "RCPT", None);
                }
                mailed.app.advance(TimeDelta::minutes(1));
                held.until_held().await;
                let later = (mailed.app.clock.now() + TimeDelta::hours(1)).timestamp_millis();
                let later = DateTime::from_millis(later);
                let other = doc! { field: value.clone(), "due": later, "lease": later };
                outbox.update_one(doc! {}, doc! { "$set": other.clone() }).await.unwrap();
                let is_in_time = held.is_held();
                held.until_done().await;
                let is_left = outbox.count_documents(other).await.unwrap() == 1;
                outbox.delete_many(doc! {}).await.unwrap();
                assert!(!is_in_time || is_left, "{field}, sent: {is_sent}");
                is_in_time.then_some(())
            })
            .await;
        }
    }
}

//! The mail of a registration that failed or follows another one.

use bson::doc;
use chrono::TimeDelta;
use serde_json::json;

use super::Mailed;
use crate::harness::{Answer, Call, HeldWrite, Person, until};

async fn register(person: &Person) -> Answer {
    let form = json!({ "name": "Ada", "email": person.email, "password": person.password });
    person.browser.post("/api/auth/register", form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_failed_takes_no_mail_from_the_next_attempt() {
    let (_mongod, mailed) = Mailed::held([]).await;
    let ada = Person::new(&mailed.app, "ada");
    let refused = doc! { "errorCode": 1 };
    HeldWrite::failing(&mailed.app, ("users", "insert"), refused).await;
    register(&ada).await.assert_problem(503, "database_unavailable");
    register(&ada).await.assert_status(201);
    mailed.next(&ada, "verify").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_happened_although_it_was_answered_503_sends_its_mail() {
    let (_mongod, mailed) = Mailed::held([]).await;
    let ada = Person::new(&mailed.app, "ada");
    let unconfirmed = doc! { "writeConcernError": { "code": 64, "errmsg": "" } };
    HeldWrite::failing(&mailed.app, ("users", "insert"), unconfirmed).await;
    register(&ada).await.assert_problem(503, "database_unavailable");
    register(&ada).await.assert_status(409);
    // The job waits a little for the account.
    mailed.app.advance(TimeDelta::seconds(11));
    mailed.next(&ada, "verify").await;
}

#[tokio::test]
async fn an_address_that_is_registered_again_and_again_gets_one_mail_a_minute() {
    let mailed = Mailed::spawn().await;
    let (ada, _) = mailed.register("ada").await;
    let outbox = mailed.app.collection("outbox").await;
    let again = async || {
        ada.browser.log_in(&ada).await.assert_status(200);
        let delete = Call::new("DELETE", "/api/auth/account");
        let delete = delete.json(&json!({ "password": ada.password }));
        ada.browser.send(delete).await.assert_status(204);
        register(&ada).await.assert_status(201);
    };
    for _ in 0..3 {
        again().await;
        let is_empty = async || outbox.count_documents(doc! {}).await.unwrap() == 0;
        until("no job is left", is_empty).await;
    }
    assert_eq!(mailed.smtp.waiting(), 0);
    mailed.app.advance(TimeDelta::seconds(61));
    again().await;
    mailed.next(&ada, "verify").await;
}

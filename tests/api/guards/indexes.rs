//! The indexes that rules depend on.

use bson::doc;
use serde_json::json;

use crate::harness::{HeldWrite, TestApp, until, until_in_time};
use crate::passwords::try_password;

#[tokio::test]
async fn counters_and_events_say_when_they_expire_and_an_index_deletes_them_then() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    try_password(&app.browser(), &ada.email).await.assert_status(400);
    let now = bson::DateTime::from_millis(app.clock.now().timestamp_millis());
    for name in ["throttles", "security_events"] {
        let collection = app.collection(name).await;
        until(&format!("something is stored in {name}"), async || {
            collection.count_documents(doc! {}).await.unwrap() > 0
        })
        .await;
        let expiring = doc! { "expires": { "$gt": now } };
        let (all, expiring) = (
            collection.count_documents(doc! {}).await.unwrap(),
            collection.count_documents(expiring).await.unwrap(),
        );
        assert_eq!(expiring, all, "{name}");
        let mut indexes = collection.list_indexes().await.unwrap();
        let mut deletes = false;
        while indexes.advance().await.unwrap() {
            let index = indexes.deserialize_current().unwrap();
            let after = index.options.and_then(|options| options.expire_after);
            deletes |=
                index.keys == doc! { "expires": 1 } && after.is_some_and(|after| after.is_zero());
        }
        assert!(deletes, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_registers_before_addresses_are_unique() {
    let mongod = HeldWrite::mongod().await;
    until_in_time(async |_| {
        let held = HeldWrite::next(&mongod.uri(), "createIndexes").await;
        let app = TestApp::on_unready(&mongod.uri()).await;
        held.until_held().await;
        let form = json!({
            "name": "Ada", "email": "ada@example.com", "password": "plum velvet tractor",
        });
        let answer = app.browser().post("/api/auth/register", form).await;
        let readiness = app.browser().get("/health/ready").await;
        held.is_held().then(|| {
            readiness.assert_problem(503, "not_ready");
            answer.assert_problem(503, "database_unavailable");
        })
    })
    .await;
}

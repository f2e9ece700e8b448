//! Waits for what no answer reports.

use bson::doc;

use super::app::TestApp;
use super::person::Person;
use super::wait::until;

/// Waits until this many throttles exist. A login has two, and is about to hash once it has them.
pub async fn until_charged(app: &TestApp, counters: u64) {
    let throttles = app.collection("throttles").await;
    until("the logins are charged", async || {
        throttles.count_documents(doc! {}).await.unwrap() >= counters
    })
    .await;
}

/// Waits until a password is about to be checked within a person's session.
pub async fn until_tried(app: &TestApp, person: &Person) {
    let users = app.collection("users").await;
    let tried = doc! { "email": &person.email, "sessions.failed": 1 };
    until("a password is counted in a session", async || {
        users.count_documents(tried.clone()).await.unwrap() > 0
    })
    .await;
}

/// Waits until this many passwords wait to be hashed.
pub async fn until_waiting(app: &TestApp, count: usize) {
    let line = format!("\ntwofold_hashing_waiting {count}\n");
    until(&format!("{count} passwords wait to be hashed"), async || {
        String::from_utf8(app.browser().get("/metrics").await.body).unwrap().contains(&line)
    })
    .await;
}

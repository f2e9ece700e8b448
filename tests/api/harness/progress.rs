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
    until_measured(app, "twofold_hashing_waiting", count).await;
}

/// Waits until this many passwords were taken from the queue to be hashed: the next ones wait.
pub async fn until_begun(app: &TestApp, count: usize) {
    until_measured(app, "twofold_hashing_wait_seconds_count", count).await;
}

/// How many reads of an account by its id the service has begun.
pub async fn reads_begun(app: &TestApp) -> usize {
    measured(app, "twofold_account_reads_total").await
}

/// Waits until the service has begun this many reads of an account by its id.
pub async fn until_reads_begun(app: &TestApp, count: usize) {
    until_measured(app, "twofold_account_reads_total", count).await;
}

async fn until_measured(app: &TestApp, metric: &str, value: usize) {
    let what = format!("{metric} is {value}");
    until(&what, async || measured(app, metric).await == value).await;
}

/// What `/metrics` exports.
pub async fn scrape(app: &TestApp) -> String {
    let answer = app.browser().get("/metrics").await;
    assert!(answer.assert_status(200).header("content-type").unwrap().starts_with("text/plain"));
    String::from_utf8(answer.body).unwrap()
}

async fn measured(app: &TestApp, metric: &str) -> usize {
    let text = scrape(app).await;
    let mut values = text.lines().filter_map(|line| line.strip_prefix(metric)?.strip_prefix(' '));
    values.next().unwrap().parse().unwrap()
}

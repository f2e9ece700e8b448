//! The suite itself: a test leaves nothing behind and never waits without an end.

use std::time::Duration;

use mongodb::Client;

use crate::harness::{TestApp, until, until_within};

async fn exists(client: &Client, name: &str) -> bool {
    client.list_database_names().await.unwrap().iter().any(|found| found == name)
}

#[tokio::test]
async fn a_database_is_dropped_once_the_last_service_on_it_has_stopped() {
    let app = TestApp::spawn().await;
    let other = app.second_instance([]).await;
    let name = app.database_name.clone();
    let client = Client::with_uri_str(&app.database_url).await.unwrap();
    drop(app);
    other.register("ada").await;
    assert!(exists(&client, &name).await);
    drop(other);
    until("the database is dropped", async || !exists(&client, &name).await).await;
}

#[tokio::test]
async fn a_database_is_dropped_after_a_failure_too() {
    let app = TestApp::spawn().await;
    app.register("ada").await;
    let name = app.database_name.clone();
    let client = Client::with_uri_str(&app.database_url).await.unwrap();
    let failing = tokio::spawn(async move {
        let _app = app;
        panic!("a test that fails, as is tested here");
    });
    assert!(failing.await.unwrap_err().is_panic());
    until("the database is dropped", async || !exists(&client, &name).await).await;
}

#[tokio::test]
async fn a_wait_that_is_not_met_fails_and_says_what_it_was_for() {
    let waiting = tokio::spawn(async {
        until_within(Duration::from_millis(50), "pigs fly", async || false).await;
    });
    let failure = waiting.await.unwrap_err().into_panic();
    assert_eq!(failure.downcast_ref::<String>().unwrap(), "timed out after 50ms: pigs fly");
}

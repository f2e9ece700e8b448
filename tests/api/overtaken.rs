//! What waits for a hash while the account changes.

use bson::doc;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::harness::{Answer, Call, Person, TestApp, until_charged, until_tried};
use crate::races::first_code;

/// A service whose one hashing thread takes its time, so that a login can be overtaken.
async fn slow_to_hash() -> TestApp {
    TestApp::with([("HASH_THREADS", "1"), ("HASH_MEMORY_KIB", "131072"), ("HASH_ITERATIONS", "12")])
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_overtaken_by_an_enrolment_opens_a_challenge_and_no_session() {
    let app = slow_to_hash().await;
    let ada = app.register("ada").await;
    let browser = ada.browser.clone();
    browser.log_in(&ada).await.assert_status(200);
    let code = first_code(&app, &browser).await;

    let (late, person) = (app.browser(), ada.clone());
    let waiting = {
        let late = late.clone();
        tokio::spawn(async move { late.log_in(&person).await })
    };
    until_charged(&app, 2).await;
    browser.post("/api/auth/otp/verify", json!({ "token": code })).await.assert_status(200);
    waiting.await.unwrap().assert_status(200);
    assert!(late.cookie("twofold_session").is_none());
    assert!(late.cookie("twofold_login").is_some());
    assert_eq!(app.stored(&ada).await.get_array("sessions").unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_overtaken_by_a_password_change_opens_nothing() {
    let slow = slow_to_hash().await;
    let quick = slow.second_instance([]).await;
    let (ada, eve) = (quick.register("ada").await, slow.register("eve").await);
    let browser = quick.browser();
    browser.log_in(&ada).await.assert_status(200);
    // Eve keeps the one thread busy, so that Ada's login waits, its account read.
    let busy = log_in(&slow, &eve);
    until_charged(&slow, 2).await;
    let late = slow.browser();
    let waiting = {
        let (late, ada) = (late.clone(), ada.clone());
        tokio::spawn(async move { late.log_in(&ada).await })
    };
    until_charged(&slow, 4).await;
    let form = json!({ "current_password": ada.password, "new_password": "a saucer of marbles" });
    browser.put("/api/auth/password", form).await.assert_status(204);
    assert!(!busy.is_finished(), "the login did not wait");
    waiting.await.unwrap().assert_problem(400, "incorrect_credentials");
    assert!(late.cookie("twofold_session").is_none());
    let left = quick.stored(&ada).await.get_array("sessions").unwrap().len();
    assert_eq!(left, 1, "the one that changed the password");
    busy.await.unwrap().assert_status(200);
}

/// Logs a person in while the test goes on.
fn log_in(app: &TestApp, person: &Person) -> JoinHandle<Answer> {
    let (browser, person) = (app.browser(), person.clone());
    tokio::spawn(async move { browser.log_in(&person).await })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_overtaken_by_the_account_s_deletion_opens_nothing() {
    let app = slow_to_hash().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let call = Call::new("DELETE", "/api/auth/account").json(&json!({ "password": ada.password }));
    let browser = ada.browser.clone();
    let deletion = tokio::spawn(async move { browser.send(call).await });
    until_tried(&app, &ada).await;
    let late = app.browser();
    let waiting = {
        let (late, ada) = (late.clone(), ada.clone());
        tokio::spawn(async move { late.log_in(&ada).await })
    };
    until_charged(&app, 2).await;
    assert!(!deletion.is_finished(), "the login did not read the account before the deletion");
    deletion.await.unwrap().assert_status(204);
    waiting.await.unwrap().assert_problem(400, "incorrect_credentials");
    assert!(late.cookie("twofold_session").is_none());
    let accounts = app.collection("users").await.count_documents(doc! {}).await.unwrap();
    assert_eq!(accounts, 0, "no write brought it back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_while_it_reauthenticates_does_not_come_back() {
    let app = slow_to_hash().await;
    let ada = app.register("ada").await;
    let (here, there) = (app.browser(), app.browser());
    here.log_in(&ada).await.assert_status(200);
    there.log_in(&ada).await.assert_status(200);
    let own = there.get("/api/auth/me").await.json()["session"]["id"].as_str().unwrap().to_owned();
    let (browser, form) = (there.clone(), json!({ "password": ada.password }));
    let proof = tokio::spawn(async move { browser.post("/api/auth/reauthenticate", form).await });
    until_tried(&app, &ada).await;
    here.delete(&format!("/api/auth/sessions/{own}")).await.assert_status(204);
    proof.await.unwrap().assert_problem(401, "not_authenticated");
    there.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    assert_eq!(app.stored(&ada).await.get_array("sessions").unwrap().len(), 1);
}

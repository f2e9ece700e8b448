//! The database goes away, hangs, comes late, and comes back.

use std::time::Duration;

use bson::doc;
use local_mongod::Mongod;
use mongodb::Client;
use serde_json::json;

use crate::harness::{Answer, Browser, Call, Person, TestApp, until_within, within};

/// What the contract promises is two seconds; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(4);

async fn answered(browser: &Browser, call: Call) -> Answer {
    let call = call.header("origin", "http://localhost:3000");
    within(PATIENCE, "the service answers", browser.send(call)).await
}

/// A call of every kind that needs the database.
fn calls(person: &Person) -> Vec<Call> {
    let login = json!({ "email": person.email, "password": person.password });
    let registration =
        json!({ "name": "Eve", "email": "eve@example.com", "password": person.password });
    vec![
        Call::new("GET", "/api/auth/me"),
        Call::new("GET", "/whoami"),
        Call::new("POST", "/api/auth/login").json(&login),
        Call::new("POST", "/api/auth/register").json(&registration),
        Call::new("POST", "/api/auth/otp/validate").json(&json!({ "token": "123456" })),
        Call::new("POST", "/api/auth/logout"),
        Call::new("POST", "/auth/credentials").header("authorization", &person.basic()),
    ]
}

async fn assert_unavailable(person: &Person) {
    for call in calls(person) {
        let path = call.path.clone();
        let answer = answered(&person.browser, call).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (503, "database_unavailable"),
            "{path}"
        );
        assert!(answer.header("retry-after").is_some(), "{path}");
        let allowed = answer.header("access-control-allow-origin");
        assert_eq!(allowed, Some("http://localhost:3000"), "{path}");
    }
    let browser = &person.browser;
    answered(browser, Call::new("GET", "/api/healthchecker")).await.assert_status(200);
    answered(browser, Call::new("GET", "/health/live")).await.assert_status(200);
    answered(browser, Call::new("GET", "/health/ready")).await.assert_problem(503, "not_ready");
}

/// Asks until the service answers again: that it does so by itself is what is tested.
async fn until_recovered(browser: &Browser) {
    let recovered = async || browser.get("/api/auth/me").await.status == 200;
    until_within(Duration::from_secs(30), "the service answers again", recovered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_is_answered_for_and_one_that_comes_back_is_used() {
    let mut mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR")).start().await.unwrap();
    let app = TestApp::on(&mongod.uri(), []).await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);

    mongod.stop().await.unwrap();
    assert_unavailable(&ada).await;
    mongod.start().await.unwrap();
    until_recovered(&ada.browser).await;
    app.browser().log_in(&ada).await.assert_status(200);

    mongod.pause().unwrap();
    assert_unavailable(&ada).await;
    mongod.resume().unwrap();
    until_recovered(&ada.browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_starts_before_its_database_becomes_ready_by_itself() {
    let mut mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR")).start().await.unwrap();
    mongod.stop().await.unwrap();
    let app = TestApp::on_unready(&mongod.uri()).await;
    let browser = app.browser();
    let form =
        json!({ "name": "Ada", "email": "ada@example.com", "password": "plum velvet tractor" });
    let early = browser.post("/api/auth/register", form.clone()).await;
    early.assert_problem(503, "database_unavailable");

    mongod.start().await.unwrap();
    let ready = async || browser.get("/health/ready").await.status == 200;
    until_within(Duration::from_secs(30), "the service becomes ready", ready).await;
    browser.post("/api/auth/register", form).await.assert_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_its_rights_in_the_database_is_not_ready() {
    let mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR"));
    let mongod = mongod.root_user("root", "root's password").start().await.unwrap();
    let admin = Client::with_uri_str(mongod.uri()).await.unwrap().database("admin");
    let command = async |command| admin.run_command(command).await.unwrap();
    let (writer, reader) = (["readWriteAnyDatabase"], ["readAnyDatabase"]);
    command(doc! { "createUser": "twofold", "pwd": "secret", "roles": writer }).await;
    let port = mongod.port();
    let url = format!("mongodb://twofold:secret@127.0.0.1:{port}/?authSource=admin");

    let app = TestApp::on(&url, []).await;
    let ada = app.register("ada").await;
    let readiness = || async { app.browser().get("/health/ready").await };
    command(doc! { "updateUser": "twofold", "roles": reader }).await;
    readiness().await.assert_problem(503, "not_ready");
    app.browser().log_in(&ada).await.assert_problem(500, "internal_error");
    command(doc! { "updateUser": "twofold", "roles": writer }).await;
    readiness().await.assert_status(200);
    app.browser().log_in(&ada).await.assert_status(200);

    command(doc! { "dropUser": "twofold" }).await;
    readiness().await.assert_problem(503, "not_ready");
    app.browser().log_in(&ada).await.assert_problem(500, "internal_error");
    app.browser().get("/health/live").await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_readiness_changes_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let before = app.stored(&ada).await;
    for _ in 0..10 {
        app.browser().get("/health/ready").await.assert_status(200);
    }
    assert_eq!(app.stored(&ada).await, before);
    let users = app.collection("users").await;
    assert_eq!(users.count_documents(doc! {}).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_or_a_factor_that_cannot_be_read_is_a_fault_and_never_absent() {
    let app = TestApp::spawn().await;
    let users = app.collection("users").await;
    let odd = [
        ("eva", doc! { "disabled_at": "2026-01-01T00:00:00Z" }),
        ("fay", doc! { "disabled_at": 1_767_225_600_000_i64 }),
        ("gus", doc! { "totp": [{ "verified": true }] }),
        ("hal", doc! { "totp": "on" }),
        ("ida", doc! { "codes": 10 }),
        ("jon", doc! { "codes.at": "2026-01-01T00:00:00Z" }),
    ];
    for (name, fields) in odd {
        let person = app.register(name).await;
        let of_person = doc! { "email": &person.email };
        users.update_one(of_person, doc! { "$set": &fields }).await.unwrap();
        let answer = app.browser().log_in(&person).await;
        assert_eq!((answer.status, answer.code().as_str()), (500, "internal_error"), "{fields}");
        let shown = app.operator(&["users", "show", &person.email]).assert_code(1).stderr.clone();
        let (path, _) = fields.iter().next().unwrap();
        assert!(shown.contains("collection users, _id "), "{shown}");
        assert!(shown.contains(&format!(", field {path}")), "{shown}");
    }
    let absent = app.register("kim").await;
    let nothing = doc! { "$set": { "disabled_at": null, "totp": null, "pending": null } };
    users.update_one(doc! { "email": &absent.email }, nothing).await.unwrap();
    app.browser().log_in(&absent).await.assert_status(200);
}

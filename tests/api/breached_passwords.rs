//! Passwords from data breaches: refused where one is chosen, never at a login.

use std::fs::File;

use serde_json::{Value, json};
use service_process::Service;
use twofold::Clock;

use crate::harness::{Browser, Call, Person, TestApp, breached_list, program, until};

const BREACHED: &str = "correct horse battery staple";

const SENTENCE: &str = "This password was found in a data breach. Please choose another.";

fn form(name: &str, password: &str) -> Value {
    let email = format!("{name}@example.com");
    json!({ "name": name, "email": email, "password": password })
}

fn failures(stored: &bson::Document) -> i32 {
    let session = stored.get_array("sessions").unwrap()[0].as_document().unwrap();
    session.get_i64("failed").unwrap().try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_with_a_breached_password_is_refused_and_not_counted() {
    let list = breached_list("breached-register", &[BREACHED, "caf\u{e9} au lait"]);
    let app = TestApp::with([("BREACHED_PASSWORDS", &list), ("NETWORK_REGISTRATIONS", "1")]).await;
    for password in [BREACHED, "cafe\u{301} au lait", "caf\u{e9} au lait"] {
        let refused = app.browser().post("/api/auth/register", form("ada", password)).await;
        refused.assert_problem(422, "invalid_fields").assert_detail(SENTENCE);
        let fault =
            json!({ "field": "password", "code": "password_breached", "message": SENTENCE });
        assert_eq!(refused.json()["errors"], json!([fault]));
    }
    let throttles = app.collection("throttles").await;
    assert_eq!(throttles.count_documents(bson::doc! {}).await.unwrap(), 0);
    // The whole hash is looked up, as the password was sent.
    let close = BREACHED.to_uppercase();
    app.browser().post("/api/auth/register", form("ada", &close)).await.assert_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_to_a_breached_password_is_refused_and_costs_no_try() {
    let list = breached_list("breached-change", &[BREACHED]);
    let app = TestApp::with([("BREACHED_PASSWORDS", &list)]).await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let change = async |current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        ada.browser.put("/api/auth/password", body).await
    };
    let before = app.stored(&ada).await;
    for current in [&ada.password, "not my password"].repeat(3) {
        let refused = change(current, BREACHED).await;
        refused.assert_problem(422, "invalid_fields").assert_detail(SENTENCE);
        let fault = &refused.json()["errors"][0];
        assert_eq!(
            (&fault["field"], &fault["code"]),
            (&json!("new_password"), &json!("password_breached"))
        );
    }
    let after = app.stored(&ada).await;
    assert_eq!(failures(&after), 0);
    assert_eq!(after.get_str("password").unwrap(), before.get_str("password").unwrap());
    change(&ada.password, "a saucer of marbles").await.assert_status(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_password_is_breached_later_still_logs_in() {
    let app = TestApp::spawn().await;
    let mut ada = Person::new(&app, "ada");
    ada.password = BREACHED.to_owned();
    ada.register().await;
    let list = breached_list("breached-login", &[BREACHED]);
    let app = app.second_instance([("BREACHED_PASSWORDS", &list)]).await;
    let browser = app.browser();
    browser.log_in(&ada).await.assert_status(200);
    let again = json!({ "password": BREACHED });
    browser.post("/api/auth/reauthenticate", again.clone()).await.assert_status(200);
    let basic = Call::new("POST", "/auth/credentials").header("authorization", &ada.basic());
    assert_eq!(app.browser().send(basic).await.assert_status(200).json()["status"], 0);
    browser.send(Call::new("DELETE", "/api/auth/account").json(&again)).await.assert_status(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_list_cannot_be_read_no_password_is_accepted_and_the_log_says_why() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let list = breached_list("breached-unreadable", &[BREACHED]);
    let mut command = program();
    command
        .envs([("APP_ENV", "development"), ("PORT", "0"), ("SEALING_KEYS", TestApp::SEALING_KEYS)])
        .envs([("DATABASE_URL", &app.database_url), ("MONGO_INITDB_DATABASE", &app.database_name)])
        .envs([("HASH_MEMORY_KIB", "64"), ("HASH_ITERATIONS", "1"), ("BREACHED_PASSWORDS", &list)]);
    let service = Service::start(&mut command).await.unwrap();
    let browser = Browser::new(service.url(), Clock::system());
    browser.log_in(&ada).await.assert_status(200);
    File::options().write(true).open(&list).unwrap().set_len(60).unwrap();

    let new = "a saucer of marbles";
    let refused = browser.post("/api/auth/register", form("bea", new)).await;
    refused.assert_problem(500, "internal_error");
    let change = json!({ "current_password": ada.password, "new_password": new });
    let refused = browser.put("/api/auth/password", change).await;
    refused.assert_problem(500, "internal_error");
    let cause = "cannot look up a password in the file that BREACHED_PASSWORDS names: ";
    until("the cause is logged", async || service.log().matches(cause).count() == 2).await;

    let users = app.collection("users").await;
    assert_eq!(users.count_documents(bson::doc! {}).await.unwrap(), 1);
    assert_eq!(failures(&app.stored(&ada).await), 0);
    browser.log_in(&ada).await.assert_status(200);
}

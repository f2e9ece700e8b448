//! A call whose account changes between its read and its write, while its session keeps its token.

use bson::spec::BinarySubtype;
use bson::{Binary, Document, doc};
use serde_json::{Value, json};

use crate::harness::{Call, HeldWrite, Person, TestApp, until_in_time};

/// An account without its sessions, whose failures a refused call counts and takes back.
async fn without_sessions(app: &TestApp, person: &Person) -> Document {
    let mut stored = app.stored(person).await;
    stored.remove("sessions");
    stored
}

/// Makes a call in a person's session and changes the account while a command of the call is held back.
/// The service doesn't make the change, because its commands may be held back too.
async fn assert_refused(
    app: &TestApp,
    person: &Person,
    (call, held): (Call, HeldWrite),
    change: Document,
    (status, code): (u16, &str),
) -> Option<()> {
    let (browser, path) = (person.browser.clone(), call.path.clone());
    let calling = tokio::spawn(async move { browser.send(call).await });
    held.until_held().await;
    let changed = doc! { "$set": change, "$inc": { "epoch": 1_i64 } };
    let users = app.collection("users").await;
    users.update_one(doc! { "email": &person.email }, changed).await.unwrap();
    let before = without_sessions(app, person).await;
    let answer = held.answer(calling).await;
    held.release().await;
    answer?.assert_problem(status, code);
    assert_eq!(without_sessions(app, person).await, before, "{path} wrote something");
    Some(())
}

/// A call of a person with their password, unless the path says that it is wrong, and which of its
/// commands to hold back: the first update of such a call counts the try.
async fn begin(
    app: &TestApp,
    person: &Person,
    (method, path, command): (&str, &str, &str),
) -> (Call, HeldWrite) {
    let is_wrong = path.ends_with("?wrong");
    let password = if is_wrong { "not the password" } else { &person.password };
    let form: Value = json!({
        "password": password,
        "current_password": password,
        "new_password": "a saucer of marbles",
    });
    let takes_password = path.ends_with("/password") || path.ends_with("/reauthenticate");
    let held = if takes_password {
        HeldWrite::all_but_first(&app.database_url, command).await
    } else {
        HeldWrite::on_users(app, command, 1).await
    };
    (Call::new(method, path).json(&form), held)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_overtaken_by_enabling_owes_a_code() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    for (number, call) in [
        ("POST", "/api/auth/otp/generate", "update"),
        ("DELETE", "/api/auth/sessions", "update"),
        ("POST", "/api/auth/reauthenticate?wrong", "update"),
        ("POST", "/api/auth/reauthenticate", "update"),
        ("PUT", "/api/auth/password", "update"),
        ("DELETE", "/api/auth/account", "delete"),
    ]
    .into_iter()
    .enumerate()
    {
        until_in_time(async |n| {
            let ada = app.register(&format!("ada-{number}-{n}")).await;
            ada.browser.log_in(&ada).await.assert_status(200);
            // As the Basic contract enables it.
            let secret = Binary { subtype: BinarySubtype::Generic, bytes: vec![1; 48] };
            let totp = doc! { "secret": secret, "last_step": 0_i64, "verified": false };
            let call = begin(&app, &ada, call).await;
            let refused = (403, "otp_required");
            assert_refused(&app, &ada, call, doc! { "totp": totp }, refused).await
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_another_program_has_just_changed_proves_nothing() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    let eve = app.register("eve").await;
    let hash = app.stored(&eve).await.get_str("password").unwrap().to_owned();
    for (number, call) in [
        ("POST", "/api/auth/reauthenticate", "update"),
        ("PUT", "/api/auth/password", "update"),
        ("DELETE", "/api/auth/account", "delete"),
    ]
    .into_iter()
    .enumerate()
    {
        until_in_time(async |n| {
            let ada = app.register(&format!("ada-{number}-{n}")).await;
            ada.browser.log_in(&ada).await.assert_status(200);
            let call = begin(&app, &ada, call).await;
            let refused = (400, "incorrect_password");
            assert_refused(&app, &ada, call, doc! { "password": &hash }, refused).await
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_hash_of_the_same_password_is_no_change_of_it() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    let eve = app.register("eve").await;
    let hash = app.stored(&eve).await.get_str("password").unwrap().to_owned();
    until_in_time(async |n| {
        let ada = app.register(&format!("ada-{n}")).await;
        ada.browser.log_in(&ada).await.assert_status(200);
        // The account is read again once the new password is hashed.
        let (call, held) = begin(&app, &ada, ("PUT", "/api/auth/password", "find")).await;
        let browser = ada.browser.clone();
        let calling = tokio::spawn(async move { browser.send(call).await });
        held.until_held().await;
        // Any other hash does: a renewed one is stored without raising the epoch.
        let renewed = doc! { "$set": { "password": &hash } };
        let users = app.collection("users").await;
        users.update_one(doc! { "email": &ada.email }, renewed).await.unwrap();
        let answer = held.answer(calling).await;
        held.release().await;
        answer?.assert_status(204);
        Some(())
    })
    .await;
}

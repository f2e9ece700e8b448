//! A session that comes to owe a code between a call's read and its write does not complete the call.

use bson::spec::BinarySubtype;
use bson::{Binary, Document, doc};
use serde_json::json;

use crate::harness::{Call, HeldWrite, Person, TestApp, until_in_time};

/// An account without its sessions, whose failures a refused call counts and takes back.
async fn without_sessions(app: &TestApp, person: &Person) -> Document {
    let mut stored = app.stored(person).await;
    stored.remove("sessions");
    stored
}

/// Enables the second factor as the Basic contract does: the session that does it keeps its token. The
/// service doesn't do it here, because its commands may be held back.
async fn enable(app: &TestApp, person: &Person) {
    let secret = Binary { subtype: BinarySubtype::Generic, bytes: vec![1; 48] };
    let totp = doc! { "secret": secret, "last_step": 0_i64, "verified": false };
    let enabled = doc! { "$set": { "totp": totp }, "$inc": { "epoch": 1_i64 } };
    let users = app.collection("users").await;
    users.update_one(doc! { "email": &person.email }, enabled).await.unwrap();
}

/// Makes a call in a person's session, and enables the second factor while a command of it is held back.
async fn assert_owes_a_code(
    app: &TestApp,
    person: &Person,
    call: Call,
    held: HeldWrite,
) -> Option<()> {
    let (browser, path) = (person.browser.clone(), call.path.clone());
    let calling = tokio::spawn(async move { browser.send(call).await });
    held.until_held().await;
    enable(app, person).await;
    let before = without_sessions(app, person).await;
    let answer = held.answer(calling).await;
    held.release().await;
    answer?.assert_problem(403, "otp_required");
    assert_eq!(without_sessions(app, person).await, before, "{path} wrote something");
    Some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_overtaken_by_enabling_owes_a_code() {
    let mongod = HeldWrite::mongod().await;
    let app = TestApp::on(&mongod.uri(), []).await;
    let form = |person: &Person, path: &str| match path {
        "/api/auth/password" => {
            json!({ "current_password": person.password, "new_password": "a saucer of marbles" })
        }
        "/api/auth/reauthenticate?wrong" => json!({ "password": "not the password" }),
        _ => json!({ "password": person.password }),
    };
    // The first update of a call with a password counts the try.
    for (number, (method, path, command, is_second)) in [
        ("POST", "/api/auth/otp/generate", "update", false),
        ("DELETE", "/api/auth/sessions", "update", false),
        ("POST", "/api/auth/reauthenticate?wrong", "update", false),
        ("POST", "/api/auth/reauthenticate", "update", true),
        ("PUT", "/api/auth/password", "update", true),
        ("DELETE", "/api/auth/account", "delete", false),
    ]
    .into_iter()
    .enumerate()
    {
        until_in_time(async |n| {
            let ada = app.register(&format!("ada-{number}-{n}")).await;
            ada.browser.log_in(&ada).await.assert_status(200);
            let call = Call::new(method, path).json(&form(&ada, path));
            let held = if is_second {
                HeldWrite::all_but_first(&app.database_url, command).await
            } else {
                HeldWrite::next(&app.database_url, command).await
            };
            assert_owes_a_code(&app, &ada, call, held).await
        })
        .await;
    }
}

//! What the service does not have: default accounts, a time that clients choose, hints and secret
//! questions.

use std::collections::BTreeSet;

use bson::doc;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Call, DOCUMENT, TestApp};

#[tokio::test]
async fn a_new_database_has_no_account() {
    let production = [("APP_ENV", "production"), ("PUBLIC_ORIGIN", "https://auth.example.com")];
    for app in [TestApp::spawn().await, TestApp::with(production).await] {
        let users = app.collection("users").await;
        assert_eq!(users.count_documents(doc! {}).await.unwrap(), 0);
        let listed = app.operator(&["users", "list", "--json"]);
        assert_eq!(listed.assert_code(0).json()["users"], json!([]));
        app.register("ada").await;
        assert_eq!(users.count_documents(doc! {}).await.unwrap(), 1);
    }
}

/// A call that says in every usual way that it is another moment.
fn at_another_time(call: Call, moment: twofold::Moment) -> Call {
    let http_date = moment.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let seconds = moment.timestamp().to_string();
    ["date", "x-date", "if-modified-since", "last-modified", "expires"]
        .into_iter()
        .fold(call, |call, name| call.header(name, &http_date))
        .header("x-timestamp", &seconds)
        .header("x-time", &seconds)
}

#[tokio::test]
async fn the_time_is_the_service_s_whatever_a_client_says() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let validate = |code: &str, moment: twofold::Moment| {
        let seconds = moment.timestamp();
        let body = json!({
            "token": code, "time": seconds, "timestamp": seconds, "now": moment.to_rfc3339(),
        });
        let path = format!("/api/auth/otp/validate?time={seconds}&now={seconds}");
        at_another_time(Call::new("POST", &path).json(&body), moment)
    };
    // A code of another time is wrong, also for a client whose clock is there.
    for minutes in [-10, 10] {
        let moment = app.clock.now() + TimeDelta::minutes(minutes);
        let browser = app.browser();
        browser.log_in(&ada).await.assert_status(200);
        let refused = browser.send(validate(&ada.phone().code_at(moment), moment)).await;
        refused.assert_problem(400, "otp_invalid");
    }
    // The code of now is right, and the session begins now.
    let code = app.next_code(&ada);
    let (now, yesterday) = (app.clock.now(), app.clock.now() - TimeDelta::days(1));
    let browser = app.browser();
    browser.log_in(&ada).await.assert_status(200);
    browser.send(validate(&code, yesterday)).await.assert_status(200);
    let session = browser.get("/api/auth/me").await.json()["session"].clone();
    let created: twofold::Moment = session["created_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(created, now);
    // It ends an hour later, also for a client that says that no time has passed.
    app.advance(TimeDelta::hours(1));
    let late = at_another_time(Call::new("GET", "/api/auth/me"), now);
    browser.send(late).await.assert_problem(401, "not_authenticated");
}

/// The names of all fields that a caller may send. None is for a hint, a secret question, a time, a role
/// or for staying signed in; a new field has to be added here.
const BODY_FIELDS: [&str; 14] = [
    "audience",
    "code",
    "credential",
    "current_password",
    "email",
    "enabled",
    "name",
    "new_password",
    "passkey",
    "password",
    "passwordConfirm",
    "remember_device",
    "token",
    "user_id",
];
const PARAMETERS: [&str; 5] = ["aal", "after", "id", "limit", "otp"];

fn operations() -> impl Iterator<Item = &'static Value> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    paths.values().flat_map(|path| path.as_object().unwrap().values())
}

/// A body is read by the same definition that describes it.
#[test]
fn requests_have_the_listed_fields_and_no_others() {
    let mut fields = BTreeSet::new();
    let mut parameters = BTreeSet::new();
    for operation in operations() {
        for media in
            operation["requestBody"]["content"].as_object().iter().flat_map(|all| all.values())
        {
            let schema = media["schema"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
            let properties = DOCUMENT["components"]["schemas"][schema]["properties"].as_object();
            fields.extend(properties.unwrap().keys().map(String::as_str));
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            parameters.insert(parameter["name"].as_str().unwrap());
        }
    }
    assert_eq!(fields, BTreeSet::from(BODY_FIELDS));
    assert_eq!(parameters, BTreeSet::from(PARAMETERS));
}

#[tokio::test]
async fn a_hint_or_a_secret_question_that_is_sent_is_not_kept() {
    let app = TestApp::spawn().await;
    let form = json!({
        "name": "Ada", "email": "ada@example.com", "password": "plum velvet tractor",
        "password_hint": "my favourite fruit", "hint": "my favourite fruit",
        "secret_question": "my favourite fruit", "security_questions": ["my favourite fruit"],
        "role": "my favourite fruit",
    });
    app.browser().post("/api/auth/register", form).await.assert_status(201);
    let users = app.collection("users").await;
    let stored = users.find_one(doc! { "email": "ada@example.com" }).await.unwrap().unwrap();
    assert!(!stored.to_string().contains("fruit"), "{stored}");
    for path in ["hint", "question", "security-questions", "recover", "forgot-password"] {
        app.browser().get(&format!("/api/auth/{path}")).await.assert_problem(404, "not_found");
    }
}

//! Whatever comes in is answered as the contract says, and changes nothing.

use bson::doc;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::harness::{Answer, Call, TestApp};

async fn register(app: &TestApp, body: impl Into<Vec<u8>>) -> Answer {
    app.browser().send(Call::new("POST", "/api/auth/register").raw_json(body)).await
}

fn faults(answer: &Answer) -> Vec<(String, String)> {
    let text = |fault: &Value, key: &str| fault[key].as_str().unwrap().to_owned();
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    errors.iter().map(|fault| (text(fault, "field"), text(fault, "code"))).collect()
}

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let app = TestApp::spawn().await;
    let deep = format!("{{\"name\":{}", "[".repeat(8_000));
    for body in [
        "{",
        "{\"name\": \"Ada\"",
        "nonsense",
        "{'name': 'Ada'}",
        "{\"name\": \"\\ud800\"}",
        "{\"name\": \"a\u{0}b\"}",
        "{} trailing",
        &deep,
    ] {
        register(&app, body).await.assert_problem(400, "malformed_json");
    }
    for body in [b"{\"\xff\":1}".as_slice(), b"[\"\xff\"]"] {
        register(&app, body.to_vec()).await.assert_problem(400, "malformed_json");
    }
}

#[tokio::test]
async fn what_is_json_and_unfit_is_told_why() {
    let app = TestApp::spawn().await;
    for body in ["[]", "1", "null", "\"text\"", r#"{"name": "a", "name": "b"}"#] {
        let answer = register(&app, body).await;
        answer.assert_problem(422, "unfit_json");
        assert_eq!(faults(&answer), [("body".to_owned(), "unfit_json".to_owned())]);
        assert_eq!(answer.json()["detail"], answer.json()["errors"][0]["message"]);
    }
    let operators = json!({ "name": {"$gt": ""}, "email": {"$ne": null}, "password": ["x"] });
    let answer = register(&app, operators.to_string()).await;
    answer.assert_problem(422, "invalid_fields");
    let wrong_type = |field: &str| (field.to_owned(), "wrong_type".to_owned());
    assert_eq!(faults(&answer), ["name", "email", "password"].map(wrong_type));
    assert_eq!(answer.json()["detail"], answer.json()["errors"][0]["message"]);
}

#[tokio::test]
async fn every_field_that_breaks_a_rule_is_told_at_once() {
    let app = TestApp::spawn().await;
    let form =
        json!({ "name": " ", "email": "ada@", "password": "short", "passwordConfirm": "other" });
    let answer = register(&app, form.to_string()).await;
    let expected = [
        ("name", "name_empty"),
        ("email", "email_invalid"),
        ("password", "password_too_short"),
        ("passwordConfirm", "password_mismatch"),
    ];
    assert_eq!(faults(&answer), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let missing = register(&app, "{}").await;
    assert_eq!(faults(&missing).len(), 3);
    let nul =
        json!({ "name": "a\u{0}b", "email": "ada@example.com\u{0}", "password": "long enough" });
    assert_eq!(faults(&register(&app, nul.to_string()).await).len(), 2);
}

#[tokio::test]
async fn a_password_is_compared_with_its_confirmation_whatever_else_a_body_has() {
    let app = TestApp::spawn().await;
    let form = |email: &str, confirmation: &str| {
        json!({
            "name": "Ada", "email": email, "password": "plum velvet tractor",
            "passwordConfirm": confirmation, "new_password": "a saucer of marbles",
        })
    };
    let same = form("ada@example.com", "plum velvet tractor").to_string();
    register(&app, same).await.assert_status(201);
    let other = form("bea@example.com", "a saucer of marbles").to_string();
    let mismatch = ("passwordConfirm".to_owned(), "password_mismatch".to_owned());
    assert_eq!(faults(&register(&app, other).await), [mismatch]);
}

#[tokio::test]
async fn bodies_are_json_and_small_where_there_is_one() {
    let app = TestApp::spawn().await;
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(1_000_000));
    register(&app, large).await.assert_problem(413, "body_too_large");
    let mut form = Call::new("POST", "/api/auth/register")
        .header("content-type", "application/x-www-form-urlencoded");
    form.body = Some(b"name=Ada".to_vec());
    app.browser().send(form).await.assert_problem(415, "unsupported_media_type");
    let charset = Call::new("POST", "/api/auth/login");
    let mut charset = charset.header("content-type", "application/json; charset=utf-8");
    charset.body = Some(b"{}".to_vec());
    app.browser().send(charset).await.assert_problem(422, "invalid_fields");
    app.browser()
        .send(Call::new("POST", "/api/auth/login"))
        .await
        .assert_problem(422, "invalid_fields");
    app.browser().send(Call::new("POST", "/api/auth/logout")).await.assert_status(204);
}

#[tokio::test]
async fn access_is_decided_before_the_body() {
    let app = TestApp::spawn().await;
    let call = Call::new("POST", "/api/auth/otp/verify").raw_json("{");
    app.browser().send(call).await.assert_problem(401, "not_authenticated");
    let mut large =
        Call::new("POST", "/api/auth/reauthenticate").header("content-type", "text/plain");
    large.body = Some(vec![b'x'; 100_000]);
    app.browser().send(large).await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn names_and_passwords_may_be_of_any_script() {
    let app = TestApp::spawn().await;
    let form = json!({ "name": "Ада Лавлейс 👩‍💻", "email": "ada@example.com", "password": "пароль из слов 🔑" });
    register(&app, form.to_string()).await.assert_status(201);
    let login = json!({ "email": "ADA@example.com ", "password": "пароль из слов 🔑" });
    let answer = app.browser().post("/api/auth/login", login).await;
    assert_eq!(answer.assert_status(200).json()["user"]["name"], "Ада Лавлейс 👩‍💻");
}

#[tokio::test]
async fn digits_of_other_scripts_are_no_code() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let code = app.next_code(&ada);
    let arabic: String =
        code.chars().map(|digit| char::from_u32(digit as u32 - 48 + 0x660).unwrap()).collect();
    let browser = app.browser();
    browser.log_in(&ada).await.assert_status(200);
    browser.validate(&arabic).await.assert_problem(400, "otp_invalid");
    for (token, code) in [
        (json!(""), "token_empty"),
        (json!("1".repeat(65)), "token_too_long"),
        (json!(123_456), "wrong_type"),
        (json!(null), "wrong_type"),
    ] {
        let answer = browser.post("/api/auth/otp/validate", json!({ "token": token })).await;
        assert_eq!(faults(&answer), [("token".to_owned(), code.to_owned())]);
    }
    browser.validate(&format!(" {}-{} ", &code[..3], &code[3..])).await.assert_status(200);
}

#[tokio::test]
async fn a_parameter_s_fault_is_told_once_and_a_long_query_is_refused() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let ask = async |query: &str| ada.browser.get(&format!("/api/auth/events?{query}")).await;
    let answer = ask(&"limit=0&after=x&".repeat(100)).await;
    let expected = [("after", "cursor_invalid"), ("limit", "limit_out_of_range")];
    assert_eq!(faults(&answer), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let long = ask(&"limit=0&".repeat(7_000)).await;
    assert_eq!(faults(&long), [("query".to_owned(), "query_too_long".to_owned())]);
    assert!(long.body.len() < 1_000, "{} bytes", long.body.len());
    ask(&format!("limit=1&other={}", "x".repeat(2_000))).await.assert_status(200);
}

/// Values that a field may be sent with.
fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!({ "$gt": "" })),
        Just(json!([[], {}])),
        Just(json!("000000")),
        Just(json!("ada@example.com")),
        Just(json!("a long enough password")),
        "[0-9a-f]{24}".prop_map(Value::from),
        "\\PC{0,300}".prop_map(Value::from),
    ]
}

fn odd_body() -> impl Strategy<Value = Vec<u8>> {
    const FIELDS: &[&str] =
        &["name", "email", "password", "passwordConfirm", "token", "user_id", "enabled", "x"];
    let object =
        proptest::collection::hash_map(proptest::sample::select(FIELDS), odd_value(), 0..6)
            .prop_map(|object| serde_json::to_vec(&object).unwrap());
    prop_oneof![4 => object, 1 => proptest::collection::vec(any::<u8>(), 0..200)]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_input_is_answered_by_a_fault_of_the_service() {
    let app = TestApp::spawn().await;
    let ada = app.register("eve").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    let cookie = format!("twofold_session={}", ada.browser.cookie("twofold_session").unwrap());
    let routes = twofold::app::surface();
    let input = (0..routes.len(), odd_body(), "[ -~]{0,80}", any::<bool>());
    let handle = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        let mut runner =
            TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&input, |(route, body, header, signed_in)| {
            let (method, path, _) = &routes[route];
            // Ending the session would leave the rest of the cases with nobody.
            prop_assume!(!path.ends_with("/logout"));
            let mut call = Call::new(method, &path.replace("{id}", "x"));
            if method != "GET" {
                call = call.raw_json(body);
            }
            call = call
                .header("authorization", &format!("Basic {header}"))
                .header("user-agent", &header);
            if signed_in {
                call = call.header("cookie", &cookie);
            }
            let answer = handle.block_on(app.browser().send(call));
            prop_assert!(answer.status < 500, "{} {}", answer.status, answer.code());
            let kind = answer.header("content-type").unwrap_or_default().to_owned();
            let is_basic = path == "/auth/credentials";
            let is_explained =
                kind == "application/problem+json" || is_basic && kind == "application/json";
            prop_assert!(answer.status < 400 || is_explained, "{} is {kind}", answer.status);
            Ok(())
        });
        outcome.unwrap();
    });
    let users = app.collection("users").await;
    let accounts = users.count_documents(doc! { "email": "eve@example.com" }).await;
    assert_eq!(accounts.unwrap(), 1);
}

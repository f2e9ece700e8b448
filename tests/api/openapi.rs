//! The OpenAPI description: complete, and true. That every answer is as described is held by the
//! suite's own clients, in `harness/description.rs`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Call, DOCUMENT, TestApp, examples};

#[test]
fn routes_served_and_routes_described_are_the_same() {
    // Pages are not part of the API: a generated client has no use for them.
    let calls = twofold::app::surface().into_iter().filter(|(_, _, access)| access != "Page");
    let served: BTreeSet<(String, String)> =
        calls.map(|(method, path, _)| (method, path)).collect();
    let mut described = BTreeSet::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    assert_eq!(served, described);
}

#[test]
fn every_call_has_a_name_a_summary_a_description_and_says_who_may_call() {
    let mut names = BTreeSet::new();
    for item in DOCUMENT["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name), "{name} names two calls");
            assert!(operation["summary"].is_string(), "{name}");
            assert!(operation["description"].is_string(), "{name}");
            assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric()), "{name}");
            assert!(operation["security"].is_array(), "{name}");
        }
    }
    let schemes = DOCUMENT["components"]["securitySchemes"].as_object().unwrap();
    assert_eq!(schemes.len(), 6);
    for name in schemes.keys() {
        assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric()), "{name}");
    }
}

#[test]
fn a_call_that_does_not_use_the_database_has_no_error_of_it() {
    for path in ["/metrics", "/health/live", "/api/healthchecker"] {
        let text = DOCUMENT["paths"][path].to_string();
        assert!(text.contains("operationId") && !text.contains("database_unavailable"), "{path}");
    }
    assert!(DOCUMENT["paths"]["/whoami"].to_string().contains("database_unavailable"));
}

#[tokio::test]
async fn the_document_is_served_as_it_is_tested() {
    let app = TestApp::spawn().await;
    let served = app.browser().get("/openapi.json").await;
    assert_eq!(served.assert_status(200).json(), *DOCUMENT);
    assert_eq!(DOCUMENT["openapi"], "3.1.0");
}

/// Whoever may make any call: a fresh session with every factor, in a browser of its own.
#[tokio::test]
async fn every_documented_example_is_accepted_by_the_parser_and_answered_as_described() {
    let app = TestApp::spawn().await;
    for (number, (method, path, example)) in examples().into_iter().enumerate() {
        let person = app.register(&format!("person-{number}")).await;
        person.browser.log_in(&person).await.assert_status(200);
        let answer = person.browser.send(Call::new(&method, &path).json(&example)).await;
        let refused = [400, 413, 415, 422].contains(&answer.status)
            && !["incorrect_credentials", "incorrect_password", "otp_invalid", "passkey_invalid"]
                .contains(&answer.code().as_str());
        assert!(!refused, "{method} {path} {example}: {} {}", answer.status, answer.code());
    }
}

#[test]
fn every_error_of_the_documents_is_described_and_the_other_way_round() {
    let documented = include_str!("../../docs/errors.md");
    let mut codes = BTreeSet::new();
    collect_codes(&DOCUMENT, &mut codes);
    for code in &codes {
        assert!(documented.contains(&format!("`{code}`")), "{code} is not in docs/errors.md");
    }
    // These belong to no call: the request is refused before a handler is chosen.
    let of_no_call =
        ["bad_request", "headers_too_large", "method_not_allowed", "not_found", "request_refused"];
    let table = documented.split("## Field codes").next().unwrap();
    for row in table.lines().filter(|line| line.starts_with("| 4") || line.starts_with("| 5")) {
        let named = row.split('|').nth(2).unwrap();
        for code in named.split(',').map(|code| code.trim().trim_matches('`')) {
            assert!(codes.contains(code) || of_no_call.contains(&code), "{code} is not described");
        }
    }
}

fn collect_codes(value: &Value, codes: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(examples) = fields.get("examples").and_then(Value::as_object) {
                codes.extend(examples.keys().cloned());
            }
            fields.values().for_each(|value| collect_codes(value, codes));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_codes(value, codes)),
        _ => {}
    }
}

#[test]
fn a_body_that_may_be_left_out_says_so() {
    let required = |path: &str| DOCUMENT["paths"][path]["post"]["requestBody"]["required"].clone();
    assert_eq!(required("/api/auth/otp/generate"), json!(false));
    assert_eq!(required("/api/auth/login"), json!(true));
}

/// Clients that are generated tell the two answers of introspection apart by the value of `active`.
#[test]
fn each_answer_of_introspection_has_a_value_of_active_of_its_own() {
    let schemas = &DOCUMENT["components"]["schemas"];
    for (name, active) in [("ActiveIntrospection", true), ("InactiveIntrospection", false)] {
        let described = &schemas[name]["properties"]["active"];
        assert_eq!((&described["type"], &described["enum"]), (&json!("boolean"), &json!([active])));
        assert!(schemas[name]["required"].as_array().unwrap().contains(&json!("active")));
    }
    let responses = &DOCUMENT["paths"]["/oauth/introspect"]["post"]["responses"];
    assert_eq!(responses["400"]["description"], "`bad_request`");
}

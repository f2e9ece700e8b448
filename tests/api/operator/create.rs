//! `twofold users create`.

use bson::doc;
use serde_json::{Value, json};

use crate::harness::{TestApp, breached_list};

const PASSWORD: &str = "plum velvet tractor";
const CREATE: [&str; 5] = ["users", "create", " Ada@Example.com", "--name", "Ada Lovelace"];

async fn log_in(app: &TestApp) -> Value {
    let form = json!({ "email": "ada@example.com", "password": PASSWORD });
    app.browser().post("/api/auth/login", form).await.assert_status(200).json()["user"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_created_with_a_password_from_standard_input() {
    let app = TestApp::spawn().await;
    let created = app.operator_reading(&CREATE, &format!("{PASSWORD}\n"));
    assert_eq!(created.assert_code(0).stdout, "ada@example.com was created.\n");
    let stored = app.collection("users").await.find_one(doc! {}).await.unwrap().unwrap();
    assert!(
        stored.get_array("networks").unwrap().is_empty(),
        "the operator's network is not known"
    );
    let user = log_in(&app).await;
    assert_eq!((&user["name"], &user["otp_enabled"]), (&json!("Ada Lovelace"), &json!(false)));
    let events = app.collection("security_events").await;
    let event = events.find_one(doc! { "kind": "created_by_operator" }).await.unwrap().unwrap();
    assert!(!event.contains_key("ip"), "the operator has no address");

    let again = app.operator_reading(&[&CREATE[..], &["--json"]].concat(), PASSWORD);
    let error: Value = serde_json::from_str(&again.assert_code(1).stderr).unwrap();
    assert_eq!(error["error"], "account_exists");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_created_with_a_password_from_a_file() {
    let app = TestApp::spawn().await;
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("{}-password", app.database_name));
    std::fs::write(&file, format!("{PASSWORD}\r\n")).unwrap();
    let from_file = ["--password-file", file.to_str().unwrap(), "--json"];
    let created = app.operator(&[&CREATE[..], &from_file].concat());
    assert_eq!(created.assert_code(0).json()["email"], "ada@example.com");
    log_in(&app).await;

    let missing = app.operator(&[&CREATE[..], &["--password-file", "/nonexistent"]].concat());
    assert!(missing.assert_code(1).stderr.contains("cannot read --password-file"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_typed_at_a_terminal_is_asked_for_twice_and_not_shown() {
    let app = TestApp::spawn().await;
    let differs = app.operator_at_terminal(&CREATE, &format!("{PASSWORD}\n{PASSWORD}s"));
    assert!(differs.assert_code(2).stdout.contains("not the same"), "{}", differs.stdout);
    let created = app.operator_at_terminal(&CREATE, &format!("{PASSWORD}\n{PASSWORD}"));
    assert!(!created.assert_code(0).stdout.contains(PASSWORD), "{}", created.stdout);
    log_in(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_are_those_of_a_registration() {
    let app = TestApp::spawn().await;
    for (password, rule) in [("1234567", "at least 8"), ("", "at least 8")] {
        let refused = app.operator_reading(&CREATE, password);
        assert!(refused.assert_code(2).stderr.contains(rule), "{}", refused.stderr);
    }
    let production = [
        ("APP_ENV", "production"),
        ("PUBLIC_ORIGIN", "https://auth.example.com"),
        ("HASH_MEMORY_KIB", "19456"),
        ("HASH_ITERATIONS", "2"),
    ];
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("{}-password", app.database_name));
    std::fs::write(&file, "password123").unwrap();
    let from_file = ["--password-file", file.to_str().unwrap()];
    let refused = app.operator_with(&[&CREATE[..], &from_file].concat(), &production);
    assert!(refused.assert_code(2).stderr.contains("most common"), "{}", refused.stderr);
    let list = breached_list("breached-create", &["password123"]);
    let with_list = [("BREACHED_PASSWORDS", list.as_str())];
    let refused = app.operator_with(&[&CREATE[..], &from_file].concat(), &with_list);
    assert!(refused.assert_code(2).stderr.contains("in a data breach"), "{}", refused.stderr);
    app.operator_with(&[&CREATE[..], &from_file].concat(), &[]).assert_code(0);
}

//! `twofold users`.

use bson::doc;
use serde_json::{Value, json};

use crate::harness::{Call, TestApp, output, program};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_shown_without_its_secrets() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    app.assert_events(
        &ada.browser,
        &["enrolment_confirmed", "enrolment_begun", "signed_in_with_password", "registered"],
    )
    .await;
    let shown = app.operator(&["users", "show", " ADA@example.com "]);
    for part in [
        "ada@example.com (ada)",
        "active",
        "10 recovery codes left",
        "sessions      1",
        "enrolment_confirmed",
    ] {
        assert!(shown.assert_code(0).stdout.contains(part), "{part} is not in {}", shown.stdout);
    }
    let json = app.operator(&["users", "show", "ada@example.com", "--json"]).assert_code(0).json();
    assert_eq!(json["user"]["otp_verified"], true);
    assert_eq!(json["user"]["disabled_at"], Value::Null);
    assert_eq!(
        (&json["recovery_codes_left"], &json["locks"]["codes_locked"]),
        (&json!(10), &json!(false))
    );
    assert_eq!(json["sessions"][0]["aal"], "aal2");
    assert_eq!(json["events"][0]["kind"], "enrolment_confirmed");

    let stored = app.stored(&ada).await;
    let hash = stored.get_str("password").unwrap();
    let token = ada.browser.cookie("twofold_session").unwrap();
    for text in
        [shown.stdout, json.to_string(), app.operator(&["users", "export", &ada.email]).stdout]
    {
        assert!(
            !text.contains(hash) && !text.contains(&token) && !text.contains("argon2"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_s_sessions_stop_at_once_and_come_not_back_with_it() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    app.operator(&["users", "disable", "ada@example.com"]).assert_code(4);
    ada.browser.get("/api/auth/me").await.assert_status(200);

    app.operator(&["users", "disable", "ada@example.com", "--yes"]).assert_code(0);
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    app.browser().log_in(&ada).await.assert_problem(403, "account_disabled");
    let call = Call::new("POST", "/auth/credentials").header("authorization", &ada.basic());
    let refused = app.browser().send(call).await;
    assert_eq!(refused.assert_status(401).json(), json!({ "token": null, "status": 3 }));
    assert!(app.operator(&["users", "show", "ada@example.com"]).stdout.contains("disabled since"));

    app.operator(&["users", "enable", "ada@example.com"]).assert_code(0);
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    ada.browser.log_in(&ada).await.assert_status(200);
    let kinds = ["account_disabled_by_operator", "account_enabled_by_operator"];
    let events = app.collection("security_events").await;
    for kind in kinds {
        let event = events.find_one(doc! { "kind": kind }).await.unwrap().unwrap();
        assert!(!event.contains_key("ip"), "the operator has no address");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_phone_is_helped_by_a_reset() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let late = app.browser();
    late.log_in(&ada).await.assert_status(200);
    app.operator(&["users", "reset-otp", "ada@example.com", "--yes"]).assert_code(0);
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    let code = app.next_code(&ada);
    late.validate(&code).await.assert_problem(401, "login_expired");
    let login = ada.browser.log_in(&ada).await;
    assert_eq!(login.assert_status(200).json()["user"]["otp_enabled"], false);
    ada.browser.get("/api/auth/me").await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_sessions_tokens_and_logins_under_way() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let late = app.browser();
    late.log_in(&ada).await.assert_status(200);
    app.operator(&["users", "sign-out", "ada@example.com", "--yes"]).assert_code(0);
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    let code = app.next_code(&ada);
    late.validate(&code).await.assert_problem(401, "login_expired");
    late.log_in(&ada).await.assert_status(200);
    late.validate(&code).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn unlocking_takes_back_locked_codes_and_waits_for_passwords() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    app.lock_codes(&ada).await;
    let mut guess = ada.clone();
    guess.password = "not the password".to_owned();
    for _ in 0..5 {
        app.browser().log_in(&guess).await.assert_problem(400, "incorrect_credentials");
    }
    let browser = app.browser();
    browser.log_in(&ada).await.assert_problem(429, "too_many_attempts");
    let shown = app.operator(&["users", "show", "ada@example.com", "--json"]).json();
    assert_eq!(shown["locks"]["codes_locked"], true);
    assert!(shown["locks"]["password_wait_seconds"].is_number());
    let locked = app.operator(&["users", "list", "--locked", "--json"]).json();
    assert_eq!(locked["users"].as_array().unwrap().len(), 1);

    app.operator(&["users", "unlock", "ada@example.com"]).assert_code(0);
    browser.log_in(&ada).await.assert_status(200);
    let code = app.next_code(&ada);
    browser.validate(&code).await.assert_status(200);
    let locked = app.operator(&["users", "list", "--locked", "--json"]).json();
    assert_eq!(locked["users"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_a_page_at_a_time() {
    let app = TestApp::spawn().await;
    for name in ["ada", "bea", "cleo"] {
        app.register(name).await;
    }
    app.register("dora").await.with_totp().await;
    let emails = |page: &Value| {
        let users = page["users"].as_array().unwrap().clone();
        users.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = app.operator(&["users", "list", "--limit", "3", "--json"]).assert_code(0).json();
    assert_eq!(emails(&first), ["ada@example.com", "bea@example.com", "cleo@example.com"]);
    let next = first["next"].as_str().unwrap();
    let second = app.operator(&["users", "list", "--limit", "3", "--after", next, "--json"]).json();
    assert_eq!(
        (emails(&second), &second["next"]),
        (vec!["dora@example.com".to_owned()], &Value::Null)
    );
    let with = app.operator(&["users", "list", "--two-factor", "on", "--json"]).json();
    assert_eq!(emails(&with), ["dora@example.com"]);
    let without = app.operator(&["users", "list", "--two-factor", "off", "--json"]).json();
    assert_eq!(emails(&without).len(), 3);
    assert!(app.operator(&["users", "list", "--locked"]).stdout.contains("No accounts found."));
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_leaves_the_event_and_nothing_else() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    app.operator(&["users", "delete", "ada@example.com", "--yes"]).assert_code(0);
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    app.operator(&["users", "show", "ada@example.com"]).assert_code(3);
    let users = app.collection("users").await;
    assert_eq!(users.count_documents(doc! {}).await.unwrap(), 0);
    let events = app.collection("security_events").await;
    let deleted = doc! { "kind": "account_deleted_by_operator" };
    assert_eq!(events.count_documents(deleted).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_everything_of_a_person_and_leaves_an_event() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let mut expected = vec!["registered"];
    for _ in 0..60 {
        ada.browser.log_in(&ada).await.assert_status(200);
        expected.insert(0, "signed_in_with_password");
    }
    app.assert_events(&ada.browser, &expected).await;
    let export = app.operator(&["users", "export", "ada@example.com"]).assert_code(0).json();
    assert_eq!(export["user"]["name"], "ada");
    assert_eq!(export["events"].as_array().unwrap().len(), 61, "all pages of them");
    let events = app.collection("security_events").await;
    let exported = doc! { "kind": "account_exported_by_operator" };
    assert_eq!(events.count_documents(exported).await.unwrap(), 1);
}

#[test]
fn wrong_arguments_are_reported_and_change_nothing() {
    for (arguments, said) in [
        (&["users", "show"][..], "required"),
        (&["users", "show", "nonsense"], "Please enter a valid email address."),
        (&["users", "show", ""], "Please enter your email address."),
        (&["users", "delete", "ada@example.com", "--certainly"], "--certainly"),
        (&["users", "list", "--limit", "0"], "1 to 100"),
        (&["users", "list", "--after", "x"], "24 hexadecimal digits"),
        (&["users", "list", "--two-factor", "maybe"], "on, off"),
        (&["users", "promote", "ada@example.com"], "promote"),
        (&["import", "--from", "mongodb://localhost"], "--db"),
        (&["users", "list", "--search", ""], "1 to 254"),
        (&["users", "create", "ada@example.com"], "--name"),
        (&["users", "create", "ada@example.com", "--name", " "], "name"),
        (&["completions", "ed"], "bash"),
        (&["keys"], "rotate"),
    ] {
        let ran = output(program().args(arguments));
        let stderr = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_has_an_exit_code_and_a_name_of_its_own() {
    let app = TestApp::spawn().await;
    let unknown = app.operator(&["users", "show", "nobody@example.com", "--json"]);
    let said: Value = serde_json::from_str(&unknown.assert_code(3).stderr).unwrap();
    assert_eq!(said["error"], "no_such_account");
    app.register("ada").await;
    let asked = app.operator(&["users", "delete", "ada@example.com", "--json"]);
    let said: Value = serde_json::from_str(&asked.assert_code(4).stderr).unwrap();
    assert_eq!(said["error"], "not_confirmed");
    let away = ("DATABASE_URL", "mongodb://127.0.0.1:1/twofold");
    let away = app.operator_with(&["users", "show", "ada@example.com"], &[away]);
    assert!(away.assert_code(5).stderr.contains("check-config --connect"), "{}", away.stderr);
    let unset = app.operator_with(&["users", "list"], &[("SEALING_KEYS", "")]);
    assert!(unset.assert_code(1).stderr.contains("SEALING_KEYS"), "{}", unset.stderr);
}

//! The operator and passkeys.

use bson::doc;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::{PASSKEYS, add, creation_options, list, verifying, with_passkey};
use crate::harness::{Call, HeldWrite, Person, TestApp, until, until_in_time};

const ADA: &str = "ada@example.com";

/// Ada with an authenticator app and two passkeys.
async fn ada(app: &TestApp) -> Person {
    let ada = app.register("ada").await.with_totp().await;
    for name in ["Laptop", "Phone"] {
        let credential = verifying().create(&creation_options(&ada.browser).await);
        let form = json!({ "name": name, "credential": credential });
        ada.browser.post(PASSKEYS, form).await.assert_status(201);
    }
    ada
}

async fn recorded(app: &TestApp, kind: &str, count: u64) {
    let events = app.collection("security_events").await;
    until(&format!("{kind} is recorded"), async || {
        events.count_documents(doc! { "kind": kind }).await.unwrap() == count
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_shown_with_its_factors_and_the_lock_of_codes_at_links() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    let locked = doc! { "failed": 10_i64, "at": bson::DateTime::now() };
    let users = app.collection("users").await;
    users.update_one(doc! {}, doc! { "$set": { "mail.codes": locked } }).await.unwrap();
    let shown = app.operator(&["users", "show", ADA]);
    for part in [
        "factors       authenticator app, 2 passkeys",
        "NAME",
        "Laptop",
        "Phone",
        "never",
        "codes at links in mail are locked for",
        "on, 10 recovery codes left",
    ] {
        assert!(shown.assert_code(0).stdout.contains(part), "{part} is not in {}", shown.stdout);
    }
    let json = app.operator(&["users", "show", ADA, "--json"]).assert_code(0).json();
    assert_eq!(json["passkeys"], json!(list(&ada.browser).await));
    assert_eq!(json["locks"]["codes_at_links_locked"], true);
    assert_eq!(json["locks"]["wrong_codes_at_links"], 10);
    assert_eq!(json["locks"]["codes_locked"], false);
    let export = app.operator(&["users", "export", ADA]).assert_code(0).json();
    assert_eq!(export["passkeys"][1]["name"], "Phone");

    with_passkey(&app, "bea", &mut verifying()).await;
    app.register("cleo").await;
    let listed = |switch: &str| {
        let page = app.operator(&["users", "list", "--two-factor", switch, "--json"]).json();
        let users = page["users"].as_array().unwrap().clone();
        users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (listed("on"), listed("off")),
        (vec!["ada".into(), "bea".into()], vec!["cleo".into()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_removes_what_it_is_asked_to_and_says_what_that_was() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    let removed = |arguments: &[&str]| {
        let all = [&["users", "reset-otp", ADA, "--yes", "--json"], arguments].concat();
        app.operator(&all).assert_code(0).json()["removed"].clone()
    };
    let removal = |app: bool, codes: bool, passkeys: Value, devices: u32| {
        json!({
            "authenticator_app": app, "recovery_codes": codes, "passkeys": passkeys,
            "trusted_devices": devices,
        })
    };
    // Without a flag the passkeys stay, and with them the recovery codes.
    assert_eq!(removed(&[]), removal(true, false, json!([]), 0));
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    let stored = app.stored(&ada).await;
    assert_eq!(stored.get_array("passkeys").unwrap().len(), 2);
    assert_eq!(stored.get_array("recovery").unwrap().len(), 10);
    assert!(!stored.contains_key("totp"));
    recorded(&app, "authenticator_reset_by_operator", 1).await;

    let device = {
        let at = bson::DateTime::from_millis(0);
        [doc! {
            "id": "a", "unpresented": [], "until": at, "created": at, "seen": at, "ip": "192.0.2.1",
            "user_agent": "x",
        }]
    };
    let users = app.collection("users").await;
    users.update_one(doc! {}, doc! { "$set": { "devices": device } }).await.unwrap();
    let names = json!(["Laptop", "Phone"]);
    assert_eq!(removed(&["--passkeys"]), removal(false, true, names, 1));
    let stored = app.stored(&ada).await;
    for gone in ["passkeys", "devices", "totp", "enrolments"] {
        assert!(!stored.contains_key(gone), "{gone}");
    }
    assert_eq!(stored.get_array("recovery").unwrap().len(), 0);
    recorded(&app, "passkeys_removed_by_operator", 1).await;
    recorded(&app, "authenticator_reset_by_operator", 1).await;
    ada.browser.log_in(&ada).await.assert_status(200);
    ada.browser.get("/api/auth/me").await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_question_and_the_outcome_name_what_is_removed() {
    let app = TestApp::spawn().await;
    ada(&app).await;
    let asked = app.operator_at_terminal(&["users", "reset-otp", ADA], "no");
    let question =
        "This removes the authenticator app, and ends every session, of ada@example.com.";
    assert!(asked.assert_code(4).stdout.starts_with(question), "{}", asked.stdout);
    let asked = app.operator_at_terminal(&["users", "reset-otp", ADA, "--passkeys"], "yes");
    let question =
        "This removes the authenticator app, the passkeys and the recovery codes, and ends";
    assert!(asked.assert_code(0).stdout.starts_with(question), "{}", asked.stdout);
    let outcome = "Removed: the authenticator app, the passkey \"Laptop\", the passkey \"Phone\" and the recovery codes.";
    assert!(asked.stdout.contains(outcome), "{}", asked.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_stay_if_a_passkey_is_added_during_a_reset() {
    let mongod = HeldWrite::mongod().await;
    until_in_time(async |_| {
        let app = TestApp::on(&mongod.uri(), []).await;
        let ada = app.register("ada").await.with_totp().await;
        let held = HeldWrite::on_users(&app, "update", 1).await;
        let is_in_time = std::thread::scope(|scope| {
            let reset = scope.spawn(|| app.operator(&["users", "reset-otp", ADA, "--yes"]));
            let is_in_time = tokio::task::block_in_place(|| {
                Handle::current().block_on(async {
                    held.until_held().await;
                    add(&ada.browser, &mut verifying()).await.status == 201 && held.is_held()
                })
            });
            is_in_time && reset.join().unwrap().code == 0
        });
        let stored = is_in_time.then_some(app.stored(&ada).await)?;
        assert!(!stored.contains_key("totp"));
        assert_eq!(stored.get_array("passkeys").unwrap().len(), 1);
        assert_eq!(stored.get_array("recovery").unwrap().len(), 10);
        Some(())
    })
    .await;
}

#[tokio::test]
async fn a_passkey_s_name_is_printed_in_one_line() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    add(&ada.browser, &mut verifying()).await.assert_status(201);
    let path = super::path(&list(&ada.browser).await[0]);
    let form = json!({ "name": "a\u{2028}b\u{202e}c" });
    ada.browser.send(Call::new("PATCH", &path).json(&form)).await.assert_status(200);
    let shown = app.operator(&["users", "show", ADA]);
    assert!(shown.assert_code(0).stdout.contains("a\u{fffd}b\u{fffd}c"), "{}", shown.stdout);
}

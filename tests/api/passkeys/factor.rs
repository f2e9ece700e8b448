//! Passkeys as a second factor at logins and in sessions.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::verifying;
use crate::harness::authenticator::{Authenticator, BE, BS, encode};
use crate::harness::{Browser, Person, TestApp, at_once, count};

/// Somebody whose only second factor is a passkey.
async fn with_key(app: &TestApp, name: &str) -> (Person, Authenticator) {
    let mut key = Authenticator::new();
    let person = app.register(name).await.with_passkey(app, &mut key).await;
    (person, key)
}

async fn user(browser: &Browser) -> Value {
    browser.get("/api/auth/me").await.assert_status(200).json()["user"].clone()
}

#[tokio::test]
async fn a_passkey_completes_a_login_once() {
    let app = TestApp::spawn().await;
    let (ada, mut key) = with_key(&app, "ada").await;
    key.counts = true;
    let browser = app.browser();
    let login = browser.log_in(&ada).await.assert_status(200).json();
    assert_eq!(login["second_factor_required"], true);
    assert_eq!(login["user"]["otp_enabled"], true);
    assert_eq!(login["user"]["otp_verified"], true);
    assert_eq!(login["user"]["second_factors"], json!(["passkey"]));

    let options = browser.passkey_challenge().await;
    let id = encode(&key.credentials[0].id);
    assert_eq!(options["allowCredentials"], json!([{ "type": "public-key", "id": id }]));
    assert_eq!(options["rpId"], "localhost");
    assert_eq!(options["timeout"], 300_000);
    assert_eq!(options["userVerification"], "preferred");
    let copy = browser.copy();
    let credential = key.get(&options);
    let accepted = browser.submit_passkey(&credential).await;
    assert_eq!(accepted.assert_status(200).json(), json!({ "passkey_valid": true }));
    let session = browser.get("/api/auth/me").await.json()["session"].clone();
    assert_eq!(session["aal"], "aal2");
    copy.submit_passkey(&credential).await.assert_problem(401, "login_expired");
    assert!(copy.cookie("twofold_session").is_none());
    let passkey = app.stored(&ada).await.get_array("passkeys").unwrap()[0].clone();
    let passkey = passkey.as_document().unwrap();
    assert_eq!(passkey.get_i64("counter").unwrap(), 1);
    let used = passkey.get_datetime("used").unwrap().timestamp_millis();
    assert_eq!(used, app.clock.now().timestamp_millis());
    app.assert_events(
        &browser,
        &["signed_in_with_password_and_passkey", "signed_in_with_password", "registered"],
    )
    .await;
}

#[tokio::test]
async fn a_login_without_a_second_factor_says_that_none_is_required() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let login = ada.browser.log_in(&ada).await.assert_status(200).json();
    assert_eq!(login["second_factor_required"], false);
    assert_eq!(login["user"]["second_factors"], json!([]));
    let asked = ada.browser.post("/api/auth/passkeys/challenge", json!({})).await;
    asked.assert_problem(409, "no_passkey");
    let ada = ada.with_totp().await;
    assert_eq!(user(&ada.browser).await["second_factors"], json!(["totp"]));
    let asked = ada.browser.post("/api/auth/passkeys/challenge", json!({})).await;
    asked.assert_problem(409, "no_passkey");
}

#[tokio::test]
async fn a_wrong_passkey_costs_a_try_and_its_challenge_and_never_the_account_s_codes() {
    let app = TestApp::spawn().await;
    let (ada, mut key) = with_key(&app, "ada").await;
    let browser = app.challenged(&ada).await;
    let options = browser.passkey_challenge().await;
    let mut elsewhere = key.clone();
    elsewhere.origin = "https://evil.example".to_owned();
    browser.submit_passkey(&elsewhere.get(&options)).await.assert_problem(400, "passkey_invalid");
    // The challenge is used up.
    browser.submit_passkey(&key.get(&options)).await.assert_problem(400, "passkey_invalid");
    // Nor is anything accepted that is not of the form.
    for malformed in [json!({}), json!("credential"), Value::Null] {
        browser.submit_passkey(&malformed).await.assert_problem(400, "passkey_invalid");
    }
    let stored = app.stored(&ada).await;
    assert_eq!(stored.get_document("codes").unwrap().get_i64("failed").unwrap(), 0);
    // Five tries.
    browser.submit_passkey(&key.get(&options)).await.assert_problem(401, "login_expired");
    let browser = app.challenged(&ada).await;
    browser.use_passkey(&mut key).await.assert_status(200);
    let wrong = ["wrong_passkey"; 5];
    let before = ["signed_in_with_password", "registered"];
    let events = [&["signed_in_with_password_and_passkey"][..], &wrong, &before].concat();
    app.assert_events(&browser, &events).await;
}

#[tokio::test]
async fn a_challenge_belongs_to_one_login_and_a_new_one_replaces_it() {
    let app = TestApp::spawn().await;
    let (ada, mut key) = with_key(&app, "ada").await;
    let (here, there) = (app.challenged(&ada).await, app.challenged(&ada).await);
    let (options, others) = (here.passkey_challenge().await, there.passkey_challenge().await);
    here.submit_passkey(&key.get(&others)).await.assert_problem(400, "passkey_invalid");
    there.submit_passkey(&key.get(&options)).await.assert_problem(400, "passkey_invalid");
    let (first, second) = (here.passkey_challenge().await, here.passkey_challenge().await);
    here.submit_passkey(&key.get(&first)).await.assert_problem(400, "passkey_invalid");
    here.submit_passkey(&key.get(&second)).await.assert_problem(400, "passkey_invalid");
    here.use_passkey(&mut key).await.assert_status(200);

    let options = here.passkey_challenge().await;
    app.advance(TimeDelta::minutes(5));
    here.submit_passkey(&key.get(&options)).await.assert_problem(400, "passkey_invalid");
}

#[tokio::test]
async fn a_passkey_of_another_account_or_for_another_user_is_refused() {
    let app = TestApp::spawn().await;
    let (ada, mut key) = with_key(&app, "ada").await;
    let (_eve, mut hers) = with_key(&app, "eve").await;
    let browser = app.challenged(&ada).await;
    let mut options = browser.passkey_challenge().await;
    options["allowCredentials"] = json!([]);
    browser.submit_passkey(&hers.get(&options)).await.assert_problem(400, "passkey_invalid");
    let mut credential = key.get(&browser.passkey_challenge().await);
    credential["response"]["userHandle"] = encode(b"another user").into();
    browser.submit_passkey(&credential).await.assert_problem(400, "passkey_invalid");
    // With an empty list the authenticator names its user.
    let mut options = browser.passkey_challenge().await;
    options["allowCredentials"] = json!([]);
    let credential = key.get(&options);
    assert!(credential["response"]["userHandle"].is_string());
    browser.submit_passkey(&credential).await.assert_status(200);
}

#[tokio::test]
async fn a_counter_that_does_not_rise_is_refused_unless_the_passkey_is_synced() {
    let app = TestApp::spawn().await;
    let (ada, mut key) = with_key(&app, "ada").await;
    key.counts = true;
    let mut copy = key.clone();
    app.challenged(&ada).await.use_passkey(&mut key).await.assert_status(200);
    let browser = app.challenged(&ada).await;
    browser.use_passkey(&mut copy).await.assert_problem(400, "passkey_invalid");
    browser.use_passkey(&mut key).await.assert_status(200);
    let again = "signed_in_with_password_and_passkey";
    let first = [again, "signed_in_with_password", "registered"];
    let events = [&[again, "passkey_counter_refused"][..], &first].concat();
    app.assert_events(&browser, &events).await;

    let mut synced = Authenticator::new();
    synced.flags |= BE | BS;
    synced.counter = 7;
    let eve = app.register("eve").await.with_passkey(&app, &mut synced).await;
    synced.counter = 3;
    app.challenged(&eve).await.use_passkey(&mut synced).await.assert_status(200);
}

#[tokio::test]
async fn without_an_app_six_digits_cost_a_try_and_recovery_codes_work() {
    let app = TestApp::spawn().await;
    let (ada, _key) = with_key(&app, "ada").await;
    let browser = app.challenged(&ada).await;
    for _ in 0..4 {
        browser.validate("123456").await.assert_problem(400, "otp_invalid");
    }
    let stored = app.stored(&ada).await;
    assert_eq!(stored.get_document("codes").unwrap().get_i64("failed").unwrap(), 0);
    browser.validate(&ada.recovery_codes[0]).await.assert_status(200);
    let browser = app.challenged(&ada).await;
    for _ in 0..5 {
        browser.validate("123456").await.assert_problem(400, "otp_invalid");
    }
    browser.validate(&ada.recovery_codes[1]).await.assert_problem(401, "login_expired");
    // In a session they are counted like recovery codes.
    for _ in 0..5 {
        ada.browser.validate("123456").await.assert_problem(400, "otp_invalid");
    }
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn the_basic_contract_requires_a_code_of_an_account_with_a_passkey() {
    let app = TestApp::spawn().await;
    let (ada, _key) = with_key(&app, "ada").await;
    let exchange = async |otp: &str| {
        let call = crate::harness::Call::new("POST", &format!("/auth/credentials?otp={otp}"));
        app.browser().send(call.header("authorization", &ada.basic())).await.json()["status"]
            .clone()
    };
    assert_eq!(exchange("").await, 1);
    assert_eq!(exchange("123456").await, 2);
    assert_eq!(exchange(&ada.recovery_codes[0]).await, 0);
}

#[tokio::test]
async fn removing_the_app_leaves_the_passkey_and_the_recovery_codes() {
    let app = TestApp::spawn().await;
    let mut key = Authenticator::new();
    let ada = app.register("ada").await.with_totp().await.with_passkey(&app, &mut key).await;
    let me = user(&ada.browser).await;
    assert_eq!(me["second_factors"], json!(["totp", "passkey"]));
    let other = app.challenged(&ada).await;
    other.use_passkey(&mut key).await.assert_status(200);
    let left = ada.browser.post("/api/auth/otp/disable", json!({})).await.assert_status(200).json();
    assert_eq!(left["otp_disabled"], true);
    assert_eq!(left["user"]["otp_enabled"], true);
    assert_eq!(left["user"]["second_factors"], json!(["passkey"]));
    other.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    let remaining = ada.browser.get("/api/auth/otp/recovery-codes").await;
    assert_eq!(remaining.assert_status(200).json()["remaining"], 10);
    ada.browser.post("/api/auth/otp/recovery-codes", json!({})).await.assert_status(200);
    let off = ada.browser.put("/auth/otp/enable", json!({ "enabled": false })).await;
    assert_eq!(off.assert_status(200).json()["otp_enabled"], true);
    app.challenged(&ada).await.use_passkey(&mut key).await.assert_status(200);
}

#[tokio::test]
async fn an_app_that_was_never_confirmed_takes_nothing_from_an_account_with_a_passkey() {
    let app = TestApp::spawn().await;
    let (ada, _key) = with_key(&app, "ada").await;
    let on = ada.browser.put("/auth/otp/enable", json!({ "enabled": true })).await;
    assert_eq!(on.assert_status(200).json()["recovery_codes"].as_array().unwrap().len(), 10);
    let me = user(&ada.browser).await;
    assert_eq!(me["second_factors"], json!(["totp", "passkey"]));
    assert_eq!(me["otp_verified"], true);
    let again = ada.browser.put("/auth/otp/enable", json!({ "enabled": true })).await;
    assert_eq!(again.assert_status(200).json().get("recovery_codes"), None);
    let off = ada.browser.put("/auth/otp/enable", json!({ "enabled": false })).await;
    assert_eq!(off.assert_status(200).json()["otp_enabled"], true);
}

#[tokio::test]
async fn a_session_checks_a_passkey_and_five_wrong_ones_end_it() {
    let app = TestApp::spawn().await;
    let (ada, mut key) = with_key(&app, "ada").await;
    let before = ada.browser.cookie("twofold_session");
    let accepted = ada.browser.use_passkey(&mut key).await;
    assert!(accepted.assert_status(200).set_cookies().is_empty());
    assert_eq!(ada.browser.cookie("twofold_session"), before);
    let session = app.stored(&ada).await.get_array("sessions").unwrap()[0].clone();
    let session = session.as_document().unwrap();
    assert!(!session.contains_key("passkey"));
    assert_eq!(session.get_i64("failed").unwrap(), 0);
    for _ in 0..5 {
        let options = ada.browser.passkey_challenge().await;
        let mut wrong = key.get(&options);
        wrong["response"]["signature"] = "AAAA".into();
        ada.browser.submit_passkey(&wrong).await.assert_problem(400, "passkey_invalid");
    }
    ada.browser.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
}

#[tokio::test]
async fn of_thirty_uses_of_one_assertion_at_once_one_opens_a_session() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    key.flags |= BE;
    let ada = app.register("ada").await.with_passkey(&app, &mut key).await;
    let browser = app.challenged(&ada).await;
    let credential = key.get(&browser.passkey_challenge().await);
    let calls = (0..30).map(|_| {
        let (browser, credential) = (browser.copy(), credential.clone());
        async move { browser.submit_passkey(&credential).await }
    });
    assert_eq!(count(&at_once(calls).await, 200), 1);
    assert_eq!(app.stored(&ada).await.get_array("sessions").unwrap().len(), 2);
}

#[tokio::test]
async fn at_an_ip_address_there_are_no_passkeys() {
    let app = TestApp::with([("PUBLIC_ORIGIN", "http://127.0.0.1:8000")]).await;
    for call in ["challenge", "validate"] {
        let path = format!("/api/auth/passkeys/{call}");
        app.browser().post(&path, json!({})).await.assert_problem(404, "passkeys_not_available");
    }
    let ada = app.signed_in("ada").await;
    let form = json!({ "passkey": {} });
    let answer = ada.browser.post("/api/auth/reauthenticate", form).await;
    answer.assert_problem(404, "passkeys_not_available");
}

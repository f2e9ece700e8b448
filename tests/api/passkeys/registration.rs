//! Adding a passkey.

use chrono::TimeDelta;
use serde_json::json;

use super::{OPTIONS, PASSKEYS, add, creation_options, list, made_again, verifying, with_passkey};
use crate::harness::authenticator::{Algorithm, Authenticator, BE, BS, decode};
use crate::harness::{Call, TestApp, at_once, count};

#[tokio::test]
async fn the_options_name_the_service_the_account_and_its_passkeys() {
    let app = TestApp::with([("APP_NAME", "The Mill")]).await;
    let mut key = Authenticator::new();
    let ada = with_passkey(&app, "ada", &mut key).await;
    let options = creation_options(&ada.browser).await;
    assert_eq!(options["rp"], json!({ "id": "localhost", "name": "The Mill" }));
    let me = ada.browser.get("/api/auth/me").await.json()["user"].clone();
    let id = data_encoding::HEXLOWER.encode(&decode(&options["user"]["id"]));
    assert_eq!(me["id"], id);
    assert_eq!(options["user"]["name"], ada.email);
    assert_eq!(options["user"]["displayName"], ada.name);
    assert_eq!(decode(&options["challenge"]).len(), 32);
    let algorithms = options["pubKeyCredParams"].as_array().unwrap();
    let algorithms: Vec<_> = algorithms.iter().map(|one| one["alg"].as_i64().unwrap()).collect();
    assert_eq!(algorithms, [-7, -8, -257]);
    assert_eq!(options["timeout"], 300_000);
    let excluded = options["excludeCredentials"].as_array().unwrap();
    assert_eq!(excluded.len(), 1);
    assert_eq!(decode(&excluded[0]["id"]), key.credentials[0].id);
    let selection = json!({
        "residentKey": "preferred", "requireResidentKey": false, "userVerification": "preferred",
    });
    assert_eq!(options["authenticatorSelection"], selection);
    assert_eq!(options["attestation"], "none");
    let others = creation_options(&ada.browser).await;
    assert_ne!(others["challenge"], options["challenge"]);
}

#[tokio::test]
async fn the_first_passkey_turns_two_factor_authentication_on() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let before = ada.browser.get("/api/auth/me").await.json()["session"].clone();
    let (other, bearer) = (app.challenged(&ada).await, app.bearer(&ada).await);
    let old = ada.browser.copy();
    let epoch = app.stored(&ada).await.get_i64("epoch").unwrap();
    app.advance(TimeDelta::minutes(5));

    let added = add(&ada.browser, &mut verifying()).await;
    let body = added.assert_status(201).json();
    assert_eq!(body["recovery_codes"].as_array().unwrap().len(), 10);
    assert!(body.get("token").is_none(), "a cookie caller gets a cookie");
    assert_eq!(body["passkey"]["signs_in"], true);
    assert_eq!(body["passkey"]["synced"], false);
    assert_eq!(body["passkey"]["name"], "Passkey");
    assert!(body["passkey"]["last_used_at"].is_null());

    for ended in [&other, &bearer, &old] {
        ended.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    }
    let after = ada.browser.get("/api/auth/me").await.json()["session"].clone();
    assert_eq!(after["aal"], "aal2");
    assert_eq!(after["id"], before["id"]);
    assert_eq!(after["created_at"], before["created_at"]);
    let stored = app.stored(&ada).await;
    assert_eq!(stored.get_i64("epoch").unwrap(), epoch + 1);
    assert_eq!(stored.get_array("recovery").unwrap().len(), 10);
    assert!(stored.contains_key("recovery_created"));
    assert!(stored.get_array("enrolments").unwrap().is_empty());
    // The sign-in is as old as it was: it is no longer fresh ten minutes later.
    app.advance(TimeDelta::minutes(10));
    let stale = ada.browser.send(Call::new("POST", OPTIONS)).await;
    stale.assert_problem(403, "reauthentication_required");
    let expected = ["sessions_ended_by_change", "passkey_added", "signed_in_with_bearer"];
    let expected = [expected.as_slice(), &["signed_in_with_password"; 2], &["registered"]].concat();
    app.assert_events(&ada.browser, &expected).await;
}

#[tokio::test]
async fn a_bearer_caller_gets_the_new_token_in_the_answer() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let bearer = app.bearer(&ada).await;
    let added = add(&bearer, &mut verifying()).await;
    assert!(added.assert_status(201).set_cookies().is_empty());
    let token = added.json()["token"].as_str().unwrap().to_owned();
    bearer.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    let me = app.browser().bearer(&token).get("/api/auth/me").await;
    assert_eq!(me.assert_status(200).json()["session"]["aal"], "aal2");
}

#[tokio::test]
async fn a_further_passkey_changes_neither_sessions_nor_recovery_codes() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let other = app.challenged(&ada).await;
    other.validate(&app.next_code(&ada)).await.assert_status(200);
    let before = app.stored(&ada).await;
    for _ in 0..2 {
        let added = add(&ada.browser, &mut verifying()).await;
        let body = added.assert_status(201).json();
        assert!(body.get("recovery_codes").is_none() && body.get("token").is_none());
        assert!(added.set_cookies().is_empty());
    }
    let after = app.stored(&ada).await;
    for field in ["epoch", "recovery", "sessions", "tokens", "challenges", "totp"] {
        assert_eq!(before.get(field), after.get(field), "{field}");
    }
    other.get("/api/auth/me").await.assert_status(200);
    assert_eq!(list(&other).await.len(), 2);
}

#[tokio::test]
async fn every_accepted_algorithm_and_a_self_attestation_make_a_passkey() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let mut key = Authenticator { algorithm, attests: true, ..Authenticator::new() };
        key.flags |= BE | BS;
        let added = add(&ada.browser, &mut key).await;
        let passkey = added.assert_status(201).json()["passkey"].clone();
        assert_eq!((&passkey["synced"], &passkey["signs_in"]), (&json!(true), &json!(false)));
    }
}

#[tokio::test]
async fn a_name_is_kept_as_it_was_given() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let mut key = Authenticator::new();
    let credential = key.create(&creation_options(&ada.browser).await);
    for (name, code) in [("  ", "passkey_name_empty"), ("a\u{7}", "passkey_name_control_character")]
    {
        let form = json!({ "name": name, "credential": credential });
        let refused = ada.browser.post(PASSKEYS, form).await;
        refused.assert_problem(422, "invalid_fields");
        assert_eq!(refused.json()["errors"][0]["code"], code);
    }
    // A body that is not understood costs the challenge nothing.
    let form = json!({ "name": " Ada's key ", "credential": credential });
    let added = ada.browser.post(PASSKEYS, form).await;
    assert_eq!(added.assert_status(201).json()["passkey"]["name"], "Ada's key");
    assert_eq!(list(&ada.browser).await[0]["name"], "Ada's key");
}

#[tokio::test]
async fn a_challenge_works_once_also_for_a_wrong_answer() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let mut key = verifying();
    let options = creation_options(&ada.browser).await;
    let right = json!({ "credential": key.create(&options) });
    let mut evil = Authenticator { origin: "https://evil.example".to_owned(), ..verifying() };
    let wrong = json!({ "credential": evil.create(&options) });
    let malformed = json!({ "credential": { "id": "AQID", "type": "public-key" } });
    for bad in [wrong, malformed, json!({ "credential": "text" })] {
        let options = creation_options(&ada.browser).await;
        let right = json!({ "credential": key.create(&options) });
        ada.browser.post(PASSKEYS, bad).await.assert_problem(400, "passkey_invalid");
        assert!(app.stored(&ada).await.get_array("enrolments").unwrap().is_empty());
        ada.browser.post(PASSKEYS, right).await.assert_problem(400, "passkey_invalid");
    }
    // Neither one that was replaced, nor one that was used.
    ada.browser.post(PASSKEYS, right.clone()).await.assert_problem(400, "passkey_invalid");
    creation_options(&ada.browser).await;
    ada.browser.post(PASSKEYS, right).await.assert_problem(400, "passkey_invalid");
    let options = creation_options(&ada.browser).await;
    let right = json!({ "credential": key.create(&options) });
    let again = json!({ "credential": key.create(&options) });
    ada.browser.post(PASSKEYS, right).await.assert_status(201);
    ada.browser.post(PASSKEYS, again).await.assert_problem(400, "passkey_invalid");
    assert_eq!(list(&ada.browser).await.len(), 1);
}

#[tokio::test]
async fn a_challenge_expires_after_five_minutes() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let mut key = Authenticator::new();
    for (seconds, status) in [(300, 400), (299, 201)] {
        let options = creation_options(&ada.browser).await;
        app.advance(TimeDelta::seconds(seconds));
        let form = json!({ "credential": key.create(&options) });
        ada.browser.post(PASSKEYS, form).await.assert_status(status);
    }
}

#[tokio::test]
async fn a_challenge_belongs_to_the_session_that_asked() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let other = app.challenged(&ada).await;
    let mut key = Authenticator::new();
    let credential = json!({ "credential": key.create(&creation_options(&ada.browser).await) });
    other.post(PASSKEYS, credential.clone()).await.assert_problem(400, "passkey_invalid");
    // The other session has not ended it either.
    ada.browser.post(PASSKEYS, credential).await.assert_status(201);
    let eve = app.signed_in("eve").await;
    let options = creation_options(&ada.browser).await;
    let form = json!({ "credential": key.create(&options) });
    eve.browser.post(PASSKEYS, form).await.assert_problem(400, "passkey_invalid");
}

#[tokio::test]
async fn a_credential_exists_once_in_one_account_and_among_all() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    let eve = app.signed_in("eve").await;
    for browser in [&ada.browser, &eve.browser] {
        let options = creation_options(browser).await;
        let credential = key.credentials[0].clone();
        let again = json!({ "credential": made_again(&mut key, &credential, &options) });
        browser.post(PASSKEYS, again.clone()).await.assert_problem(409, "passkey_exists");
        browser.post(PASSKEYS, again).await.assert_problem(400, "passkey_invalid");
    }
    assert!(!app.stored(&eve).await.contains_key("passkeys"));
    // What was refused did not turn 2FA on.
    let me = eve.browser.get("/api/auth/me").await.json();
    assert_eq!(me["session"]["aal"], "aal1");
}

#[tokio::test]
async fn an_account_has_at_most_ten() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let mut key = Authenticator::new();
    for _ in 0..10 {
        add(&ada.browser, &mut key).await.assert_status(201);
    }
    let full = ada.browser.send(Call::new("POST", OPTIONS)).await;
    full.assert_problem(409, "too_many_passkeys");
    assert_eq!(list(&ada.browser).await.len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_uses_of_one_challenge_at_once_one_adds_a_passkey() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let mut key = Authenticator::new();
    let options = creation_options(&ada.browser).await;
    let answers = at_once((0..30).map(|_| {
        let (browser, form) = (ada.browser.copy(), json!({ "credential": key.create(&options) }));
        async move { browser.post(PASSKEYS, form).await }
    }))
    .await;
    assert_eq!((count(&answers, 201), count(&answers, 400)), (1, 29));
    assert_eq!(list(&ada.browser).await.len(), 1);
}

#[tokio::test]
async fn at_an_ip_address_there_are_no_calls_about_passkeys() {
    let app = TestApp::with([("PASSKEY_RP_ID", "127.0.0.1")]).await;
    let ada = app.signed_in("ada").await;
    for (method, path, _) in twofold::app::surface() {
        if path.starts_with(PASSKEYS) {
            let call = || Call::new(&method, &path.replace("{id}", "AQID"));
            for browser in [&app.browser(), &ada.browser] {
                let answer = browser.send(call()).await;
                answer.assert_problem(404, "passkeys_not_available");
            }
        }
    }
}

//! Listing, renaming and removing passkeys.

use bson::{Document, doc};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{PASSKEYS, add, list, path, verifying, with_passkey};
use crate::harness::authenticator::{Authenticator, BE, BS, encode};
use crate::harness::{
    Answer, Browser, Call, HeldWrite, Person, TestApp, at_once, count, until_in_time,
};

async fn rename(browser: &Browser, path: &str, name: &str) -> Answer {
    browser.send(Call::new("PATCH", path).json(&json!({ "name": name }))).await
}

fn passkeys(stored: &Document) -> usize {
    stored.get_array("passkeys").map_or(0, Vec::len)
}

#[tokio::test]
async fn passkeys_are_listed_oldest_first() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    app.advance(TimeDelta::minutes(1));
    let mut synced = Authenticator::new();
    synced.flags |= BE | BS;
    add(&ada.browser, &mut synced).await.assert_status(201);
    let [first, second]: [Value; 2] = list(&ada.browser).await.try_into().unwrap();
    assert_eq!(first["id"], encode(&key.credentials[0].id));
    assert_eq!(second["id"], encode(&synced.credentials[0].id));
    assert_eq!(second["created_at"], "2027-01-15T08:01:15.000Z");
    assert_eq!([&first["synced"], &first["signs_in"]], [false, true]);
    assert_eq!([&second["synced"], &second["signs_in"]], [true, false]);
    assert!(first.get("key").is_none() && first.get("aaguid").is_none());
}

#[tokio::test]
async fn a_passkey_is_renamed_and_nothing_else_changes() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    add(&ada.browser, &mut key).await.assert_status(201);
    let before = app.stored(&ada).await;
    // A session that is not fresh may do it.
    app.advance(TimeDelta::minutes(20));
    let second = path(&list(&ada.browser).await[1]);
    let renamed = rename(&ada.browser, &second, " Ada's key ").await;
    assert_eq!(renamed.assert_status(200).json()["passkey"]["name"], "Ada's key");
    let names: Vec<_> = list(&ada.browser).await.iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["Passkey", "Ada's key"]);
    assert_eq!(before.get("epoch"), app.stored(&ada).await.get("epoch"));
    let signed_up = ["signed_in_with_password", "registered"];
    let since = ["passkey_renamed", "passkey_added", "passkey_added"];
    app.assert_events(&ada.browser, &[&since[..], &signed_up].concat()).await;

    let refused = rename(&ada.browser, &second, "").await;
    refused.assert_problem(422, "invalid_fields");
    assert_eq!(refused.json()["errors"][0]["code"], "passkey_name_empty");
    assert_eq!(rename(&ada.browser, &second, &"é".repeat(100)).await.status, 200);
    rename(&ada.browser, &second, &"é".repeat(101)).await.assert_problem(422, "invalid_fields");
}

#[tokio::test]
async fn a_passkey_of_another_account_is_not_found() {
    let app = TestApp::spawn().await;
    let ada = with_passkey(&app, "ada", &mut verifying()).await;
    let eve = with_passkey(&app, "eve", &mut verifying()).await;
    let of_ada = path(&list(&ada.browser).await[0]);
    for path in [of_ada, format!("{PASSKEYS}/AQID"), format!("{PASSKEYS}/not=base64url")] {
        rename(&eve.browser, &path, "Mine").await.assert_problem(404, "passkey_not_found");
        eve.browser.delete(&path).await.assert_problem(404, "passkey_not_found");
    }
    assert_eq!(list(&ada.browser).await[0]["name"], "Passkey");
    assert_eq!(list(&eve.browser).await.len(), 1);
}

#[tokio::test]
async fn removing_one_of_two_ends_other_sessions_and_keeps_two_factor_authentication() {
    let app = TestApp::spawn().await;
    for with_totp in [false, true] {
        let ada = app.signed_in(&format!("ada-{with_totp}")).await;
        // The other factor is an authenticator app or another passkey.
        let ada = if with_totp { ada.with_totp().await } else { ada };
        let mut key = verifying();
        for _ in 0..if with_totp { 1 } else { 2 } {
            add(&ada.browser, &mut key).await.assert_status(201);
        }
        let late = app.challenged(&ada).await;
        let before = app.stored(&ada).await;
        let token = ada.browser.cookie("twofold_session");
        let removed = list(&ada.browser).await[0].clone();
        ada.browser.delete(&path(&removed)).await.assert_status(204);

        late.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
        assert_eq!(ada.browser.cookie("twofold_session"), token);
        let left = list(&ada.browser).await;
        assert_eq!(left.len(), usize::from(!with_totp));
        assert!(left.iter().all(|one| one["id"] != removed["id"]));
        let after = app.stored(&ada).await;
        assert_eq!(after.get_i64("epoch").unwrap(), before.get_i64("epoch").unwrap() + 1);
        assert_eq!(after.get_array("recovery").unwrap().len(), 10);
        assert_eq!(after.contains_key("passkeys"), !with_totp);
        ada.browser.delete(&path(&removed)).await.assert_problem(404, "passkey_not_found");
    }
}

#[tokio::test]
async fn removing_the_last_factor_turns_two_factor_authentication_off() {
    let app = TestApp::spawn().await;
    let ada = with_passkey(&app, "ada", &mut verifying()).await;
    let users = app.collection("users").await;
    let this = doc! { "email": &ada.email };
    let other = doc! { "$set": { "devices": [{ "id": "a" }], "mail.codes": { "failed": 3_i64 } } };
    users.update_one(this, other).await.unwrap();
    let me = async || ada.browser.get("/api/auth/me").await.assert_status(200).json();
    assert_eq!(me().await["session"]["aal"], "aal2");
    let token = ada.browser.cookie("twofold_session");
    ada.browser.delete(&path(&list(&ada.browser).await[0])).await.assert_status(204);

    let after = me().await;
    assert_eq!(
        (&after["session"]["aal"], &after["user"]["otp_enabled"]),
        (&json!("aal1"), &json!(false))
    );
    assert_eq!(ada.browser.cookie("twofold_session"), token);
    let stored = app.stored(&ada).await;
    assert_eq!(stored.get_array("recovery").unwrap().len(), 0);
    for gone in ["passkeys", "devices"] {
        assert!(!stored.contains_key(gone), "{gone}");
    }
    assert!(!stored.get_document("mail").unwrap().contains_key("codes"));
    // A password opens a session again, and the same session may add another passkey.
    let again = app.challenged(&ada).await;
    again.get("/api/auth/me").await.assert_status(200);
    let added = add(&ada.browser, &mut verifying()).await;
    assert_eq!(added.assert_status(201).json()["recovery_codes"].as_array().unwrap().len(), 10);
    app.assert_events(
        &ada.browser,
        &[
            "sessions_ended_by_change",
            "passkey_added",
            "signed_in_with_password",
            "passkey_removed",
            "passkey_added",
            "signed_in_with_password",
            "registered",
        ],
    )
    .await;
}

#[tokio::test]
async fn accounts_that_removed_their_last_passkey_do_not_get_in_each_other_s_way() {
    let app = TestApp::spawn().await;
    for name in ["ada", "bea", "cleo"] {
        let person = with_passkey(&app, name, &mut verifying()).await;
        person.browser.delete(&path(&list(&person.browser).await[0])).await.assert_status(204);
        assert!(list(&person.browser).await.is_empty());
    }
    app.register("dora").await;
}

#[tokio::test]
async fn removing_requires_a_recent_sign_in_with_every_factor() {
    let app = TestApp::spawn().await;
    let ada = with_passkey(&app, "ada", &mut verifying()).await;
    let passkey = path(&list(&ada.browser).await[0]);
    app.advance(TimeDelta::minutes(20));
    let stale = ada.browser.delete(&passkey).await;
    stale.assert_problem(403, "reauthentication_required");
    assert_eq!(list(&ada.browser).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_removals_at_once_remove_both_and_the_recovery_codes() {
    let app = TestApp::spawn().await;
    let mut key = verifying();
    let ada = with_passkey(&app, "ada", &mut key).await;
    add(&ada.browser, &mut key).await.assert_status(201);
    let removals = list(&ada.browser).await.into_iter().map(|passkey| {
        let browser = ada.browser.copy();
        async move { browser.delete(&path(&passkey)).await }
    });
    let answers = at_once(removals).await;
    assert_eq!(count(&answers, 204), 2);
    let stored = app.stored(&ada).await;
    assert_eq!((passkeys(&stored), stored.get_array("recovery").unwrap().len()), (0, 0));
    let me = ada.browser.get("/api/auth/me").await.json();
    assert_eq!(me["session"]["aal"], "aal1");
}

/// Acts while the write of a call is held back, and returns the call's answer.
async fn overtaken(
    app: &TestApp,
    ada: &Person,
    call: Call,
    meanwhile: impl AsyncFnOnce(),
) -> Option<Answer> {
    // The removal is charged first, by a command of another name.
    let held = HeldWrite::on_users(app, "update", 1).await;
    let browser = ada.browser.copy();
    let calling = tokio::spawn(async move { browser.send(call).await });
    held.until_held().await;
    meanwhile().await;
    held.answer(calling).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_is_added_during_the_removal_of_the_last_one_stays() {
    let (_mongod, app) = HeldWrite::app().await;
    until_in_time(async |n| {
        let ada = with_passkey(&app, &format!("ada-{n}"), &mut verifying()).await;
        let first = list(&ada.browser).await[0].clone();
        let mut key = verifying();
        let mut is_added = false;
        let meanwhile = async || is_added = add(&ada.browser, &mut key).await.status == 201;
        let removal = Call::new("DELETE", &path(&first));
        let removed = overtaken(&app, &ada, removal, meanwhile).await;
        // A database that is too slow for that is no failure of the service.
        removed.filter(|_| is_added)?.assert_status(204);
        let left = list(&ada.browser).await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0]["id"], encode(&key.credentials[0].id));
        let stored = app.stored(&ada).await;
        assert_eq!(stored.get_array("recovery").unwrap().len(), 10);
        assert_eq!(ada.browser.get("/api/auth/me").await.json()["session"]["aal"], "aal2");
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_removes_and_renames_nothing() {
    let (_mongod, app) = HeldWrite::app().await;
    for method in ["DELETE", "PATCH"] {
        until_in_time(async |n| {
            let ada =
                with_passkey(&app, &format!("ada-{n}-{}", method.to_lowercase()), &mut verifying())
                    .await;
            let path = path(&list(&ada.browser).await[0]);
            let users = app.collection("users").await;
            let meanwhile = async || {
                let ended = doc! { "$set": { "sessions": [] } };
                users.update_one(doc! { "email": &ada.email }, ended).await.unwrap();
            };
            let call = Call::new(method, &path);
            let call = if method == "PATCH" { call.json(&json!({ "name": "Mine" })) } else { call };
            let answer = overtaken(&app, &ada, call, meanwhile).await?;
            answer.assert_problem(401, "not_authenticated");
            let stored = app.stored(&ada).await;
            let passkey = stored.get_array("passkeys").unwrap()[0].as_document().unwrap().clone();
            assert_eq!(passkey.get_str("name").unwrap(), "Passkey");
            Some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_is_gone_is_neither_removed_nor_renamed() {
    let (_mongod, app) = HeldWrite::app().await;
    for method in ["DELETE", "PATCH"] {
        until_in_time(async |n| {
            let mut key = verifying();
            let ada =
                with_passkey(&app, &format!("ada-{n}-{}", method.to_lowercase()), &mut key).await;
            add(&ada.browser, &mut key).await.assert_status(201);
            let first = list(&ada.browser).await[0].clone();
            let users = app.collection("users").await;
            // Without raising the epoch.
            let meanwhile = async || {
                let gone = doc! { "$pop": { "passkeys": -1 } };
                users.update_one(doc! { "email": &ada.email }, gone).await.unwrap();
            };
            let call = Call::new(method, &path(&first));
            let call = if method == "PATCH" { call.json(&json!({ "name": "Mine" })) } else { call };
            let epoch = app.stored(&ada).await.get_i64("epoch").unwrap();
            let answer = overtaken(&app, &ada, call, meanwhile).await?;
            answer.assert_problem(404, "passkey_not_found");
            let stored = app.stored(&ada).await;
            assert_eq!((passkeys(&stored), stored.get_i64("epoch").unwrap()), (1, epoch));
            Some(())
        })
        .await;
    }
}

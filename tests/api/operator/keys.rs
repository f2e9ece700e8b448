//! `twofold keys`.

use data_encoding::BASE64;
use serde_json::json;

use crate::harness::{TestApp, output, program, until};
use service_process::Service;

const NEW: &str = "new:bmV3IHNlYWxpbmcga2V5IG9mIHRoZSB0ZXN0IHN1aXQ=";

fn both() -> String {
    format!("{NEW},{}", TestApp::SEALING_KEYS)
}

#[test]
fn a_new_key_is_printed_without_any_setting_and_is_another_each_time() {
    let print = || {
        let ran = output(program().args(["keys", "new"]));
        assert_eq!(ran.status.code(), Some(0));
        String::from_utf8(ran.stdout).unwrap()
    };
    let (one, other) = (print(), print());
    let (id, key) = one.trim().split_once(':').unwrap();
    assert_eq!(BASE64.decode(key.as_bytes()).unwrap().len(), 32);
    let (other_id, other_key) = other.trim().split_once(':').unwrap();
    assert!(id != other_id && key != other_key);
    let keys = ["check-config"];
    let checked = output(
        program()
            .args(keys)
            .envs([("APP_ENV", "development"), ("DATABASE_URL", "mongodb://127.0.0.1/")])
            .envs([("MONGO_INITDB_DATABASE", "twofold"), ("SEALING_KEYS", one.trim())]),
    );
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn rotation_seals_everything_under_the_newest_key_while_the_service_runs() {
    let app = TestApp::with([("SEALING_KEYS", &both())]).await;
    let old = app.second_instance([]).await;
    // These are sealed under the older key: one confirmed, one pending beside a confirmed one.
    let ada = old.register("ada").await.with_totp().await;
    let bea = old.register("bea").await.with_totp().await;
    bea.browser.post("/api/auth/otp/generate", json!({})).await.assert_status(200);
    let cleo = app.register("cleo").await.with_totp().await;

    let rotated = app.operator_with(&["keys", "rotate", "--json"], &[("SEALING_KEYS", &both())]);
    let rotated = rotated.assert_code(0).json();
    assert_eq!(
        rotated,
        json!({ "resealed": 3, "left": {}, "unused": ["test"], "interrupted": false })
    );
    let again = app.operator_with(&["keys", "rotate"], &[("SEALING_KEYS", &both())]);
    assert!(again.assert_code(0).stdout.contains("0 secrets were sealed under the newest key."));
    assert!(again.stdout.contains("No secret needs the key \"test\" any more."));

    let alone = app.second_instance([("SEALING_KEYS", NEW)]).await;
    for person in [&ada, &bea, &cleo] {
        let browser = alone.browser();
        browser.log_in(person).await.assert_status(200);
        let code = app.next_code(person);
        browser.validate(&code).await.assert_status(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_one_secret_needs_is_not_called_unused() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    app.register("bea").await.with_totp().await;
    // One secret is damaged, and nothing can seal it again.
    let users = app.collection("users").await;
    let mut sealed = app
        .stored(&ada)
        .await
        .get_document("totp")
        .unwrap()
        .get_binary_generic("secret")
        .unwrap()
        .clone();
    *sealed.last_mut().unwrap() ^= 1;
    let damaged = bson::Binary { subtype: bson::spec::BinarySubtype::Generic, bytes: sealed };
    let update = bson::doc! { "$set": { "totp.secret": damaged } };
    users.update_one(bson::doc! { "email": &ada.email }, update).await.unwrap();

    let rotated = app.operator_with(&["keys", "rotate", "--json"], &[("SEALING_KEYS", &both())]);
    let report = rotated.assert_code(6).json();
    assert_eq!(
        report,
        json!({ "resealed": 1, "left": { "test": 1 }, "unused": [], "interrupted": false })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_names_every_key_that_secrets_need_and_the_ring_lacks() {
    let app = TestApp::spawn().await;
    app.register("ada").await.with_totp().await;
    let newer = app.second_instance([("SEALING_KEYS", NEW)]).await;
    newer.register("bea").await.with_totp().await;
    let mut command = program();
    command
        .envs([("APP_ENV", "development"), ("PORT", "0"), ("SEALING_KEYS", NEW)])
        .envs([("DATABASE_URL", &app.database_url), ("MONGO_INITDB_DATABASE", &app.database_name)]);
    let service = Service::start(&mut command).await.unwrap();
    let named = async || service.log().contains("SEALING_KEYS lacks a key");
    until("the missing key is logged", named).await;
    // In the order of their ids, so a line about "new" would be there by now.
    assert!(service.log().contains("key=\"test\" secrets=1"));
    assert!(!service.log().contains("key=\"new\""));
    let rotated = app.operator_with(&["keys", "rotate", "--json"], &[("SEALING_KEYS", NEW)]);
    assert_eq!(rotated.assert_code(6).json()["left"], json!({ "test": 1 }));
    let lacking = app.operator_with(&["keys", "rotate"], &[("SEALING_KEYS", NEW)]);
    let line = "1 secrets need the key \"test\", which is not in SEALING_KEYS. Add it and run the command again.";
    assert!(lacking.assert_code(6).stdout.contains(line), "{}", lacking.stdout);
}

//! The operator's commands: what they clear, and what they must not overwrite.

use bson::oid::ObjectId;
use bson::{DateTime, doc};
use serde_json::json;
use tokio::runtime::Handle;

use crate::harness::{HeldWrite, Phone, Ran, TestApp, until_in_time};
use crate::passwords::{behind_proxy, from, try_password};

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_leaves_neither_recovery_codes_nor_an_enrolment_under_way() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    ada.browser.post("/api/auth/otp/generate", json!({})).await.assert_status(200);
    app.operator(&["users", "reset-otp", &ada.email, "--yes"]).assert_code(0);
    ada.browser.log_in(&ada).await.assert_status(200);
    let left = ada.browser.get("/api/auth/otp/recovery-codes").await;
    assert_eq!(left.assert_status(200).json(), json!({ "remaining": 0 }));
    assert!(!app.stored(&ada).await.contains_key("pending"));
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_signing_out_and_a_reset_end_tokens_and_logins_under_way() {
    let app = TestApp::spawn().await;
    for command in ["disable", "sign-out", "reset-otp"] {
        let ada = app.register(&format!("of-{command}")).await.with_totp().await;
        let code = app.next_code(&ada);
        let token = app.bearer_with(&ada, &code).await;
        token.get("/whoami").await.assert_status(200);
        let late = app.challenged(&ada).await;
        app.operator(&["users", command, &ada.email, "--yes"]).assert_code(0);
        if command == "disable" {
            app.operator(&["users", "enable", &ada.email]).assert_code(0);
        }
        for ended in [&ada.browser, &token] {
            ended.get("/whoami").await.assert_problem(401, "not_authenticated");
        }
        let code = app.next_code(&ada);
        late.validate(&code).await.assert_problem(401, "login_expired");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_locks_of_an_account_tell_its_networks_from_all_strangers() {
    let app = behind_proxy().await;
    let ada = app.register("ada").await;
    let locks = || app.operator(&["users", "show", &ada.email, "--json"]).json()["locks"].clone();
    for network in 0..25 {
        for _ in 0..4 {
            let stranger = from(&app, &format!("198.51.100.{network}"));
            try_password(&stranger, &ada.email).await.assert_status(400);
        }
    }
    let shared = "unknown_networks_share_one_check_a_minute";
    assert_eq!((&locks()[shared], &locks()["password_wait_seconds"]), (&json!(true), &json!(null)));
    // An hour without a failure resets the counters. The command has the system's clock.
    let throttles = app.collection("throttles").await;
    let an_hour_ago = DateTime::from_millis(DateTime::now().timestamp_millis() - 3_600_000);
    let aged = doc! { "$set": { "at": an_hour_ago } };
    throttles.update_many(doc! {}, aged).await.unwrap();
    assert_eq!(locks()[shared], false);
    let renewed = doc! { "$set": { "at": DateTime::now() } };
    throttles.update_many(doc! {}, renewed).await.unwrap();
    assert_eq!(locks()[shared], true);
    app.operator(&["users", "unlock", &ada.email]).assert_code(0);
    assert_eq!(locks()[shared], false);
    try_password(&from(&app, "198.51.100.1"), &ada.email).await.assert_status(400);
    assert_eq!(locks()[shared], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_accounts_are_in_the_order_of_ids_whatever_was_stored_first() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let mut older = app.stored(&ada).await;
    older.insert("_id", ObjectId::from_bytes([1; 12]));
    older.insert("email", "older@example.com");
    app.collection("users").await.insert_one(older).await.unwrap();
    let list = |arguments: &[&str]| {
        let arguments = [&["users", "list", "--limit", "1", "--json"], arguments].concat();
        app.operator(&arguments).assert_code(0).json()
    };
    let first = list(&[]);
    assert_eq!(first["users"][0]["email"], "older@example.com");
    let second = list(&["--after", first["next"].as_str().unwrap()]);
    assert_eq!(second["users"][0]["email"], ada.email);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_forgets_wrong_codes() {
    let app = TestApp::spawn().await;
    let mut ada = app.register("ada").await.with_totp().await;
    app.lock_codes(&ada).await;
    app.operator(&["users", "reset-otp", &ada.email, "--yes"]).assert_code(0);
    ada.browser.log_in(&ada).await.assert_status(200);
    ada.enrol_again().await;
    app.challenged(&ada).await.validate(&app.next_code(&ada)).await.assert_status(200);
}

const NEW: &str = "new:bmV3IHNlYWxpbmcga2V5IG9mIHRoZSB0ZXN0IHN1aXQ=";

fn rotate(app: &TestApp) -> Ran {
    let newest_first = format!("{NEW},{}", TestApp::SEALING_KEYS);
    app.operator_with(&["keys", "rotate", "--json"], &[("SEALING_KEYS", &newest_first)])
}

/// Rotates the keys, and does something after the rotation has read the secrets and before it writes
/// them.
async fn rotation_during(app: &TestApp, act: impl AsyncFnOnce()) -> Option<Ran> {
    let write = HeldWrite::on_users(app, "update", 1).await;
    let (rotated, is_in_time) = std::thread::scope(|scope| {
        let rotation = scope.spawn(|| rotate(app));
        let is_in_time = tokio::task::block_in_place(|| {
            Handle::current().block_on(async {
                write.until_held().await;
                act().await;
                write.is_held()
            })
        });
        (rotation.join().unwrap(), is_in_time)
    });
    (is_in_time && rotated.code != 5).then_some(rotated)
}

/// The same. The rotation then reads and seals the changed secret.
async fn rotate_while(app: &TestApp, act: impl AsyncFnOnce()) -> Option<()> {
    let rotated = rotation_during(app, act).await?;
    let expected = json!({
        "resealed": 1, "left": {}, "unused": ["test"], "interrupted": false,
    });
    assert_eq!(rotated.assert_code(0).json(), expected);
    Some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_does_not_overwrite_a_secret_that_changed_since_it_was_read() {
    let mongod = HeldWrite::mongod().await;
    let keys = format!("{},{NEW}", TestApp::SEALING_KEYS);
    until_in_time(async |_| {
        let app = TestApp::on(&mongod.uri(), [("SEALING_KEYS", &keys)]).await;
        let mut ada = app.register("ada").await.with_totp().await;
        rotate_while(&app, async || ada.enrol_again().await).await?;
        app.challenged(&ada).await.validate(&app.next_code(&ada)).await.assert_status(200);
        Some(())
    })
    .await;
    until_in_time(async |_| {
        let app = TestApp::on(&mongod.uri(), [("SEALING_KEYS", &keys)]).await;
        let ada = app.register("ada").await;
        ada.browser.log_in(&ada).await.assert_status(200);
        let mut phone = Phone::enrolling(&ada.browser).await;
        rotate_while(&app, async || phone = Phone::enrolling(&ada.browser).await).await?;
        let code = json!({ "token": phone.code_at(app.clock.now()) });
        ada.browser.post("/api/auth/otp/verify", code).await.assert_status(200);
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_goes_on_until_a_round_replaces_nothing() {
    let mongod = HeldWrite::mongod().await;
    let keys = format!("{},{NEW}", TestApp::SEALING_KEYS);
    until_in_time(async |_| {
        let app = TestApp::on(&mongod.uri(), [("SEALING_KEYS", &keys)]).await;
        let mut ada = app.register("ada").await.with_totp().await;
        app.register("bea").await.with_totp().await;
        let rotated = rotation_during(&app, async || ada.enrol_again().await).await?;
        let rotated = rotated.assert_code(0).json();
        assert_eq!((&rotated["resealed"], &rotated["left"]), (&json!(2), &json!({})));
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_goes_beyond_the_first_accounts_that_it_reads() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    // Two thousand older accounts, whose secrets cannot be opened, stored in another order.
    let stored = app.stored(&ada).await;
    let older = (0..2_000_u32).rev().map(|number| {
        let mut older = stored.clone();
        let mut id = [0; 12];
        id[..4].copy_from_slice(&number.to_be_bytes());
        older.insert("_id", ObjectId::from_bytes(id));
        older.insert("email", format!("older-{number}@example.com"));
        older
    });
    app.collection("users").await.insert_many(older).await.unwrap();
    let rotated = rotate(&app).assert_code(6).json();
    assert_eq!((&rotated["resealed"], &rotated["left"]), (&json!(1), &json!({ "test": 2_000 })));
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_account_deletes_the_counters_about_it() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let counters = app.collection("throttles").await;
    try_password(&app.browser(), &ada.email).await.assert_status(400);
    assert_eq!(counters.count_documents(doc! {}).await.unwrap(), 2);
    app.operator(&["users", "delete", &ada.email, "--yes"]).assert_code(0);
    assert_eq!(counters.count_documents(doc! {}).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_not_created_before_addresses_are_unique() {
    let app = TestApp::spawn().await;
    let users = app.collection("users").await;
    users.drop_index("email_1").await.unwrap();
    let create = ["users", "create", "ada@example.com", "--name", "Ada Lovelace"];
    app.operator_reading(&create, "plum velvet tractor").assert_code(0);
    let indexes = users.list_index_names().await.unwrap();
    assert!(indexes.contains(&"email_1".to_owned()), "{indexes:?}");
}

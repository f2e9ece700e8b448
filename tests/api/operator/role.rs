//! The rights that `deploy/compose/role.json` gives to the service's user of the database.

use bson::{Bson, Document, doc};
use local_mongod::Mongod;
use mongodb::Client;
use serde_json::{Value, json};

use crate::email::{Mailed, reset};
use crate::harness::{TestApp, output, program};

/// A `mongod` with a user who has these rights, and the connection string of the user.
async fn start(actions: &[&str]) -> (Mongod, String) {
    let role: Value =
        serde_json::from_str(include_str!("../../../deploy/compose/role.json")).unwrap();
    let collections: Vec<&str> =
        role["collections"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    // In any database, because each test has its own.
    let privilege =
        |name: &&str| doc! { "resource": { "db": "", "collection": *name }, "actions": actions };
    let privileges: Vec<Document> = collections.iter().map(privilege).collect();
    let mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR"));
    let mongod = mongod.root_user("root", "root's password").start().await.unwrap();
    let admin = Client::with_uri_str(mongod.uri()).await.unwrap().database("admin");
    for command in [
        doc! { "createRole": "twofold", "roles": Bson::Array(Vec::new()), "privileges": privileges },
        doc! { "createUser": "twofold", "pwd": "Zq7vK3xW", "roles": ["twofold"] },
    ] {
        admin.run_command(command).await.unwrap();
    }
    let port = mongod.port();
    (mongod, format!("mongodb://twofold:Zq7vK3xW@127.0.0.1:{port}/?authSource=admin"))
}

fn actions() -> Vec<&'static str> {
    vec!["find", "insert", "update", "remove", "createIndex"]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_of_the_deployment_is_enough_for_the_service_and_the_command_line() {
    let role: Value =
        serde_json::from_str(include_str!("../../../deploy/compose/role.json")).unwrap();
    assert_eq!(role["actions"], json!(actions()));
    let (_mongod, url) = start(&actions()).await;
    let mailed = Mailed::on(&url).await;
    let app = &mailed.app;

    let mut ada = mailed.with_totp("ada").await;
    let browser = app.challenged(&ada).await;
    browser.validate(&ada.phone().wrong_code_at(app.clock.now())).await.assert_status(400);
    browser.validate(&app.next_code(&ada)).await.assert_status(200);
    browser.delete("/api/auth/sessions").await.assert_status(204);
    browser.get("/api/auth/events").await.assert_status(200);
    let link = mailed.forgot(&ada).await;
    let code = app.next_code(&ada);
    let changed = "another plum velvet tractor";
    reset(&app.browser(), link.token_for("reset"), changed, Some(&code)).await.assert_status(204);
    // The former password is wrong now, which a throttle counts.
    app.browser().log_in(&ada).await.assert_status(400);
    ada.password = changed.to_owned();
    app.challenged(&ada).await;

    for arguments in [
        &["check-config", "--connect"][..],
        &["users", "list"],
        &["users", "show", &ada.email],
        &["users", "unlock", &ada.email],
        &["users", "export", &ada.email],
        &["mail"],
        &["keys", "rotate"],
        &["users", "delete", &ada.email, "--yes"],
    ] {
        app.operator(arguments).assert_code(0);
    }
    app.browser().log_in(&ada).await.assert_status(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_needs_each_right_of_the_role() {
    for left_out in actions() {
        let others: Vec<&str> = actions().into_iter().filter(|one| *one != left_out).collect();
        let (_mongod, url) = start(&others).await;
        let mut check = program();
        check.envs([("APP_ENV", "development"), ("MONGO_INITDB_DATABASE", "checked")]);
        check.envs([("SEALING_KEYS", TestApp::SEALING_KEYS)]);
        check.env("DATABASE_URL", url).args(["check-config", "--connect"]);
        let ran = output(&mut check);
        assert_eq!(ran.status.code(), Some(1), "{left_out} is not needed");
    }
}

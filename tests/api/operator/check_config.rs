//! `twofold check-config --connect`.

use bson::{Document, doc};
use local_mongod::Mongod;
use mongodb::Client;
use serde_json::{Value, json};

use crate::harness::{TestApp, output, program};

/// Checks a database; the exit code and everything printed.
fn check(url: &str, more: &[&str]) -> (i32, String) {
    let settings = [
        ("APP_ENV", "development"),
        ("SEALING_KEYS", TestApp::SEALING_KEYS),
        ("DATABASE_URL", url),
        ("MONGO_INITDB_DATABASE", "checked"),
    ];
    let ran = output(program().envs(settings).args(["check-config", "--connect"]).args(more));
    let printed = [ran.stdout, ran.stderr].concat();
    (ran.status.code().unwrap(), String::from_utf8(printed).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_can_be_used_is_checked_without_changing_a_document() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let before = app.stored(&ada).await;
    let checked = app.operator(&["check-config", "--connect"]);
    let ready = format!("the database {} is ready.", app.database_name);
    assert!(checked.assert_code(0).stdout.contains(&ready), "{}", checked.stdout);
    let json = app.operator(&["check-config", "--connect", "--json"]).assert_code(0).json();
    assert_eq!(json, json!({ "settings": "valid", "database": "ready" }));
    let settings = app.operator(&["check-config", "--json"]).assert_code(0).json();
    assert_eq!(settings, json!({ "settings": "valid" }));
    assert_eq!(app.stored(&ada).await, before);
    for (collection, documents) in [("users", 1), ("throttles", 0)] {
        let found = app.collection(collection).await.count_documents(doc! {}).await.unwrap();
        assert_eq!(found, documents, "{collection}");
    }
}

#[test]
fn a_server_that_cannot_be_reached_is_named_without_credentials() {
    let url = "mongodb://ada:Zq7vK3xW@127.0.0.1:1,localhost:2/";
    let (code, printed) = check(url, &[]);
    let expected = "cannot reach MongoDB at 127.0.0.1:1, localhost:2; check that it runs and that DATABASE_URL names it";
    assert!(code == 5 && printed.contains(expected), "{code}: {printed}");
    assert!(!printed.contains("Zq7vK3xW") && !printed.contains("ada"), "{printed}");
    let (code, printed) = check(url, &["--json"]);
    let error: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((code, &error["error"]), (5, &json!("database_unavailable")));
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_rights_and_wrong_credentials_are_named() {
    let mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR"));
    let mongod = mongod.root_user("root", "root's password").start().await.unwrap();
    let admin = Client::with_uri_str(mongod.uri()).await.unwrap().database("admin");
    let user = |name: &str, role: Document| doc! { "createUser": name, "pwd": "Zq7vK3xW", "roles": [role] };
    let role = |role: &str| doc! { "role": role, "db": "checked" };
    for command in [
        doc! { "createRole": "insertless", "roles": [], "privileges": [{
            "resource": { "db": "checked", "collection": "" },
            "actions": ["find", "update", "remove", "createIndex"],
        }] },
        user("writer", role("readWrite")),
        user("reader", role("read")),
        user("insertless", doc! { "role": "insertless", "db": "admin" }),
    ] {
        admin.run_command(command).await.unwrap();
    }
    let host = format!("127.0.0.1:{}", mongod.port());
    let as_user = |name: &str, password: &str| {
        check(&format!("mongodb://{name}:{password}@{host}/?authSource=admin"), &[])
    };
    let read_only = "user insert into, update, delete from, create indexes on users; name a user in \
                     DATABASE_URL who has the role readWrite on checked";
    for (name, password, code, said) in [
        ("reader", "Zq7vK3xW", 1, read_only),
        ("insertless", "Zq7vK3xW", 1, "does not let its user insert into throttles; "),
        ("writer", "9mLp2RtY", 1, "rejects the user name or password; check both in DATABASE_URL"),
        ("writer", "Zq7vK3xW", 0, "the database checked is ready."),
    ] {
        let ran = as_user(name, password);
        assert!(ran.0 == code && ran.1.contains(said), "{name}: {ran:?}");
        assert!(ran.1.contains(&host) && !ran.1.contains(password), "{name}: {ran:?}");
    }
    let (code, printed) = check(&format!("mongodb://{host}/"), &[]);
    assert!(code == 1 && printed.contains("does not let its user read, "), "{code}: {printed}");

    // The check has created the indexes; without the unique one, two accounts may share an address.
    let users = admin.client().database("checked").collection::<Document>("users");
    let throttles = admin.client().database("checked").collection::<Document>("throttles");
    throttles.drop_index("expires_1").await.unwrap();
    users.drop_index("email_1").await.unwrap();
    users.insert_many([doc! { "email": "a@b.c" }, doc! { "email": "a@b.c" }]).await.unwrap();
    let (code, printed) = as_user("writer", "Zq7vK3xW");
    assert!(code == 1 && printed.contains("have the same email address"), "{code}: {printed}");
    // What is wrong with one collection keeps no other from being checked.
    let indexes = throttles.list_index_names().await.unwrap();
    assert!(indexes.contains(&"expires_1".to_owned()), "{indexes:?}");
    users.delete_many(doc! {}).await.unwrap();
    users
        .create_index(mongodb::IndexModel::builder().keys(doc! { "email": 1 }).build())
        .await
        .unwrap();
    let (code, printed) = as_user("writer", "Zq7vK3xW");
    let conflict = "refuses to create indexes on users: error 86 (IndexKeySpecsConflict)";
    assert!(code == 1 && printed.contains(conflict), "{code}: {printed}");
}

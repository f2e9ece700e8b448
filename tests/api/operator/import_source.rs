//! `twofold import`: how its source is given.

use bson::doc;
use mongodb::Client;

use super::import::{Tutorial, user};
use crate::harness::{HeldWrite, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_invalid_or_away_is_reported() {
    let app = TestApp::spawn().await;
    let none = app.operator(&["import", "--from", "http://example.com", "--db", "fastapi"]);
    assert!(none.assert_code(1).stderr.contains("The source cannot be used"), "{}", none.stderr);
    let away = app.operator(&["import", "--from", "mongodb://127.0.0.1:1", "--db", "fastapi"]);
    let reason = "cannot reach the source MongoDB";
    assert!(away.assert_code(5).stderr.contains(reason), "{}", away.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_stops_responding_is_not_taken_for_the_service_s_database() {
    let (app, source) = (TestApp::spawn().await, HeldWrite::mongod().await);
    let admin = Client::with_uri_str(source.uri()).await.unwrap().database("admin");
    let reads_fail = doc! {
        "configureFailPoint": "failCommand", "mode": "alwaysOn",
        "data": { "failCommands": ["find"], "closeConnection": true },
    };
    admin.run_command(reads_fail).await.unwrap();
    let ran = app.operator(&["import", "--from", &source.uri(), "--db", "fastapi"]);
    let reason = "The service's database or the source does not respond.";
    assert!(ran.assert_code(5).stderr.contains(reason), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_source_may_come_from_a_file_or_the_environment() {
    let app = TestApp::spawn().await;
    let tutorial = Tutorial::beside(&app).await;
    tutorial.users.insert_one(user("ada")).await.unwrap();
    let file =
        std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-url", tutorial.name));
    std::fs::write(&file, format!("{}\n", app.database_url)).unwrap();
    let (path, url) = (file.to_str().unwrap(), app.database_url.as_str());
    let import = ["import", "--db", &tutorial.name, "--json"];
    let with = |arguments: &[&str], settings: &[(&str, &str)]| {
        app.operator_with(&[&import, arguments].concat(), settings)
    };
    assert_eq!(with(&["--from-file", path], &[]).assert_code(0).json()["imported"], 1);
    for settings in [("IMPORT_URL", url), ("IMPORT_URL_FILE", path)] {
        assert_eq!(with(&[], &[settings]).assert_code(0).json()["already_here"], 1);
    }
    // What is said on the command line goes before what the environment says.
    let away = [("IMPORT_URL", "mongodb://127.0.0.1:1/")];
    assert_eq!(with(&["--from", url], &away).assert_code(0).json()["already_here"], 1);

    assert!(with(&[], &[]).assert_code(2).stderr.contains("invalid_arguments"));
    with(&["--from", url, "--from-file", path], &[]).assert_code(2);
    let none = with(&["--from-file", "/nonexistent"], &[]);
    assert!(none.assert_code(1).stderr.contains("cannot read --from-file"), "{}", none.stderr);
}

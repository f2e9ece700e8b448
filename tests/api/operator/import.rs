//! `twofold import`: the users of the tutorial's own database.

use bson::oid::ObjectId;
use bson::{Bson, DateTime, Document, doc};
use mongodb::{Client, Collection};
use serde_json::{Value, json};

use crate::harness::{Phone, Ran, TestApp};

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// A database as the tutorial's service leaves it.
pub(super) struct Tutorial {
    pub users: Collection<Document>,
    pub name: String,
}

impl Tutorial {
    pub async fn beside(app: &TestApp) -> Self {
        let name = format!("{}_tutorial", app.database_name);
        let client = Client::with_uri_str(&app.database_url).await.unwrap();
        Self { users: client.database(&name).collection("users"), name }
    }

    fn import(&self, app: &TestApp, more: &[&str]) -> Ran {
        let from = ["import", "--from", &app.database_url, "--db", &self.name, "--json"];
        app.operator_with(&[&from, more].concat(), &[("HASH_MEMORY_KIB", "8")])
    }

    async fn everything(&self) -> Vec<Document> {
        use futures_util::TryStreamExt;
        let found = self.users.find(doc! {}).sort(doc! { "_id": 1 }).await.unwrap();
        found.try_collect().await.unwrap()
    }
}

/// A document as `UserBaseSchema` of the tutorial writes it.
pub(super) fn user(name: &str) -> Document {
    doc! {
        "_id": ObjectId::new(),
        "name": name,
        "email": format!("{name}@example.com"),
        "password": format!("{name}'s password"),
        "otp_enabled": false, "otp_verified": false,
        "otp_base32": null, "otp_auth_url": null,
        "created_at": DateTime::from_millis(1_650_000_000_000),
        "updated_at": DateTime::from_millis(1_660_000_000_000),
    }
}

fn enrolled(name: &str) -> Document {
    let mut user = user(name);
    user.extend(doc! { "otp_enabled": true, "otp_verified": true, "otp_base32": SECRET });
    user
}

fn with(mut user: Document, field: &str, value: impl Into<Bson>) -> Document {
    user.insert(field, value);
    user
}

/// The summary, and what was said of each user before it.
fn report_of(ran: &Ran) -> (Value, Vec<String>) {
    let mut lines = ran.json_lines();
    let summary = lines.pop().unwrap();
    let say = |line: &Value| {
        let (what, about) = line.as_object().unwrap().iter().next().unwrap();
        let text = |name: &str| about[name].as_str().unwrap().to_owned();
        format!("{what} {}: {}", text("email"), text("reason"))
    };
    (summary, lines.iter().map(say).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_registers_or_enrols_again() {
    let app = TestApp::spawn().await;
    let tutorial = Tutorial::beside(&app).await;
    let (ada, bea) = (user("ada"), enrolled("bea"));
    // Enrolled and switched off again: the tutorial leaves the secret and `otp_verified`.
    let cleo = with(enrolled("cleo"), "otp_enabled", false);
    tutorial.users.insert_many([&ada, &bea, &cleo]).await.unwrap();
    let before = tutorial.everything().await;

    let users = app.collection("users").await;
    users.drop_index("email_1").await.unwrap();
    let dry = tutorial.import(&app, &["--dry-run"]);
    assert_eq!(users.list_index_names().await.unwrap(), ["_id_", "passkeys.id_1"]);
    let summary = json!({ "imported": 3, "already_here": 0, "skipped": 0, "dry_run": true });
    assert_eq!(report_of(dry.assert_code(0)), (summary, vec![]));
    assert_eq!(users.count_documents(doc! {}).await.unwrap(), 0);
    let imported = tutorial.import(&app, &[]);
    assert_eq!(report_of(imported.assert_code(0)).0["imported"], 3);
    assert!(users.list_index_names().await.unwrap().contains(&"email_1".to_owned()));
    let recorded = doc! { "kind": "imported_by_operator" };
    let events = app.collection("security_events").await;
    assert_eq!(events.count_documents(recorded).await.unwrap(), 3);
    assert_eq!(tutorial.everything().await, before, "the source was not written to");

    let log_in = async |name: &str| {
        let form = json!({ "email": format!("{name}@example.com"), "password": format!("{name}'s password") });
        let browser = app.browser();
        let answer = browser.post("/api/auth/login", form).await;
        (browser, answer.assert_status(200).json()["user"].clone())
    };
    let (browser, found) = log_in("ada").await;
    assert_eq!(found["id"], ada.get_object_id("_id").unwrap().to_hex());
    assert_eq!(found["created_at"], "2022-04-15T05:20:00.000Z");
    assert_eq!((&found["name"], &found["otp_enabled"]), (&json!("ada"), &json!(false)));
    browser.get("/api/auth/me").await.assert_status(200);
    let (browser, found) = log_in("bea").await;
    assert_eq!((&found["otp_enabled"], &found["otp_verified"]), (&json!(true), &json!(true)));
    let code = Phone::typed(SECRET).code_at(app.clock.now());
    browser.validate(&code).await.assert_status(200);
    let (_, found) = log_in("cleo").await;
    assert_eq!(found["otp_enabled"], false);

    let stored =
        app.collection("users").await.find_one(doc! { "name": "bea" }).await.unwrap().unwrap();
    assert!(
        !format!("{stored:?}").contains("bea's password")
            && !format!("{stored:?}").contains(SECRET)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_over_is_named_with_its_reason() {
    let app = TestApp::spawn().await;
    app.register("here").await;
    let tutorial = Tutorial::beside(&app).await;
    let mut nameless = user("nameless");
    nameless.remove("name");
    let broken = [
        user("ada"),
        with(user("shouting"), "email", "ADA@Example.com "),
        with(user("odd-id"), "_id", "not an id"),
        with(user("no-address"), "email", Bson::Null),
        with(user("bad-address"), "email", "nonsense"),
        with(user("no-password"), "password", Bson::Null),
        with(user("short"), "password", "1234567"),
        with(enrolled("no-secret"), "otp_base32", Bson::Null),
        with(enrolled("bad-secret"), "otp_base32", "0189"),
        with(user("odd-flag"), "otp_enabled", "yes"),
        with(user("number"), "password", 12_345_678),
        user("here"),
        nameless,
        doc! {},
        with(enrolled("half"), "otp_verified", false),
    ];
    tutorial.users.insert_many(&broken).await.unwrap();
    let (dry, _) = report_of(tutorial.import(&app, &["--dry-run"]).assert_code(6));
    assert_eq!((&dry["imported"], &dry["skipped"]), (&json!(2), &json!(13)));
    let imported = tutorial.import(&app, &[]);
    let (summary, mut said) = report_of(imported.assert_code(6));
    assert_eq!(
        summary,
        json!({ "imported": 2, "already_here": 0, "skipped": 13, "dry_run": false })
    );
    said.sort_unstable();
    let mut expected = [
        "imported nameless@example.com: the name is missing or invalid, so it was taken from the email address",
        "skipped : the email address is missing",
        "skipped : the email address is missing",
        "skipped bad-secret@example.com: otp_enabled is true, but the secret is not valid",
        "skipped here@example.com: another account has this email address",
        "skipped no-password@example.com: the password is missing or not a string",
        "skipped no-secret@example.com: otp_enabled is true, but there is no secret",
        "skipped nonsense: the email address is invalid: email_invalid",
        "skipped number@example.com: the password is missing or not a string",
        "skipped odd-flag@example.com: otp_enabled is not a boolean",
        "skipped odd-id@example.com: its _id is not an ObjectId",
        "skipped short@example.com: the password is invalid: password_too_short",
        "skipped ADA@Example.com : another user in the source has the same email address, ignoring case and spaces",
        "skipped ada@example.com: another user in the source has the same email address, ignoring case and spaces",
    ];
    expected.sort_unstable();
    assert_eq!(said, expected);

    let half =
        app.collection("users").await.find_one(doc! { "name": "half" }).await.unwrap().unwrap();
    assert!(!half.get_document("totp").unwrap().get_bool("verified").unwrap());
    assert!(!imported.stdout.contains("1234567"), "no password is printed");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_users_are_taken_over_once() {
    let app = TestApp::spawn().await;
    let tutorial = Tutorial::beside(&app).await;
    let users: Vec<Document> = (0..10_000)
        .map(|number| match number % 20 {
            0..=3 => enrolled(&format!("user-{number}")),
            4 => with(user(&format!("user-{number}")), "password", "short"),
            5 => with(user("twin"), "email", format!("USER-{}@example.com", number - 1)),
            6 => with(user("twin"), "email", format!("USER-{}@example.com", number - 4)),
            _ => user(&format!("user-{number}")),
        })
        .collect();
    tutorial.users.insert_many(&users).await.unwrap();
    let (summary, said) = report_of(tutorial.import(&app, &[]).assert_code(6));
    // Of each twenty, one has a short password and three share an address with another; the twin of the
    // one with the short password is left out, too.
    assert_eq!(
        summary,
        json!({ "imported": 8_000, "already_here": 0, "skipped": 2_000, "dry_run": false })
    );
    assert_eq!(said.len(), 2_000);
    let (summary, _) = report_of(tutorial.import(&app, &[]).assert_code(6));
    assert_eq!(
        summary,
        json!({ "imported": 0, "already_here": 8_000, "skipped": 2_000, "dry_run": false })
    );
    let users = app.collection("users").await;
    assert_eq!(users.count_documents(doc! {}).await.unwrap(), 8_000);
    assert_eq!(users.count_documents(doc! { "totp.verified": true }).await.unwrap(), 1_500);
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_are_all_refused_however_far_apart_and_whatever_else_is_wrong_with_one() {
    let app = TestApp::spawn().await;
    let tutorial = Tutorial::beside(&app).await;
    // The owner of ada@ cannot be imported, and must not be replaced by whoever has the same address.
    let owner = with(user("ada"), "password", "short");
    let first = user("bea");
    let mut users = vec![owner, first.clone()];
    users.extend((0..1_200).map(|number| user(&format!("user-{number}"))));
    users.push(with(user("thief"), "email", "\tADA@example.com"));
    users.push(with(user("other"), "email", "Bea@Example.com"));
    tutorial.users.insert_many(&users).await.unwrap();
    let ran = tutorial.import(&app, &[]);
    let (summary, said) = report_of(ran.assert_code(6));
    assert_eq!((&summary["imported"], &summary["skipped"]), (&json!(1_200), &json!(4)));
    let shared = "another user in the source has the same email address, ignoring case and spaces";
    for line in [
        "skipped ada@example.com: the password is invalid: password_too_short",
        &format!("skipped \tADA@example.com: {shared}"),
        &format!("skipped bea@example.com: {shared}"),
        &format!("skipped Bea@Example.com: {shared}"),
    ] {
        assert!(said.contains(&line.to_owned()), "{line} is missing in {said:?}");
    }

    // Whoever was imported before a twin came stays, and is not reported as refused.
    tutorial.users.delete_many(doc! { "name": { "$in": ["thief", "other"] } }).await.unwrap();
    tutorial.import(&app, &[]).assert_code(6);
    tutorial.users.insert_one(with(user("late"), "email", "BEA@example.com")).await.unwrap();
    let (summary, said) = report_of(tutorial.import(&app, &[]).assert_code(6));
    assert_eq!((&summary["already_here"], &summary["skipped"]), (&json!(1_201), &json!(2)));
    assert!(said.contains(&format!("skipped BEA@example.com: {shared}")), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_untrusted_source_holds_cannot_drive_a_terminal() {
    let app = TestApp::spawn().await;
    let tutorial = Tutorial::beside(&app).await;
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\r\nimported all\u{9b}31m\u{7f}\u{202e}\u{2028}";
    let long = format!("{evil}{}", "x".repeat(100_000));
    tutorial
        .users
        .insert_many([
            with(user("ada"), "_id", long.as_str()),
            with(user("bea"), "email", long.as_str()),
            with(user("cleo"), "_id", doc! { evil: long.as_str() }),
        ])
        .await
        .unwrap();
    for more in [&[][..], &["--json"]] {
        let from = ["import", "--from", &app.database_url, "--db", &tutorial.name];
        let ran = app.operator(&[&from, more].concat());
        let said = &ran.assert_code(6).stdout;
        assert_eq!(said.lines().count(), 4, "{said}");
        for line in said.lines() {
            assert!(line.chars().count() < 2_500, "{} characters", line.chars().count());
            let is_plain =
                |letter: char| letter.is_ascii_graphic() || letter == ' ' || letter == '…';
            assert!(line.chars().all(is_plain), "{line:?}");
        }
    }
    let (_, said) = report_of(&tutorial.import(&app, &[]));
    assert!(
        said.iter().any(|line| line.starts_with(&format!("skipped {evil}"))),
        "JSON keeps the text: {said:?}"
    );
}

//! Nothing secret stays behind: not in the database, not in the log.

use bson::{Bson, Document, doc};
use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD, HEXLOWER};
use futures_util::TryStreamExt;
use local_mongod::Mongod;
use mongodb::Client;
use serde_json::{Value, json};
use twofold::{Clock, Moment};

use crate::harness::{Browser, Call, Phone, SmtpSink, TestApp, output, program};
use crate::passkeys::sign_in::{answer, request_options};
use crate::passkeys::{creation_options, verifying};
use crate::tokens;
use service_process::Service;

/// The service's own program, logging all it can.
async fn logging_all(database_url: &str, smtp: &SmtpSink, signing_key: &str) -> Service {
    let mut command = program();
    command
        .env("APP_ENV", "development")
        .env("PORT", "0")
        .env("LOG", "debug")
        .env("SMTP_URL", smtp.url())
        .env("MAIL_FROM", "no-reply@auth.example")
        .env("DATABASE_URL", database_url)
        .env("MONGO_INITDB_DATABASE", "twofold")
        .env("SEALING_KEYS", "k:dGhlIHNlYWxpbmcga2V5IG9mIHRoZSB0ZXN0IHN1aXQ=")
        .envs([("SIGNING_KEYS", signing_key), ("TOKEN_AUDIENCES", "billing")])
        .env("SERVICES", tokens::SERVICES);
    Service::start(&mut command).await.unwrap()
}

async fn dump(database_url: &str) -> Vec<Document> {
    let database = Client::with_uri_str(database_url).await.unwrap().database("twofold");
    let mut documents = Vec::new();
    for name in database.list_collection_names().await.unwrap() {
        let found = database.collection::<Document>(&name).find(doc! {}).await.unwrap();
        documents.extend(found.try_collect::<Vec<_>>().await.unwrap());
    }
    documents
}

/// Every text and every run of bytes in a document.
fn leaves(value: &Bson, found: &mut Vec<Vec<u8>>) {
    match value {
        Bson::String(text) => found.push(text.clone().into_bytes()),
        Bson::Binary(binary) => found.push(binary.bytes.clone()),
        Bson::Array(values) => values.iter().for_each(|value| leaves(value, found)),
        Bson::Document(document) => document.values().for_each(|value| leaves(value, found)),
        _ => {}
    }
}

/// A secret in the forms that it could lie around in.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let mut forms = vec![
        secret.to_owned(),
        HEXLOWER.encode(bytes),
        BASE32_NOPAD.encode(bytes),
        BASE64.encode(bytes),
        BASE64URL_NOPAD.encode(bytes),
        secret.replace('-', ""),
    ];
    let raw = [BASE32_NOPAD.decode(bytes), BASE64URL_NOPAD.decode(bytes), HEXLOWER.decode(bytes)];
    let raw: Vec<Vec<u8>> = raw.into_iter().flatten().collect();
    forms.extend(raw.iter().flat_map(|raw| [HEXLOWER.encode(raw), BASE64.encode(raw)]));
    forms.into_iter().map(String::into_bytes).chain(raw).collect()
}

/// The header of a trace, of a later version: what follows it is not for the log.
const TRACE: &str = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-behind-the-trace";

/// A whole life: registration, enrolment, logins by every way, mistakes, and out again. The secrets and the codes.
async fn live(service: &Service, smtp: &SmtpSink) -> (Vec<String>, Vec<String>) {
    let browser = Browser::new(service.url(), Clock::system()).always("traceparent", TRACE);
    let random = || HEXLOWER.encode(&rand::random::<[u8; 12]>());
    let (password, wrong_password) = (random(), random());
    let email = "ada@example.com";
    let credentials = json!({ "name": "Ada", "email": email, "password": password });
    browser.post("/api/auth/register", credentials.clone()).await.assert_status(201);
    let wrong = json!({ "email": email, "password": wrong_password });
    log_in_twice(&browser, wrong, credentials.clone()).await;
    let mut secrets = vec![password.clone(), wrong_password];
    secrets.extend(browser.cookie("twofold_session"));

    let offer = browser.post("/api/auth/otp/generate", json!({})).await.json();
    let base32 = offer["base32"].as_str().unwrap().to_owned();
    let phone = Phone::typed(&base32);
    let now = || Clock::system().now();
    let code = phone.code_at(now());
    let proved = browser.post("/api/auth/otp/verify", json!({ "token": code })).await;
    let recovery = proved.assert_status(200).json()["recovery_codes"].clone();
    secrets.extend(recovery.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()));
    secrets.push(base32);
    secrets.extend(browser.cookie("twofold_session"));

    browser.post("/api/auth/login", credentials).await.assert_status(200);
    secrets.extend(browser.cookie("twofold_login"));
    let next: Moment = now() + chrono::TimeDelta::seconds(30);
    let wrong_code = phone.wrong_code_at(now());
    browser.validate(&wrong_code).await.assert_status(400);
    let second_code = phone.code_at(next);
    let form = json!({ "token": second_code, "remember_device": true });
    browser.post("/api/auth/otp/validate", form).await.assert_status(200);
    secrets.extend(["twofold_session", "twofold_device"].map(|name| browser.cookie(name).unwrap()));

    let basic = format!("Basic {}", BASE64.encode(format!("{email}:{password}").as_bytes()));
    secrets.push(trade(&browser, &basic, &secrets[4], 200).await);
    trade(&browser, &basic, &second_code, 401).await;
    secrets.extend(change_everything(&browser, service, &password).await);
    secrets.extend(mailed(&browser, smtp, email).await);
    (secrets, vec![code, wrong_code, second_code])
}

/// A login that fails, and one that does not.
async fn log_in_twice(browser: &Browser, wrong: Value, right: Value) {
    browser.post("/api/auth/login", wrong).await.assert_status(400);
    browser.post("/api/auth/login", right).await.assert_status(200);
}

/// Verifies the address and asks for a reset; the tokens of the links.
async fn mailed(browser: &Browser, smtp: &SmtpSink, email: &str) -> [String; 3] {
    let mail = smtp.next_to(email).await;
    let [verify, disown] = ["verify", "disown"].map(|page| mail.token_for(page).to_owned());
    let form = json!({ "token": verify });
    browser.post("/api/auth/email/verify", form).await.assert_status(204);
    browser.post("/api/auth/password/forgot", json!({ "email": email })).await.assert_status(202);
    // Notices of what happened before may come first, now that the address is verified.
    let mut mail = smtp.next_to(email).await;
    while mail.kind() != "reset" {
        mail = smtp.next_to(email).await;
    }
    [verify, disown, mail.token_for("reset").to_owned()]
}

/// Adds a passkey and signs in with it; its challenges and the tokens.
async fn passkey(browser: &Browser, service: &Service) -> Vec<String> {
    let mut key = verifying();
    key.origin = service.url().replace("127.0.0.1", "localhost");
    let options = creation_options(browser).await;
    let mut secrets = vec![options["challenge"].as_str().unwrap().to_owned()];
    let form = json!({ "credential": key.create(&options) });
    browser.post("/api/auth/passkeys", form).await.assert_status(201);
    let options = request_options(browser).await;
    secrets.push(options["challenge"].as_str().unwrap().to_owned());
    secrets.extend(browser.cookie("twofold_passkey"));
    answer(browser, &key.get(&options)).await.assert_status(200);
    secrets.extend(browser.cookie("twofold_session"));
    secrets
}

/// Renews the recovery codes, changes the password, proves both and adds a passkey; the new secrets.
async fn change_everything(browser: &Browser, service: &Service, password: &str) -> Vec<String> {
    let renewed = browser.post("/api/auth/otp/recovery-codes", json!({})).await;
    let renewed = renewed.assert_status(200).json()["recovery_codes"].clone();
    let mut secrets = issue(browser).await;
    secrets.extend(renewed.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()));
    let another = HEXLOWER.encode(&rand::random::<[u8; 12]>());
    let change = json!({ "current_password": password, "new_password": another });
    browser.put("/api/auth/password", change).await.assert_status(204);
    let again = json!({ "password": another, "token": secrets[secrets.len() - 1] });
    browser.post("/api/auth/reauthenticate", again).await.assert_status(200);
    secrets.push(another);
    secrets.extend(browser.cookie("twofold_session"));
    browser.get("/api/auth/otp/qr").await.assert_status(404);
    secrets.extend(passkey(browser, service).await);
    secrets
}

/// Trades credentials and a code for a bearer token, where the code is right.
async fn trade(browser: &Browser, basic: &str, otp: &str, status: u16) -> String {
    let call = Call::new("POST", &format!("/auth/credentials?otp={otp}"));
    let answer = browser.copy().send(call.header("authorization", basic)).await;
    answer.assert_status(status).json()["token"].as_str().unwrap_or_default().to_owned()
}

/// A token for another service, which one with a wrong and one with its right secret asks about.
async fn issue(browser: &Browser) -> Vec<String> {
    let asked = json!({ "audience": "billing" });
    let issued = browser.post("/api/auth/token", asked).await.assert_status(200).json();
    let token = issued["token"].as_str().unwrap().to_owned();
    let (name, secret) = tokens::BILLING;
    let wrong = "wrong-secret-of-thirty-two-characters";
    for (secret, status) in [(wrong, 401), (secret, 200)] {
        let basic = format!("Basic {}", BASE64.encode(format!("{name}:{secret}").as_bytes()));
        let call = tokens::question(&format!("token={token}")).header("authorization", &basic);
        browser.copy().send(call).await.assert_status(status);
    }
    let signature = token.rsplit('.').next().unwrap().to_owned();
    vec![token, signature, secret.to_owned(), wrong.to_owned()]
}

/// A signing key as the setting has it, and its private number.
fn secrets_of_key(setting: &str) -> [String; 2] {
    let (_, key) = setting.split_once(':').unwrap();
    let der = BASE64.decode(key.as_bytes()).unwrap();
    [key.to_owned(), HEXLOWER.encode(&der[36..68])]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_found_in_the_database_or_in_the_log() {
    let mongod = Mongod::temporary(env!("CARGO_TARGET_TMPDIR")).start().await.unwrap();
    let smtp = SmtpSink::start().await;
    let signing_key = tokens::signing_key();
    let mut service = logging_all(&mongod.uri(), &smtp, &signing_key).await;
    let (mut secrets, codes) = live(&service, &smtp).await;
    secrets.extend(secrets_of_key(&signing_key));
    secrets.push("behind-the-trace".to_owned());
    assert!(secrets.len() > 15);
    assert!(secrets.iter().all(|secret| secret.len() >= 12));
    // With the service's end the last events are written.
    assert_eq!(service.terminate().await.unwrap().code(), Some(0));
    let mut stored = Vec::new();
    dump(&mongod.uri()).await.into_iter().for_each(|one| leaves(&Bson::Document(one), &mut stored));
    assert!(stored.len() > 20);
    let log = service.log();
    assert!(log.contains("request completed"));
    assert!(log.contains("trace_id=4bf92f3577b34da6a3ce929d0e0e4736 "));

    for secret in &secrets {
        for form in forms(secret) {
            let needle = form.as_slice();
            let is_logged = log.as_bytes().windows(needle.len()).any(|part| part == needle);
            assert!(!is_logged, "a secret is in the log");
            let found =
                stored.iter().any(|leaf| leaf.windows(needle.len()).any(|part| part == needle));
            assert!(!found, "a secret is in the database");
        }
    }
    for code in &codes {
        assert!(!stored.contains(&code.clone().into_bytes()), "a code is in the database");
        for field in [format!("={code} "), format!("\"{code}\""), format!("otp={code}")] {
            assert!(!log.contains(&field), "a code is in the log");
        }
    }
}

#[tokio::test]
async fn a_sealed_secret_does_not_open_in_another_account() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let eve = app.register("eve").await.with_totp().await;
    let stolen = app.stored(&ada).await.get_document("totp").unwrap().clone();
    let copy = doc! { "$set": { "totp.secret": stolen.get("secret").unwrap() } };
    let users = app.collection("users").await;
    users.update_one(doc! { "email": &eve.email }, copy).await.unwrap();
    let browser = app.browser();
    browser.log_in(&eve).await.assert_status(200);
    let answer = browser.validate(&app.next_code(&ada)).await;
    answer.assert_problem(500, "internal_error");
    assert!(browser.cookie("twofold_session").is_none());
}

#[tokio::test]
async fn production_is_refused_on_what_is_fit_for_development() {
    let dotenv = include_str!("../../.env");
    let settings = dotenv.lines().filter_map(|line| line.split_once('='));
    let mut check = program();
    check.arg("check-config").envs(settings);
    let checked = output(check.env("APP_ENV", "production").env("CLIENT_ORIGIN", "*"));
    assert!(!checked.status.success());
    let reported = String::from_utf8(checked.stderr).unwrap();
    let secrets = ["DATABASE_URL", "SEALING_KEYS", "SIGNING_KEYS", "SERVICES"];
    for name in secrets.into_iter().chain(["PUBLIC_ORIGIN", "CLIENT_ORIGIN"]) {
        assert!(reported.contains(&format!("\n  {name} ")), "{name} is missing in {reported}");
    }
    for secret in ["password123", "dHdvZm9sZC", "MIGH", "development-only"] {
        assert!(!reported.contains(secret), "{secret} is in {reported}");
    }
}

#[tokio::test]
async fn every_fault_of_the_settings_is_reported_at_once_and_a_secret_may_come_from_a_file() {
    let checked = output(program().arg("serve").env("PORT", "eighty").env("SESSION_IDLE", "soon"));
    let reported = String::from_utf8(checked.stderr).unwrap();
    for name in [
        "PORT",
        "SESSION_IDLE",
        "DATABASE_URL",
        "SEALING_KEYS",
        "MONGO_INITDB_DATABASE",
        "PUBLIC_ORIGIN",
    ] {
        assert!(reported.contains(&format!("\n  {name} ")), "{name} is missing in {reported}");
    }
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("sealing-keys");
    std::fs::write(&file, "from-file:dGhlIHNlYWxpbmcga2V5IG9mIHRoZSB0ZXN0IHN1aXQ=\n").unwrap();
    let checked = output(
        program()
            .arg("check-config")
            .env("DATABASE_URL", "mongodb://localhost")
            .env("MONGO_INITDB_DATABASE", "twofold")
            .env("PUBLIC_ORIGIN", "https://auth.example.com")
            .env("SEALING_KEYS_FILE", &file),
    );
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

//! The Basic → Bearer contract.

use serde_json::{Value, json};
use url::Url;

use crate::harness::{Answer, Browser, Call, Person, Phone, TestApp, read_qr_code};

async fn exchange(app: &TestApp, query: &str, authorization: Option<&str>) -> Answer {
    let call = Call::new("POST", &format!("/auth/credentials{query}"));
    let call = match authorization {
        Some(value) => call.header("authorization", value),
        None => call,
    };
    app.browser().send(call).await
}

/// A refusal, exactly as the contract fixes it.
#[track_caller]
fn assert_refused(answer: &Answer, status: i64) {
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json(), json!({ "token": Value::Null, "status": status }));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let challenge = answer.header("www-authenticate");
    assert_eq!(challenge, Some(r#"Basic realm="twofold", charset="UTF-8""#));
}

async fn bearer(app: &TestApp, person: &Person, otp: &str) -> Browser {
    let query = if otp.is_empty() { String::new() } else { format!("?otp={otp}") };
    let answer = exchange(app, &query, Some(&person.basic())).await;
    let body = answer.assert_status(200).json();
    assert_eq!(body["status"], 0);
    app.browser().bearer(body["token"].as_str().unwrap())
}

/// Switches the authenticator on and reads the secret off the picture, with a decoder that is not
/// the service's own.
async fn switched_on(app: &TestApp, person: &Person) -> (Browser, Vec<String>, Phone) {
    let bearer = bearer(app, person, "").await;
    let answer = bearer.put("/auth/otp/enable", json!({ "enabled": true })).await;
    let body = answer.assert_status(200).json();
    assert_eq!(body["otp_enabled"], true);
    let codes = body["recovery_codes"].as_array().unwrap();
    let codes: Vec<String> = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    let picture = bearer.get("/auth/otp/generate").await;
    assert_eq!(picture.assert_status(200).header("content-type"), Some("image/png"));
    let uri = Url::parse(&read_qr_code(&picture.body)).unwrap();
    let (_, secret) = uri.query_pairs().find(|(name, _)| name == "secret").unwrap();
    (bearer, codes, Phone::typed(&secret))
}

#[tokio::test]
async fn credentials_are_traded_for_a_token() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let whoami = bearer(&app, &ada, "").await.get("/whoami").await;
    assert_eq!(whoami.assert_status(200).json(), json!(ada.email));
    assert_eq!(bearer(&app, &ada, "123456").await.get("/whoami").await.status, 200);
}

#[tokio::test]
async fn what_are_no_credentials_is_refused_with_status_three() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    assert_refused(&exchange(&app, "", None).await, 3);
    let encode = |text: &str| format!("Basic {}", data_encoding::BASE64.encode(text.as_bytes()));
    for header in [
        "Basic",
        "Basic !!!",
        "Bearer abc",
        &encode("ada@example.com"),
        &encode("ada@example.com:wrong password"),
        &encode("nobody@example.com:a long password"),
        &encode("ada:short"),
        &encode(":"),
    ] {
        assert_refused(&exchange(&app, "?otp=123456", Some(header)).await, 3);
    }
    assert_eq!(
        exchange(&app, "?otp=", Some(&ada.basic().replace("Basic", "bAsIc"))).await.status,
        200
    );
}

#[tokio::test]
async fn a_code_is_due_once_there_is_an_authenticator() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let basic = ada.basic();
    assert_refused(&exchange(&app, "", Some(&basic)).await, 1);
    assert_refused(&exchange(&app, "?otp=", Some(&basic)).await, 1);
    let wrong = ada.phone().wrong_code_at(app.clock.now());
    assert_refused(&exchange(&app, &format!("?otp={wrong}"), Some(&basic)).await, 2);
    assert_refused(&exchange(&app, &format!("?otp={}", "1".repeat(65)), Some(&basic)).await, 2);
    let code = app.next_code(&ada);
    bearer(&app, &ada, &code).await.get("/api/auth/me").await.assert_status(200);
    assert_refused(&exchange(&app, &format!("?otp={code}"), Some(&basic)).await, 2);
    bearer(&app, &ada, &ada.recovery_codes[0].to_uppercase()).await;
    let used = format!("?otp={}", ada.recovery_codes[0]);
    assert_refused(&exchange(&app, &used, Some(&basic)).await, 2);
}

#[tokio::test]
async fn switching_on_takes_effect_at_once_and_again_changes_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let (bearer, codes, _) = switched_on(&app, &ada).await;
    assert_eq!(codes.len(), 10);
    assert_refused(&exchange(&app, "", Some(&ada.basic())).await, 1);
    let again = bearer.put("/auth/otp/enable", json!({ "enabled": true })).await;
    assert_eq!(again.assert_status(200).json(), json!({ "otp_enabled": true }));
    for _ in 0..2 {
        let off = bearer.put("/auth/otp/enable", json!({ "enabled": false })).await;
        assert_eq!(off.assert_status(200).json(), json!({ "otp_enabled": false }));
    }
    bearer.get("/auth/otp/generate").await.assert_problem(409, "otp_not_enabled");
    assert_eq!(exchange(&app, "", Some(&ada.basic())).await.status, 200);
}

#[tokio::test]
async fn the_first_right_code_confirms_and_ends_every_other_session() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let (half, _, phone) = switched_on(&app, &ada).await;
    let browser = app.browser();
    let user = browser.log_in(&ada).await.json()["user"].clone();
    assert_eq!((&user["otp_enabled"], &user["otp_verified"]), (&json!(true), &json!(false)));
    browser.validate(&phone.code_at(app.clock.now())).await.assert_status(200);
    half.get("/whoami").await.assert_problem(401, "not_authenticated");
    let me = browser.get("/api/auth/me").await.json();
    assert_eq!(me["user"]["otp_verified"], true);

    app.advance(chrono::TimeDelta::seconds(30));
    let full = bearer(&app, &ada, &phone.code_at(app.clock.now())).await;
    full.get("/auth/otp/generate").await.assert_problem(409, "otp_already_verified");
}

#[tokio::test]
async fn a_recovery_code_opens_a_session_that_confirms_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let (half, codes, _) = switched_on(&app, &ada).await;
    let recovered = bearer(&app, &ada, &codes[0]).await;
    let me = recovered.get("/api/auth/me").await.json();
    assert_eq!(
        (&me["session"]["aal"], &me["user"]["otp_verified"]),
        (&json!("aal2"), &json!(false))
    );
    recovered.get("/auth/otp/generate").await.assert_status(200);
    half.get("/whoami").await.assert_status(200);
}

//! Binding an authenticator, replacing it, unbinding it.

use chrono::TimeDelta;
use serde_json::{Value, json};
use url::Url;

use crate::harness::{Browser, Phone, TestApp};

async fn generate(browser: &Browser) -> (Phone, Url, String) {
    let offer = browser.post("/api/auth/otp/generate", json!({})).await.assert_status(200).json();
    let base32 = offer["base32"].as_str().unwrap().to_owned();
    let uri = Url::parse(offer["otpauth_url"].as_str().unwrap()).unwrap();
    (Phone::typed(&base32), uri, base32)
}

async fn verify(browser: &Browser, token: &str) -> crate::harness::Answer {
    browser.post("/api/auth/otp/verify", json!({ "token": token })).await
}

#[tokio::test]
async fn the_offer_reads_back_as_what_it_says() {
    let app = TestApp::with([("OTP_ISSUER", "Two Fold & Co")]).await;
    let ada = app.signed_in("ada+tag").await;
    let (_, uri, base32) = generate(&ada.browser).await;
    assert_eq!(base32.len(), 32);
    assert!(base32.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7')));
    assert_eq!((uri.scheme(), uri.host_str()), ("otpauth", Some("totp")));
    assert!(!uri.as_str().contains('+') && uri.as_str().contains("Two%20Fold%20"));
    let label = percent_decoded(uri.path().trim_start_matches('/'));
    assert_eq!(label, "Two Fold & Co:ada+tag@example.com");
    let parameter = |name: &str| {
        uri.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    assert_eq!(parameter("secret").unwrap(), base32);
    assert_eq!(parameter("issuer").unwrap(), "Two Fold & Co");
}

fn percent_decoded(text: &str) -> String {
    // A form's decoder reads a plus as a space; there is none here.
    url::form_urlencoded::parse(format!("x={}", text.replace('&', "%26")).as_bytes())
        .next()
        .unwrap()
        .1
        .into_owned()
}

#[tokio::test]
async fn a_first_right_code_binds_rotates_and_ends_every_other_session() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let elsewhere = app.browser();
    elsewhere.log_in(&ada).await.assert_status(200);
    let before = ada.browser.get("/api/auth/me").await.json()["session"].clone();
    let old = ada.browser.cookie("twofold_session").unwrap();
    app.advance(TimeDelta::minutes(5));
    let (phone, ..) = generate(&ada.browser).await;
    let answer = verify(&ada.browser, &phone.code_at(app.clock.now())).await;
    let body = answer.assert_status(200).json();
    assert_eq!(
        (&body["otp_verified"], &body["user"]["otp_verified"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(body["recovery_codes"].as_array().unwrap().len(), 10);
    assert!(body["user"]["otp_base32"].is_null() && body.get("token").is_none());

    let after = ada.browser.get("/api/auth/me").await.json()["session"].clone();
    assert_eq!((&after["id"], &after["aal"]), (&before["id"], &json!("aal2")));
    elsewhere.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    app.browser().bearer(&old).get("/whoami").await.assert_problem(401, "not_authenticated");
    // It made nothing fresh: the authentication is that of the login, ten minutes later too old.
    app.advance(TimeDelta::minutes(10));
    let late = ada.browser.post("/api/auth/otp/generate", json!({})).await;
    late.assert_problem(403, "reauthentication_required");
}

#[tokio::test]
async fn a_pending_secret_belongs_to_the_session_that_made_it() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let elsewhere = app.browser();
    elsewhere.log_in(&ada).await.assert_status(200);
    let (phone, ..) = generate(&ada.browser).await;
    let code = phone.code_at(app.clock.now());
    for _ in 0..12 {
        verify(&elsewhere, &code).await.assert_problem(400, "otp_invalid");
        verify(&ada.browser, "recovery-code").await.assert_problem(400, "otp_invalid");
    }
    assert_eq!(app.stored(&ada).await.get_document("codes").unwrap().get_i64("failed").unwrap(), 0);
    verify(&ada.browser, &code).await.assert_status(200);
}

#[tokio::test]
async fn a_pending_secret_ends_after_ten_minutes_five_wrong_codes_or_another_offer() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let (first, ..) = generate(&ada.browser).await;
    let (second, ..) = generate(&ada.browser).await;
    verify(&ada.browser, &first.code_at(app.clock.now())).await.assert_problem(400, "otp_invalid");
    app.advance(TimeDelta::minutes(10));
    verify(&ada.browser, &second.code_at(app.clock.now())).await.assert_problem(400, "otp_invalid");

    let (third, ..) = generate(&ada.browser).await;
    for _ in 0..5 {
        let wrong = third.wrong_code_at(app.clock.now());
        verify(&ada.browser, &wrong).await.assert_problem(400, "otp_invalid");
    }
    verify(&ada.browser, &third.code_at(app.clock.now())).await.assert_problem(400, "otp_invalid");
    let counted = app.stored(&ada).await.get_document("codes").unwrap().get_i64("failed").unwrap();
    assert_eq!(counted, 6);
}

#[tokio::test]
async fn an_active_authenticator_works_until_the_new_one_is_proved() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let (new, ..) = generate(&ada.browser).await;
    let login = app.browser();
    login.log_in(&ada).await.assert_status(200);
    login.validate(&app.next_code(&ada)).await.assert_status(200);
    verify(&ada.browser, &new.code_at(app.clock.now())).await.assert_status(200);
    login.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    let again = app.browser();
    again.log_in(&ada).await.assert_status(200);
    again.validate(&app.next_code(&ada)).await.assert_problem(400, "otp_invalid");
    again.validate(&new.code_at(app.clock.now())).await.assert_status(200);
}

#[tokio::test]
async fn a_named_user_must_be_the_session_s_own() {
    let app = TestApp::spawn().await;
    let ada = app.signed_in("ada").await;
    let bea = app.signed_in("bea").await;
    let own = ada.browser.get("/api/auth/me").await.json()["user"]["id"].clone();
    let other =
        bea.browser.get("/api/auth/me").await.json()["user"]["id"].as_str().unwrap().to_owned();
    for path in ["/api/auth/otp/generate", "/api/auth/otp/disable"] {
        let named = |id: Value| {
            let browser = ada.browser.clone();
            async move { browser.post(path, json!({ "user_id": id })).await }
        };
        named(own.clone()).await.assert_status(200);
        named(json!("nonsense"))
            .await
            .assert_problem(400, "invalid_id")
            .assert_detail("Invalid id: nonsense");
        let unknown = named(json!(other)).await;
        unknown.assert_problem(404, "user_not_found");
        unknown.assert_detail(&format!("No user with this id: {other} found"));
        named(json!(7)).await.assert_problem(422, "invalid_fields");
    }
    let (phone, ..) = generate(&ada.browser).await;
    let code = phone.code_at(app.clock.now());
    for id in [json!("nonsense"), json!(other)] {
        let body = json!({ "user_id": id, "token": code });
        ada.browser.post("/api/auth/otp/verify", body).await.assert_problem(400, "otp_invalid");
    }
    let body = json!({ "user_id": own, "token": code, "email": "ignored" });
    ada.browser.post("/api/auth/otp/verify", body).await.assert_status(200);
}

#[tokio::test]
async fn disabling_ends_the_others_and_asks_for_no_code_any_more() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await.with_totp().await;
    let elsewhere = app.browser();
    elsewhere.log_in(&ada).await.assert_status(200);
    elsewhere.validate(&app.next_code(&ada)).await.assert_status(200);
    for _ in 0..2 {
        let answer = ada.browser.post("/api/auth/otp/disable", json!({})).await;
        let body = answer.assert_status(200).json();
        assert_eq!(
            (&body["otp_disabled"], &body["user"]["otp_enabled"]),
            (&json!(true), &json!(false))
        );
    }
    elsewhere.get("/api/auth/me").await.assert_problem(401, "not_authenticated");
    assert_eq!(ada.browser.get("/api/auth/me").await.json()["session"]["aal"], "aal1");
    let browser = app.browser();
    browser.log_in(&ada).await.assert_status(200);
    assert!(browser.cookie("twofold_session").is_some());
    browser.validate("123456").await.assert_problem(401, "otp_not_verified");
}

#[tokio::test]
async fn an_account_changes_its_second_factor_a_hundred_times_an_hour_and_no_more() {
    let app = TestApp::spawn().await;
    let mut ada = app.register("ada").await.with_totp().await;
    let browser = ada.browser.clone();
    // Enrolling began with one.
    for _ in 1..100 {
        browser.post("/api/auth/otp/recovery-codes", json!({})).await.assert_status(200);
    }
    let switch = async |on: bool| browser.put("/auth/otp/enable", json!({ "enabled": on })).await;
    for refused in [
        browser.post("/api/auth/otp/recovery-codes", json!({})).await,
        browser.post("/api/auth/otp/generate", json!({})).await,
        browser.post("/api/auth/otp/disable", json!({})).await,
        switch(false).await,
    ] {
        refused.assert_problem(429, "too_many_attempts");
        assert_eq!(refused.header("retry-after"), Some("3600"));
    }
    // What changes nothing is no change, and another account has a budget of its own.
    switch(true).await.assert_status(200);
    let eve = app.register("eve").await.with_totp().await;
    eve.browser.get("/api/auth/me").await.assert_status(200);

    app.operator(&["users", "unlock", &ada.email]).assert_code(0);
    switch(false).await.assert_status(200);
    for _ in 1..50 {
        switch(true).await.assert_status(200);
        switch(false).await.assert_status(200);
    }
    switch(true).await.assert_status(200);
    switch(false).await.assert_problem(429, "too_many_attempts");
    app.advance(TimeDelta::hours(1));
    ada.browser = app.browser();
    assert_eq!(ada.browser.log_in(&ada).await.status, 200);
}
